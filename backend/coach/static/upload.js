// The upload page: choose videos, enter their details, watch the progress.
import { request } from "./api.js";
import { VideoUpload } from "./upload_video.js";

const form = document.getElementById("upload");
const home = form.dataset.home;
const fileInput = document.getElementById("files");
const chosenList = document.getElementById("chosen");
const startButton = document.getElementById("start");
const error = document.getElementById("upload-error");
const dropZone = document.getElementById("drop-zone");
let chosenFiles = [];
let unfinished = []; // interrupted uploads, as the server lists them
const running = new Map(); // session id -> VideoUpload
const loaded = loadUnfinished();

fileInput.addEventListener("change", () => {
  addFiles([...fileInput.files]);
  fileInput.value = ""; // the same file can be chosen again
});
for (const type of ["dragenter", "dragover"])
  dropZone.addEventListener(type, (event) => {
    event.preventDefault();
    dropZone.classList.add("dragging");
  });
for (const type of ["dragleave", "drop"])
  dropZone.addEventListener(type, (event) => {
    event.preventDefault();
    dropZone.classList.remove("dragging");
  });
dropZone.addEventListener("drop", (event) => addFiles([...event.dataTransfer.files]));
// a video dropped outside the zone must not replace the page
for (const type of ["dragover", "drop"])
  window.addEventListener(type, (event) => event.preventDefault());

form.rate.addEventListener("change", () => {
  const isOther = form.rate.value === "other";
  document.getElementById("other-rate-field").hidden = !isOther;
  form.other_rate.required = isOther;
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  startButton.disabled = true;
  try {
    const otherRate = form.other_rate.value.replace(",", ".");
    const rate = form.rate.value === "other" ? otherRate : form.rate.value;
    const { sessions } = await request(`${home}/uploads/new`, {
      method: "POST",
      body: {
        athlete: form.athlete.value,
        exercise: form.exercise.value,
        date: form.date.value,
        capture_fps: rate === "" ? null : Number(rate) || 0,
        consent: form.consent.checked,
        files: chosenFiles.map(({ name, size, lastModified }) => ({ name, size, modified: lastModified })),
      },
    });
    const files = chosenFiles;
    chosenFiles = [];
    showError("");
    for (const session of sessions) startUpload(session, files);
    form.consent.checked = false;
  } catch (failure) {
    showError(failure.message);
  }
  showChosen();
});

window.addEventListener("beforeunload", (event) => {
  if ([...running.values()].some((upload) => upload.active)) event.preventDefault();
});

// Files of interrupted uploads continue those; the others are added to the list.
async function addFiles(files) {
  await loaded;
  showError("");
  const newFiles = files.filter((file) => !chosenFiles.some((chosen) => isSameFile(chosen, file)));
  const started = [...running.values()].map((upload) => upload.currentSession());
  for (const session of [...started, ...unfinished]) {
    const missing = session.chapters.filter((chapter) => chapter.offset < chapter.size);
    const matching = missing.map((chapter) => newFiles.find((file) => isChapter(chapter, file))).filter(Boolean);
    if (matching.length) {
      for (const file of matching) newFiles.splice(newFiles.indexOf(file), 1);
      startUpload(session, matching);
    }
  }
  chosenFiles.push(...newFiles);
  showChosen();
}

function startUpload(session, files) {
  if (!running.has(session.session_id)) {
    const upload = new VideoUpload(home, session, () => running.delete(session.session_id));
    running.set(session.session_id, upload);
    document.getElementById("uploads").append(upload.row);
    document.getElementById("running").hidden = false;
  }
  const upload = running.get(session.session_id);
  for (const chapter of session.chapters) {
    const file = files.find((candidate) => isChapter(chapter, candidate));
    if (file) upload.addFile(chapter, file);
  }
  upload.start();
  unfinished = unfinished.filter((other) => other.session_id !== session.session_id);
  showUnfinished();
}

async function loadUnfinished() {
  try {
    unfinished = (await request(`${home}/uploads/unfinished`)).sessions;
  } catch (failure) {
    showError(failure.message);
  }
  showUnfinished();
}

function showChosen() {
  chosenList.replaceChildren(
    ...chosenFiles.map((file) => {
      const row = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "secondary";
      remove.textContent = "Remove";
      remove.setAttribute("aria-label", `Remove ${file.name}`);
      remove.addEventListener("click", () => {
        chosenFiles = chosenFiles.filter((chosen) => chosen !== file);
        showChosen();
      });
      row.append(file.name, remove);
      return row;
    }),
  );
  startButton.disabled = !chosenFiles.length;
  startButton.textContent = chosenFiles.length > 1 ? `Upload ${chosenFiles.length} files` : "Upload";
}

function showUnfinished() {
  document.getElementById("unfinished").hidden = !unfinished.length;
  document.getElementById("unfinished-list").replaceChildren(...unfinished.map(createUnfinishedRow));
}

function createUnfinishedRow(session) {
  const row = document.createElement("li");
  const received = session.chapters.reduce((sum, chapter) => sum + chapter.offset, 0);
  const size = session.chapters.reduce((sum, chapter) => sum + chapter.size, 0);
  const names = session.chapters
    .filter((chapter) => chapter.offset < chapter.size)
    .map((chapter) => chapter.name)
    .join(", ");
  const text = document.createElement("span");
  text.textContent =
    `${names} · ${session.athlete}, ${session.exercise}, ${session.date} · ` +
    `${Math.floor((100 * received) / size)} % received`;
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.textContent = "Cancel";
  cancel.setAttribute("aria-label", `Cancel upload of ${names}`);
  cancel.addEventListener("click", async () => {
    try {
      await request(`${home}/uploads/${session.session_id}`, { method: "DELETE" });
    } catch (failure) {
      showError(failure.message);
    }
    await loadUnfinished();
  });
  row.append(text, cancel);
  return row;
}

function isChapter(chapter, file) {
  return chapter.name === file.name && chapter.size === file.size && chapter.modified === file.lastModified;
}

function isSameFile(a, b) {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

function showError(message) {
  error.textContent = message;
  error.hidden = !message;
}
