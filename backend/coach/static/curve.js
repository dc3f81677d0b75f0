// The push-off probability over the video, a cursor in step with the player, and a place to click.
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 100;
const WIDTH = 1000;

export class Curve {
  constructor(box, seek) {
    this.box = box;
    this.svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.area = make("polygon", { class: "area" });
    this.line = make("polyline", { class: "line" });
    this.cursor = make("line", { class: "cursor", y1: 0, y2: HEIGHT });
    for (const y of [0, HEIGHT / 2, HEIGHT]) this.svg.append(make("line", { class: "grid", x1: 0, x2: WIDTH, y1: y, y2: y }));
    this.svg.append(this.area, this.line, this.cursor);
    box.append(this.svg);
    const at = (event) => {
      const { left, width } = box.getBoundingClientRect();
      seek(this.first + (this.last - this.first) * Math.min(Math.max((event.clientX - left) / width, 0), 1));
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      box.setPointerCapture(event.pointerId);
      at(event);
    });
    box.addEventListener("pointermove", (event) => {
      if (box.hasPointerCapture(event.pointerId)) at(event);
    });
  }

  draw(report) {
    const { frames, push_off: heights } = report.curve;
    const places = [...frames, ...report.push_offs.map((one) => one.frame)];
    this.captureFps = report.video.capture_fps;
    this.first = Math.min(...places, report.video.frames - 1);
    this.last = Math.max(...places, this.first + 1);
    const points = frames.map((frame, at) => `${(this.share(frame) * WIDTH).toFixed(1)},${(HEIGHT * (1 - heights[at])).toFixed(1)}`);
    this.line.setAttribute("points", points.join(" "));
    const ends = frames.length ? [this.share(frames[0]) * WIDTH, this.share(frames.at(-1)) * WIDTH] : [0, 0];
    this.area.setAttribute("points", `${ends[0]},${HEIGHT} ${points.join(" ")} ${ends[1]},${HEIGHT}`);
    this.show(this.frame ?? 0);
  }

  // From 0 at the left to 1 at the right; what lies outside is drawn at the edge.
  share(frame) {
    return Math.min(Math.max((frame - this.first) / (this.last - this.first), 0), 1);
  }

  show(frame) {
    this.frame = frame;
    if (this.first === undefined) return;
    const x = String(this.share(frame) * WIDTH);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.box.dataset.frame = frame;
    this.box.setAttribute("aria-valuenow", frame);
    const seconds = this.captureFps ? `, ${(frame / this.captureFps).toFixed(3)} seconds` : "";
    this.box.setAttribute("aria-valuetext", `frame ${frame}${seconds}`);
  }
}

function make(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
