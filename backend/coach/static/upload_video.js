// One video on its way: its chapters one after the other, by the tus protocol (global `tus`).
const csrf = document.querySelector("meta[name=csrf]").content;
const PART_BYTES = 64 * 2 ** 20; // after each part the server says that its disk has it
const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000];
const SPEED_OVER_MS = 5000;

export async function ask(method, address, body) {
  const headers = { "X-CSRF-Token": csrf, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error("The server cannot be reached: try again in a moment.");
  }
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error?.message ?? `The server said ${answer.status}.`);
  return told;
}

export class Video {
  constructor(home, session, gone) {
    this.home = home;
    this.session = session;
    this.gone = gone;
    this.files = new Map(); // chapter's address -> File
    this.sent = new Map(session.chapters.map((one) => [one.upload, one.offset]));
    this.whole = session.chapters.reduce((sum, one) => sum + one.size, 0);
    this.seen = [];
    this.busy = false;
    const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.row = row;
    this.part = (name) => row.querySelector(`.${name}`);
    this.bar = row.querySelector("progress");
    const name = session.chapters.map((one) => one.name).join(" + ");
    this.part("name").textContent = name;
    this.bar.setAttribute("aria-label", name);
    this.part("pause").addEventListener("click", () => (this.busy ? this.pause() : this.go()));
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.show();
  }

  left() {
    const chapters = this.session.chapters.map((one) => ({
      ...one, offset: this.sent.get(one.upload),
    }));
    return { ...this.session, chapters };
  }

  give(chapter, file) {
    this.files.set(chapter.upload, file);
  }

  go() {
    if (this.busy) return;
    const next = this.session.chapters.find((one) => this.sent.get(one.upload) < one.size);
    if (!next) return this.finish();
    const file = this.files.get(next.upload);
    if (!file) return this.stop("waiting", `Choose ${next.name} as well, and it goes on.`);
    this.busy = true;
    this.seen = [];
    this.stop("uploading", "");
    this.upload = new tus.Upload(file, {
      uploadUrl: next.upload,
      chunkSize: PART_BYTES,
      retryDelays: RETRY_MS,
      headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        const again = status === 0 || status >= 500 || status === 409 || status === 423;
        if (again && status !== 507) this.state("reconnecting");
        return again && status !== 507;
      },
      onProgress: (sent) => {
        this.sent.set(next.upload, sent);
        this.state("uploading");
        this.show();
      },
      onSuccess: () => {
        this.busy = false;
        this.sent.set(next.upload, next.size);
        this.show();
        this.go();
      },
      onError: (error) => this.failed(error),
    });
    this.upload.start();
  }

  async pause() {
    this.busy = false;
    await this.upload?.abort();
    this.seen = [];
    this.show();
    this.stop("paused", "");
  }

  async cancel() {
    await this.pause();
    try {
      await ask("DELETE", `${this.home}/uploads/${this.session.session_id}`);
    } catch (error) {
      return this.stop("paused", error.message);
    }
    this.row.remove();
    this.gone();
  }

  failed(error) {
    this.busy = false;
    let told = "The server cannot be reached. Press Go on when you are online again.";
    try {
      told = JSON.parse(error.originalResponse.getBody()).error.message;
    } catch {
      const status = error.originalResponse?.getStatus();
      if (status === 401) told = "You are signed out: sign in again, then choose the file again.";
      else if (status) told = `The server refused it (${status}). Load the page again.`;
    }
    this.stop("broken off", told);
  }

  finish() {
    this.stop("uploaded", "");
    this.part("pause").hidden = this.part("cancel").hidden = true;
    this.part("detail").textContent = "The video is here and waits to be read.";
    const open = this.part("open");
    open.href = `${this.home}/sessions/${this.session.session_id}`;
    open.hidden = false;
    document.getElementById("said").textContent = `${this.part("name").textContent} is uploaded.`;
  }

  stop(state, problem) {
    this.state(state);
    this.part("problem").textContent = problem;
    this.part("problem").hidden = !problem;
    this.part("pause").textContent = this.busy ? "Pause" : "Go on";
  }

  state(word) {
    if (this.part("state").textContent !== word) this.part("state").textContent = word;
  }

  show() {
    const sent = [...this.sent.values()].reduce((sum, one) => sum + one, 0);
    const now = performance.now();
    this.bar.value = this.whole ? sent / this.whole : 0;
    this.seen.push([now, sent]);
    while (now - this.seen[0][0] > SPEED_OVER_MS) this.seen.shift();
    const [then, before] = this.seen[0];
    let told = `${size(sent)} of ${size(this.whole)}`;
    const speed = (1000 * (sent - before)) / (now - then);
    if (now - then > 1000 && speed > 0)
      told += `, ${size(speed)}/s, ${left((this.whole - sent) / speed)} left`;
    this.part("detail").textContent = told;
  }
}

function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${unit && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

function left(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
