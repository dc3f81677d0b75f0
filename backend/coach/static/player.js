// The video player: frame by frame, at speeds relative to real time.
const SPEEDS = [["real time", 1], ["1/2", 1 / 2], ["1/4", 1 / 4], ["1/8", 1 / 8], ["1/16", 1 / 16]];
const MIN_RATE = 0.0625; // limits of playbackRate in browsers
const MAX_RATE = 16;

export class Player {
  // `onFrame(frame)` is called whenever another frame is shown.
  constructor(editor, { previewFps, captureFps, fileFps, frames }, onFrame) {
    this.video = editor.querySelector("video");
    this.fps = previewFps;
    this.frames = frames;
    this.captureFps = captureFps;
    this.onFrame = onFrame;
    this.frame = 0;
    this.position = editor.querySelector("#position");
    this.playButton = editor.querySelector('[data-action="play"]');
    this.video.controls = false;
    this.#addSpeeds(editor.querySelector("#speed"), captureFps ?? fileFps);
    this.#listen(editor);
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
    // a second seek to the last frame would put Chromium past its end
    if (this.frame !== this.requestedFrame) this.video.currentTime = (this.frame + 0.5) / this.fps;
    this.requestedFrame = this.frame;
    this.#update();
  }

  #addSpeeds(select, rate) {
    for (const [name, factor] of SPEEDS) {
      const speed = (rate / this.fps) * factor;
      if (speed < MIN_RATE || speed > MAX_RATE) continue;
      select.add(new Option(this.captureFps ? name : name.replace("real time", "file speed"), String(speed)));
    }
    select.selectedIndex = Math.min(2, select.options.length - 1);
    const setRate = () => {
      this.video.defaultPlaybackRate = this.video.playbackRate = Number(select.value);
    };
    select.addEventListener("change", setRate);
    setRate();
  }

  #listen(editor) {
    const { video } = this;
    editor.querySelector('[data-action="back"]').addEventListener("click", () => this.step(-1));
    editor.querySelector('[data-action="forward"]').addEventListener("click", () => this.step(1));
    this.playButton.addEventListener("click", () => this.toggle());
    video.addEventListener("click", () => this.toggle());
    for (const name of ["play", "pause", "ended"]) video.addEventListener(name, () => this.#playStateChanged());
    if ("requestVideoFrameCallback" in video) {
      const onVideoFrame = (_, { mediaTime }) => {
        this.#timeChanged(mediaTime);
        video.requestVideoFrameCallback(onVideoFrame);
      };
      video.requestVideoFrameCallback(onVideoFrame);
    } else {
      video.addEventListener("timeupdate", () => this.#timeChanged(video.currentTime));
    }
  }

  // Ignored while paused: a late callback must not override the requested frame.
  #timeChanged(seconds) {
    if (!this.playing) return;
    const frame = Math.min(Math.floor(seconds * this.fps + 0.25), this.frames - 1);
    if (frame === this.frame) return;
    this.frame = frame;
    this.#update();
  }

  #playStateChanged() {
    const { playing } = this;
    this.playButton.textContent = playing ? "Pause" : "Play";
    if (!playing && this.frame !== this.requestedFrame) this.go(this.video.ended ? this.frames - 1 : this.frame);
    if (playing) this.requestedFrame = null;
  }

  #update() {
    const seconds = this.captureFps ? `, ${(this.frame / this.captureFps).toFixed(3)} s` : "";
    this.position.textContent = `Frame ${this.frame}${seconds}`;
    this.onFrame(this.frame);
  }
}
