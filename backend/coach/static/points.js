// Numbered points on a picture, to be clicked, dragged or nudged; kept in pixels of the video.
const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Points {
  constructor(canvas, width, height) {
    Object.assign(this, { canvas, width, height, px: [], active: 0 });
    this.lines = canvas.querySelector("svg");
    this.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    this.lines.append(this.shape);
    canvas.querySelector("img").addEventListener("click", (event) => {
      this.#move(this.active, this.#under(event));
      this.buttons[this.active].focus({ preventScroll: true });
      this.active = (this.active + 1) % this.px.length;
    });
  }

  put(px) {
    this.buttons?.forEach((one) => one.remove());
    this.px = px.map(() => [0, 0]);
    this.buttons = px.map((_, at) => this.#button(at));
    this.canvas.append(...this.buttons);
    px.forEach((one, at) => this.#move(at, one));
    this.active = 0;
  }

  #button(at) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "point";
    made.textContent = at + 1;
    made.addEventListener("pointerdown", (event) => {
      made.setPointerCapture(event.pointerId);
      this.active = at;
    });
    made.addEventListener("pointermove", (event) => {
      if (made.hasPointerCapture(event.pointerId)) this.#move(at, this.#under(event));
    });
    made.addEventListener("focus", () => { this.active = at; });
    made.addEventListener("keydown", (event) => {
      const by = NUDGE[event.key];
      if (!by) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      this.#move(at, this.px[at].map((value, axis) => value + far * by[axis]));
    });
    return made;
  }

  #under(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [((event.clientX - left) / width) * this.width, ((event.clientY - top) / height) * this.height];
  }

  #move(at, [x, y]) {
    const inside = (value, most) => Math.round(10 * Math.min(Math.max(value, 0), most)) / 10;
    this.px[at] = [inside(x, this.width), inside(y, this.height)];
    const [left, top] = this.px[at];
    const button = this.buttons[at];
    button.style.left = `${(100 * left) / this.width}%`;
    button.style.top = `${(100 * top) / this.height}%`;
    button.setAttribute("aria-label", `Point ${at + 1}, ${left} pixels from the left, ${top} from the top`);
    this.shape.setAttribute("points", this.px.map((one) => one.join(",")).join(" "));
  }
}
