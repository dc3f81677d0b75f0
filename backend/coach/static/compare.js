// Two sides that stand and step together, each counted from its own push-off.
const box = document.getElementById("compare");
if (box) start();

function start() {
  const sides = [...box.querySelectorAll("video")].map((video) => ({
    video,
    pushes: video.dataset.pushes.split(",").map(Number),
    rate: Number(video.dataset.rate),
    fps: Number(video.dataset.fps),
    frames: Number(video.dataset.frames),
  }));
  const numbers = [...box.querySelectorAll("button[data-number]")];
  const play = document.getElementById("play");
  const place = document.getElementById("where");
  const stepS = box.dataset.step === "" ? null : Number(box.dataset.step);
  const slower = 8;
  let at = 0; // which push-off both stand at
  let offset = 0; // steps from it

  const frame = (side) => {
    const by = stepS === null ? offset : Math.round(offset * stepS * side.rate);
    return Math.min(Math.max(side.pushes[at] + by, 0), side.frames - 1);
  };

  function show() {
    // the middle of a frame's time: its start may round to the frame before
    for (const side of sides) side.video.currentTime = (frame(side) + 0.5) / side.fps;
    const frames = sides.map((side, k) => `${"AB"[k]} frame ${frame(side)}`).join(", ");
    place.textContent = `${when()} (${frames})`;
  }

  function when() {
    if (offset === 0) return "Last contact";
    const way = offset < 0 ? "before" : "after";
    const far = Math.abs(offset);
    if (stepS === null) return `${far} frame${far === 1 ? "" : "s"} ${way} the last contact`;
    return `${Math.round(far * stepS * 1000)} ms ${way} the last contact`;
  }

  function step(by) {
    stop();
    offset = by === 0 ? 0 : offset + by;
    show();
  }

  function choose(k) {
    stop();
    at = k;
    offset = 0;
    numbers.forEach((button, index) => button.setAttribute("aria-pressed", String(index === k)));
    for (const strip of document.querySelectorAll("[data-strip]")) {
      strip.hidden = strip.dataset.strip !== numbers[k].dataset.number;
    }
    show();
  }

  function stop() {
    if (play.getAttribute("aria-pressed") !== "true") return;
    play.setAttribute("aria-pressed", "false");
    for (const side of sides) side.video.pause();
    const [one] = sides;
    const frames = Math.floor(one.video.currentTime * one.fps) - one.pushes[at];
    offset = Math.round(stepS === null ? frames : frames / (stepS * one.rate));
    show();
  }

  function go() {
    show();
    play.setAttribute("aria-pressed", "true");
    for (const side of sides) {
      // both at the same part of life's speed, however fast each camera was
      const speed = stepS === null ? 0.25 : side.rate / slower / side.fps;
      side.video.playbackRate = Math.min(Math.max(speed, 0.0625), 16);
      side.video.play();
    }
  }

  numbers.forEach((button, k) => button.addEventListener("click", () => choose(k)));
  for (const button of box.querySelectorAll("button[data-by]")) {
    button.addEventListener("click", () => step(Number(button.dataset.by)));
  }
  play.addEventListener("click", () => (play.getAttribute("aria-pressed") === "true" ? stop() : go()));
  for (const side of sides) side.video.addEventListener("ended", stop);
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea, .scroll") || event.altKey || event.ctrlKey || event.metaKey) return;
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    step(way * (event.shiftKey ? 10 : 1));
  });
  show();
  box.dataset.ready = "yes";
}
