// The upload page: choose videos, say what they are, and watch them go.
import { ask, Video } from "./upload_video.js";

const form = document.getElementById("upload");
const home = form.dataset.home;
const input = document.getElementById("files");
const chosenList = document.getElementById("chosen");
const start = document.getElementById("start");
const problem = document.getElementById("upload-error");
let chosen = [];
let unfinished = [];
const running = new Map(); // session id -> Video
const ready = refresh();

input.addEventListener("change", () => {
  choose([...input.files]);
  input.value = ""; // the same file may be chosen again
});
const drop = document.getElementById("drop");
for (const kind of ["dragenter", "dragover"])
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
for (const kind of ["dragleave", "drop"])
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.remove("over");
  });
drop.addEventListener("drop", (event) => choose([...event.dataTransfer.files]));
// a video dropped beside the box must not replace the page
for (const kind of ["dragover", "drop"])
  window.addEventListener(kind, (event) => event.preventDefault());

form.rate.addEventListener("change", () => {
  const other = form.rate.value === "other";
  document.getElementById("other").hidden = !other;
  form.other_rate.required = other;
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  start.disabled = true;
  try {
    const other = form.other_rate.value.replace(",", ".");
    const rate = form.rate.value === "other" ? other : form.rate.value;
    const made = await ask("POST", `${home}/uploads/new`, {
      athlete: form.athlete.value,
      exercise: form.exercise.value,
      date: form.date.value,
      capture_fps: rate === "" ? null : Number(rate) || 0,
      consent: form.consent.checked,
      files: chosen.map(({ name, size, lastModified }) => ({
        name, size, modified: lastModified,
      })),
    });
    const files = chosen;
    chosen = [];
    say("");
    for (const session of made.sessions) run(session, files);
    form.consent.checked = false;
  } catch (error) {
    say(error.message);
  }
  showChosen();
});

window.addEventListener("beforeunload", (event) => {
  if ([...running.values()].some((video) => video.busy)) event.preventDefault();
});

async function choose(files) {
  await ready; // what is not finished yet is known then
  say("");
  const fresh = files.filter((file) => !chosen.some((one) => same(one, file)));
  const begun = [...running.values()].map((video) => video.left());
  for (const session of [...begun, ...unfinished]) {
    const missing = session.chapters.filter((chapter) => chapter.offset < chapter.size);
    const found = missing.map((chapter) => fresh.find((file) => fits(chapter, file)));
    if (missing.length && found.some(Boolean)) {
      for (const file of found.filter(Boolean)) fresh.splice(fresh.indexOf(file), 1);
      run(session, found.filter(Boolean));
    }
  }
  chosen.push(...fresh);
  showChosen();
}

function run(session, files) {
  if (!running.has(session.session_id)) {
    const video = new Video(home, session, () => running.delete(session.session_id));
    running.set(session.session_id, video);
    document.getElementById("uploads").append(video.row);
    document.getElementById("running").hidden = false;
  }
  const video = running.get(session.session_id);
  for (const chapter of session.chapters) {
    const file = files.find((one) => fits(chapter, one));
    if (file) video.give(chapter, file);
  }
  video.go();
  unfinished = unfinished.filter((one) => one.session_id !== session.session_id);
  showUnfinished();
}

async function refresh() {
  try {
    unfinished = (await ask("GET", `${home}/uploads/unfinished`)).sessions;
  } catch (error) {
    say(error.message);
  }
  showUnfinished();
}

function showChosen() {
  chosenList.replaceChildren(
    ...chosen.map((file) => {
      const row = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "quiet";
      remove.textContent = "Remove";
      remove.setAttribute("aria-label", `Remove ${file.name}`);
      remove.addEventListener("click", () => {
        chosen = chosen.filter((one) => one !== file);
        showChosen();
      });
      row.append(file.name, remove);
      return row;
    }),
  );
  start.disabled = !chosen.length;
  start.textContent = chosen.length > 1 ? `Upload ${chosen.length} files` : "Upload";
}

function showUnfinished() {
  document.getElementById("unfinished").hidden = !unfinished.length;
  document.getElementById("unfinished-list").replaceChildren(
    ...unfinished.map((session) => {
      const row = document.createElement("li");
      const here = session.chapters.reduce((sum, chapter) => sum + chapter.offset, 0);
      const whole = session.chapters.reduce((sum, chapter) => sum + chapter.size, 0);
      const names = session.chapters
        .filter((chapter) => chapter.offset < chapter.size)
        .map((chapter) => chapter.name);
      const told = document.createElement("span");
      told.textContent =
        `${names.join(", ")} · ${session.athlete}, ${session.exercise}, ${session.date} · ` +
        `${Math.floor((100 * here) / whole)} % here`;
      const give = document.createElement("button");
      give.type = "button";
      give.textContent = "Give up";
      give.setAttribute("aria-label", `Give up ${names.join(", ")}`);
      give.addEventListener("click", async () => {
        try {
          await ask("DELETE", `${home}/uploads/${session.session_id}`);
        } catch (error) {
          say(error.message);
        }
        await refresh();
      });
      row.append(told, give);
      return row;
    }),
  );
}

function fits(chapter, file) {
  return (
    chapter.name === file.name &&
    chapter.size === file.size &&
    chapter.modified === file.lastModified
  );
}

function same(one, other) {
  return (
    one.name === other.name &&
    one.size === other.size &&
    one.lastModified === other.lastModified
  );
}

function say(sentence) {
  problem.textContent = sentence;
  problem.hidden = !sentence;
}
