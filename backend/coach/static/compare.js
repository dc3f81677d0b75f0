// Two videos that step together, each counted from its own push-off.
const SLOW_MOTION = 8; // times slower than real time
const MIN_RATE = 0.0625; // limits of playbackRate in browsers
const MAX_RATE = 16;
const section = document.getElementById("compare");
if (section) start();

function start() {
  const sides = [...section.querySelectorAll("video")].map((video) => ({
    video,
    pushOffs: video.dataset.pushOffs.split(",").map(Number),
    rate: Number(video.dataset.rate),
    fps: Number(video.dataset.fps),
    frames: Number(video.dataset.frames),
  }));
  const pushOffButtons = [...section.querySelectorAll("button[data-number]")];
  const playButton = document.getElementById("play");
  const position = document.getElementById("position");
  const stepS = section.dataset.step === "" ? null : Number(section.dataset.step);
  let pushOff = 0; // index of the push-off the videos are aligned on
  let offset = 0; // steps from it

  function frameOf(side) {
    const frames = stepS === null ? offset : Math.round(offset * stepS * side.rate);
    return Math.min(Math.max(side.pushOffs[pushOff] + frames, 0), side.frames - 1);
  }

  function show() {
    // the middle of the frame: its start can be rounded to the previous frame
    for (const side of sides) side.video.currentTime = (frameOf(side) + 0.5) / side.fps;
    const frames = sides.map((side, index) => `${"AB"[index]} frame ${frameOf(side)}`).join(", ");
    position.textContent = `${describeOffset()} (${frames})`;
  }

  function describeOffset() {
    if (offset === 0) return "Last contact";
    const side = offset < 0 ? "before" : "after";
    const steps = Math.abs(offset);
    if (stepS === null) return `${steps} frame${steps === 1 ? "" : "s"} ${side} the last contact`;
    return `${Math.round(steps * stepS * 1000)} ms ${side} the last contact`;
  }

  function step(steps) {
    pause();
    offset = steps === 0 ? 0 : offset + steps;
    show();
  }

  function align(index) {
    pause();
    pushOff = index;
    offset = 0;
    pushOffButtons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === index)));
    for (const strip of document.querySelectorAll("[data-strip]")) {
      strip.hidden = strip.dataset.strip !== pushOffButtons[index].dataset.number;
    }
    show();
  }

  function isPlaying() {
    return playButton.getAttribute("aria-pressed") === "true";
  }

  function pause() {
    if (!isPlaying()) return;
    playButton.setAttribute("aria-pressed", "false");
    for (const side of sides) side.video.pause();
    const [first] = sides;
    const frames = Math.floor(first.video.currentTime * first.fps) - first.pushOffs[pushOff];
    offset = Math.round(stepS === null ? frames : frames / (stepS * first.rate));
    show();
  }

  function play() {
    show();
    playButton.setAttribute("aria-pressed", "true");
    for (const side of sides) {
      // both at the same fraction of real time, whatever their capture rates
      const speed = stepS === null ? 0.25 : side.rate / SLOW_MOTION / side.fps;
      side.video.playbackRate = Math.min(Math.max(speed, MIN_RATE), MAX_RATE);
      side.video.play();
    }
  }

  pushOffButtons.forEach((button, index) => button.addEventListener("click", () => align(index)));
  for (const button of section.querySelectorAll("button[data-steps]")) {
    button.addEventListener("click", () => step(Number(button.dataset.steps)));
  }
  playButton.addEventListener("click", () => (isPlaying() ? pause() : play()));
  for (const side of sides) side.video.addEventListener("ended", pause);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea, .scroll") || event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    step(direction * (event.shiftKey ? 10 : 1));
  });
  show();
  section.dataset.ready = "yes";
}
