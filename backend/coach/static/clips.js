// Slow-motion clips: a button to create each one, its progress, and a link to the file.
import { request } from "./api.js";

const POLL_MS = 1000;
const STATES = { waiting: "queued", rendering: "being rendered", failed: "failed" };
const list = document.getElementById("clips");
const message = document.getElementById("clip-message");
let timer = null;
let requestedTarget = null; // of the clip whose state is announced next

if (list) {
  load();
  // corrections change which clips there are; they replace the report on the page
  const report = document.getElementById("report");
  if (report) new MutationObserver(load).observe(report, { childList: true });
}

async function load() {
  clearTimeout(timer);
  let clips;
  try {
    ({ clips } = await request(list.dataset.url));
  } catch {
    message.textContent = "The clips cannot be loaded: reload the page.";
    return;
  }
  const targets = new Set(clips.map((clip) => clip.target));
  for (const row of [...list.children]) if (!targets.has(row.dataset.target)) row.remove();
  clips.forEach(drawRow);
  announce(clips.find((clip) => clip.target === requestedTarget));
  if (clips.some(isInProgress)) timer = setTimeout(load, POLL_MS);
}

function isInProgress(clip) {
  return clip.state === "waiting" || clip.state === "rendering";
}

function drawRow(clip, index) {
  const json = JSON.stringify(clip);
  let row = [...list.children].find((child) => child.dataset.target === clip.target);
  if (row?.dataset.json === json) return;
  const focused = row?.contains(document.activeElement);
  if (!row) {
    row = document.createElement("li");
    row.dataset.target = clip.target;
    list.insertBefore(row, list.children[index] ?? null);
  }
  row.dataset.json = json;
  row.dataset.state = clip.state;
  row.replaceChildren(createElement("span", clip.name), createControl(clip));
  if (focused) row.querySelector("a, button, progress")?.focus();
}

function createControl(clip) {
  if (clip.state === "ready") {
    const link = createElement("a", "Save clip");
    link.href = clip.href;
    link.download = "";
    link.className = "button";
    link.setAttribute("aria-label", `Save clip: ${clip.name}`);
    return link;
  }
  if (isInProgress(clip)) {
    const bar = document.createElement("progress");
    bar.tabIndex = -1;
    bar.setAttribute("aria-label", `${clip.name}: ${STATES[clip.state]}`);
    if (clip.total) {
      bar.max = clip.total;
      bar.value = clip.done;
    }
    return bar;
  }
  const button = createElement("button", clip.state === "failed" ? "Try again" : "Create clip");
  button.type = "button";
  button.setAttribute("aria-label", `${button.textContent}: ${clip.name}`);
  button.addEventListener("click", () => create(clip, button));
  return button;
}

async function create(clip, button) {
  button.disabled = true;
  requestedTarget = clip.target;
  try {
    await request(list.dataset.url, { method: "POST", body: new URLSearchParams({ target: clip.target }) });
  } catch (error) {
    message.textContent = error.message;
    button.disabled = false;
    return;
  }
  message.textContent = `${clip.name}: the clip is being rendered.`;
  load();
}

function announce(clip) {
  if (!clip || isInProgress(clip)) return;
  if (clip.state === "ready") message.textContent = `${clip.name}: the clip is ready.`;
  if (clip.state === "failed") message.textContent = `${clip.name}: ${STATES.failed}. ${clip.reason ?? ""}`;
  requestedTarget = null;
}

function createElement(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
