// Uploads one video, chapter by chapter, with the tus protocol (global `tus`).
import { csrfHeaders, request } from "./api.js";

const PART_BYTES = 64 * 2 ** 20; // after each part the server confirms that it is on disk
const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000];
const SPEED_WINDOW_MS = 5000;
const DISK_FULL = 507;

export class VideoUpload {
  constructor(home, session, onCancel) {
    this.home = home;
    this.session = session;
    this.onCancel = onCancel;
    this.files = new Map(); // upload URL of the chapter -> File
    this.sentBytes = new Map(session.chapters.map((chapter) => [chapter.upload, chapter.offset]));
    this.totalBytes = session.chapters.reduce((sum, chapter) => sum + chapter.size, 0);
    this.samples = []; // [time in ms, bytes sent], for the speed
    this.active = false;
    this.row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.part = (name) => this.row.querySelector(`.${name}`);
    this.bar = this.row.querySelector("progress");
    const name = session.chapters.map((chapter) => chapter.name).join(" + ");
    this.part("name").textContent = name;
    this.bar.setAttribute("aria-label", name);
    this.part("pause").addEventListener("click", () => (this.active ? this.pause() : this.start()));
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.showProgress();
  }

  // The session with the bytes sent so far.
  currentSession() {
    const chapters = this.session.chapters.map((chapter) => ({
      ...chapter, offset: this.sentBytes.get(chapter.upload),
    }));
    return { ...this.session, chapters };
  }

  addFile(chapter, file) {
    this.files.set(chapter.upload, file);
  }

  start() {
    if (this.active) return;
    const next = this.session.chapters.find((chapter) => this.sentBytes.get(chapter.upload) < chapter.size);
    if (!next) return this.finish();
    const file = this.files.get(next.upload);
    if (!file) return this.showState("waiting", `To continue, also choose ${next.name}.`);
    this.active = true;
    this.samples = [];
    this.showState("uploading", "");
    this.upload = new tus.Upload(file, {
      uploadUrl: next.upload,
      chunkSize: PART_BYTES,
      retryDelays: RETRY_MS,
      headers: csrfHeaders(),
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        const retry = status !== DISK_FULL && (status === 0 || status >= 500 || status === 409 || status === 423);
        if (retry) this.setState("reconnecting");
        return retry;
      },
      onProgress: (sent) => {
        this.sentBytes.set(next.upload, sent);
        this.setState("uploading");
        this.showProgress();
      },
      onSuccess: () => {
        this.active = false;
        this.sentBytes.set(next.upload, next.size);
        this.showProgress();
        this.start();
      },
      onError: (error) => this.fail(error),
    });
    this.upload.start();
  }

  async pause() {
    this.active = false;
    await this.upload?.abort();
    this.samples = [];
    this.showProgress();
    this.showState("paused", "");
  }

  async cancel() {
    await this.pause();
    try {
      await request(`${this.home}/uploads/${this.session.session_id}`, { method: "DELETE" });
    } catch (error) {
      return this.showState("paused", error.message);
    }
    this.row.remove();
    this.onCancel();
  }

  fail(error) {
    this.active = false;
    let message = "The server cannot be reached. Press Continue when you are online again.";
    try {
      message = JSON.parse(error.originalResponse.getBody()).error.message;
    } catch {
      const status = error.originalResponse?.getStatus();
      if (status === 401) message = "You are signed out: sign in again, then choose the file again.";
      else if (status) message = `The server refused the upload (${status}). Reload the page.`;
    }
    this.showState("interrupted", message);
  }

  finish() {
    this.showState("uploaded", "");
    this.part("pause").hidden = this.part("cancel").hidden = true;
    this.part("detail").textContent = "Uploaded. Waiting for analysis.";
    const open = this.part("open");
    open.href = `${this.home}/sessions/${this.session.session_id}`;
    open.hidden = false;
    document.getElementById("announcement").textContent = `${this.part("name").textContent} has been uploaded.`;
  }

  showState(state, problem) {
    this.setState(state);
    this.part("problem").textContent = problem;
    this.part("problem").hidden = !problem;
    this.part("pause").textContent = this.active ? "Pause" : "Continue";
  }

  setState(state) {
    if (this.part("state").textContent !== state) this.part("state").textContent = state;
  }

  showProgress() {
    const sent = [...this.sentBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const now = performance.now();
    this.bar.value = this.totalBytes ? sent / this.totalBytes : 0;
    this.samples.push([now, sent]);
    while (now - this.samples[0][0] > SPEED_WINDOW_MS) this.samples.shift();
    const [startTime, startBytes] = this.samples[0];
    let text = `${formatBytes(sent)} of ${formatBytes(this.totalBytes)}`;
    const speed = (1000 * (sent - startBytes)) / (now - startTime);
    if (now - startTime > 1000 && speed > 0)
      text += `, ${formatBytes(speed)}/s, ${formatDuration((this.totalBytes - sent) / speed)} left`;
    this.part("detail").textContent = text;
  }
}

function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

function formatDuration(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
