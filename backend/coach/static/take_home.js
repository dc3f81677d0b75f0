// Slow-motion clips: a button for each, how far it is, and the file once it is there.
const list = document.getElementById("clips");
const news = document.getElementById("clip-news");
const csrf = document.querySelector('meta[name="csrf"]').content;
const WORDS = { waiting: "waiting for its turn", making: "being made", failed: "could not be made" };
let timer = null;
let asked = null; // the clip whose button was pressed last, to say when it is there

if (list) {
  load();
  // a correction changes what can be clipped; the answer on the page is put in anew then
  const answer = document.getElementById("answer");
  if (answer) new MutationObserver(load).observe(answer, { childList: true });
}

async function load() {
  clearTimeout(timer);
  let clips;
  try {
    const response = await fetch(list.dataset.at, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.status);
    ({ clips } = await response.json());
  } catch {
    news.textContent = "The clips cannot be shown now: load the page again.";
    return;
  }
  for (const clip of clips) draw(clip);
  const known = new Set(clips.map((clip) => clip.what));
  for (const row of [...list.children]) if (!known.has(row.dataset.what)) row.remove();
  tell(clips.find((clip) => clip.what === asked));
  if (clips.some((clip) => clip.state === "waiting" || clip.state === "making")) timer = setTimeout(load, 1000);
}

function draw(clip) {
  const now = JSON.stringify(clip);
  let row = [...list.children].find((each) => each.dataset.what === clip.what);
  if (row?.dataset.now === now) return;
  const focused = row?.contains(document.activeElement);
  if (!row) {
    row = document.createElement("li");
    row.dataset.what = clip.what;
    list.append(row);
  }
  row.dataset.now = now;
  row.dataset.state = clip.state;
  row.replaceChildren(text("span", clip.name), control(clip));
  if (focused) row.querySelector("a, button, progress")?.focus();
}

function control(clip) {
  if (clip.state === "ready") {
    const link = text("a", "Save clip");
    link.href = clip.href;
    link.download = "";
    link.className = "button";
    link.setAttribute("aria-label", `Save clip: ${clip.name}`);
    return link;
  }
  if (clip.state === "waiting" || clip.state === "making") {
    const bar = document.createElement("progress");
    bar.tabIndex = -1;
    bar.setAttribute("aria-label", `${clip.name}: ${WORDS[clip.state]}`);
    if (clip.total) {
      bar.max = clip.total;
      bar.value = clip.done;
    }
    return bar;
  }
  const button = text("button", clip.state === "failed" ? "Try again" : "Make clip");
  button.type = "button";
  button.setAttribute("aria-label", `${button.textContent}: ${clip.name}`);
  button.addEventListener("click", () => make(clip, button));
  return button;
}

async function make(clip, button) {
  button.disabled = true;
  asked = clip.what;
  const body = new URLSearchParams({ what: clip.what });
  const headers = { "X-CSRF-Token": csrf, Accept: "application/json" };
  const response = await fetch(list.dataset.at, { method: "POST", body, headers }).catch(() => null);
  if (response?.ok) {
    news.textContent = `${clip.name}: the clip is being made.`;
    return load();
  }
  const told = await response?.json().catch(() => null);
  news.textContent = told?.error?.message ?? "The clip cannot be asked for now: try again.";
  button.disabled = false;
}

function tell(clip) {
  if (!clip || clip.state === "waiting" || clip.state === "making") return;
  if (clip.state === "ready") news.textContent = `${clip.name}: the clip is ready.`;
  if (clip.state === "failed") news.textContent = `${clip.name}: ${WORDS.failed}. ${clip.why ?? ""}`;
  asked = null;
}

function text(kind, words) {
  const made = document.createElement(kind);
  made.textContent = words;
  return made;
}
