// Training as it goes on: server-sent events in, a line and a bar for each project out.
const box = document.getElementById("training");
const list = document.getElementById("runs");
let before = null;

if (box) {
  const stream = new EventSource(box.dataset.stream);
  stream.onmessage = (event) => show(JSON.parse(event.data));
}

function show(runs) {
  const projects = new Set(runs.map((one) => one.project));
  const ended = before && [...before].some((project) => !projects.has(project));
  before = projects;
  if (ended) {
    document.getElementById("ended").hidden = false;
  }
  document.getElementById("none").hidden = runs.length > 0;
  list.replaceChildren(...runs.map(line));
}

function line(run) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  const what = run.state === "queued" ? "waits for its turn" : run.stage || "has begun";
  const counted = run.total ? ` (${run.done} of ${run.total})` : "";
  words.textContent = `Project ${run.project}: ${what}${counted}`;
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", `Training of project ${run.project}`);
  if (run.total) {
    bar.max = run.total;
    bar.value = Math.min(run.done, run.total);
  }
  item.append(words, bar);
  return item;
}
