// The push-off probability over the video, with a cursor at the player's frame. Click to seek.
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 100;
const WIDTH = 1000;

export class Curve {
  constructor(container, seek) {
    this.container = container;
    this.svg = createSvg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.area = createSvg("polygon", { class: "area" });
    this.line = createSvg("polyline", { class: "line" });
    this.cursor = createSvg("line", { class: "cursor", y1: 0, y2: HEIGHT });
    for (const y of [0, HEIGHT / 2, HEIGHT]) this.svg.append(createSvg("line", { class: "grid", x1: 0, x2: WIDTH, y1: y, y2: y }));
    this.svg.append(this.area, this.line, this.cursor);
    container.append(this.svg);
    const seekTo = (event) => {
      const { left, width } = container.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
      seek(this.first + (this.last - this.first) * share);
    };
    container.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      container.setPointerCapture(event.pointerId);
      seekTo(event);
    });
    container.addEventListener("pointermove", (event) => {
      if (container.hasPointerCapture(event.pointerId)) seekTo(event);
    });
  }

  draw(report) {
    const { frames, push_off: probabilities } = report.curve;
    const allFrames = [...frames, ...report.push_offs.map(({ frame }) => frame)];
    this.captureFps = report.video.capture_fps;
    this.first = Math.min(...allFrames, report.video.frames - 1);
    this.last = Math.max(...allFrames, this.first + 1);
    const x = (frame) => (this.share(frame) * WIDTH).toFixed(1);
    const points = frames.map((frame, index) => `${x(frame)},${(HEIGHT * (1 - probabilities[index])).toFixed(1)}`);
    this.line.setAttribute("points", points.join(" "));
    const [start, end] = frames.length ? [x(frames[0]), x(frames.at(-1))] : [0, 0];
    this.area.setAttribute("points", `${start},${HEIGHT} ${points.join(" ")} ${end},${HEIGHT}`);
    this.show(this.frame ?? 0);
  }

  // Position of a frame, from 0 (left) to 1 (right); frames outside are drawn at the edge.
  share(frame) {
    return Math.min(Math.max((frame - this.first) / (this.last - this.first), 0), 1);
  }

  show(frame) {
    this.frame = frame;
    if (this.first === undefined) return;
    const x = String(this.share(frame) * WIDTH);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.container.dataset.frame = frame;
    this.container.setAttribute("aria-valuenow", frame);
    const seconds = this.captureFps ? `, ${(frame / this.captureFps).toFixed(3)} seconds` : "";
    this.container.setAttribute("aria-valuetext", `frame ${frame}${seconds}`);
  }
}

function createSvg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
