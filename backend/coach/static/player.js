// The video, one picture for each frame: plays at speeds named by real time, steps by frames.
const NAMES = [["real time", 1], ["1/2", 1 / 2], ["1/4", 1 / 4], ["1/8", 1 / 8], ["1/16", 1 / 16]];
const SLOWEST = 0.0625; // what browsers take as a playbackRate
const FASTEST = 16;

export class Player {
  // `shown(frame)` is called whenever another frame is on the screen.
  constructor(box, { previewFps, captureFps, fileFps, frames }, shown) {
    this.video = box.querySelector("video");
    this.fps = previewFps;
    this.frames = frames;
    this.captureFps = captureFps;
    this.shown = shown;
    this.frame = 0;
    this.place = box.querySelector("#place");
    this.button = box.querySelector('[data-do="play"]');
    this.video.controls = false;
    this.#speeds(box.querySelector("#speed"), captureFps ?? fileFps);
    this.#listen(box);
    this.go(0);
  }

  get playing() {
    return !this.video.paused && !this.video.ended;
  }

  toggle() {
    if (this.playing) return this.video.pause();
    if (this.frame >= this.frames - 1) this.video.currentTime = 0;
    this.video.play().catch(() => {});
  }

  step(frames) {
    this.go(this.frame + frames);
  }

  go(frame) {
    this.video.pause();
    this.frame = Math.min(Math.max(Math.round(frame), 0), this.frames - 1);
    // seeking twice into the last frame would put Chromium behind it
    if (this.frame !== this.wanted) this.video.currentTime = (this.frame + 0.5) / this.fps;
    this.wanted = this.frame;
    this.#tell();
  }

  #speeds(select, rate) {
    for (const [name, factor] of NAMES) {
      const speed = (rate / this.fps) * factor;
      if (speed < SLOWEST || speed > FASTEST) continue;
      select.add(new Option(this.captureFps ? name : name.replace("real time", "as filed"), String(speed)));
    }
    select.selectedIndex = Math.min(2, select.options.length - 1);
    const set = () => {
      this.video.defaultPlaybackRate = this.video.playbackRate = Number(select.value);
    };
    select.addEventListener("change", set);
    set();
  }

  #listen(box) {
    const { video } = this;
    box.querySelector('[data-do="back"]').addEventListener("click", () => this.step(-1));
    box.querySelector('[data-do="on"]').addEventListener("click", () => this.step(1));
    this.button.addEventListener("click", () => this.toggle());
    video.addEventListener("click", () => this.toggle());
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => this.#state());
    if ("requestVideoFrameCallback" in video) {
      const each = (_, { mediaTime }) => {
        this.#seen(mediaTime);
        video.requestVideoFrameCallback(each);
      };
      video.requestVideoFrameCallback(each);
    } else {
      video.addEventListener("timeupdate", () => this.#seen(video.currentTime));
    }
  }

  // While paused the frame asked for counts: a late callback must not take it back.
  #seen(seconds) {
    if (!this.playing) return;
    const frame = Math.min(Math.floor(seconds * this.fps + 0.25), this.frames - 1);
    if (frame === this.frame) return;
    this.frame = frame;
    this.#tell();
  }

  #state() {
    const { playing } = this;
    this.button.textContent = playing ? "Pause" : "Play";
    if (!playing && this.frame !== this.wanted) this.go(this.video.ended ? this.frames - 1 : this.frame);
    if (playing) this.wanted = null;
  }

  #tell() {
    const seconds = this.captureFps ? `, ${(this.frame / this.captureFps).toFixed(3)} s` : "";
    this.place.textContent = `Frame ${this.frame}${seconds}`;
    this.shown(this.frame);
  }
}
