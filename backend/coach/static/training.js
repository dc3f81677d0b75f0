// Shows running trainings from server-sent events: one line and one progress bar per project.
const training = document.getElementById("training");
const list = document.getElementById("trainings");
let previousProjects = null;

if (training) {
  const stream = new EventSource(training.dataset.stream);
  stream.onmessage = (event) => show(JSON.parse(event.data));
}

function show(trainings) {
  const projects = new Set(trainings.map(({ project }) => project));
  const ended = previousProjects && [...previousProjects].some((project) => !projects.has(project));
  previousProjects = projects;
  if (ended) document.getElementById("training-ended").hidden = false;
  document.getElementById("no-training").hidden = trainings.length > 0;
  list.replaceChildren(...trainings.map(createRow));
}

function createRow({ project, state, stage, done, total }) {
  const row = document.createElement("li");
  const text = document.createElement("span");
  const status = state === "queued" ? "queued" : stage || "started";
  const count = total ? ` (${done} of ${total})` : "";
  text.textContent = `Project ${project}: ${status}${count}`;
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", `Training of project ${project}`);
  if (total) {
    bar.max = total;
    bar.value = Math.min(done, total);
  }
  row.append(text, bar);
  return row;
}
