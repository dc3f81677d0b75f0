// Numbered points on a frame that can be clicked, dragged or moved by keys; in pixels of the video.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Points {
  constructor(canvas, width, height) {
    Object.assign(this, { canvas, width, height, px: [], active: 0 });
    const svg = canvas.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.outline = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    svg.append(this.outline);
    this.grid = document.createElementNS("http://www.w3.org/2000/svg", "g");
    svg.append(this.grid);
    canvas.querySelector("img").addEventListener("click", (event) => {
      this.#move(this.active, this.#position(event));
      this.buttons[this.active].focus({ preventScroll: true });
      this.active = (this.active + 1) % this.px.length;
    });
  }

  // Lines of [x, y] pixels of the video, drawn below the points.
  drawGrid(lines) {
    this.grid.replaceChildren(...lines.map((line) => {
      const drawn = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
      drawn.setAttribute("points", line.map((point) => point.join(",")).join(" "));
      return drawn;
    }));
  }

  set(px) {
    this.buttons?.forEach((button) => button.remove());
    this.px = px.map(() => [0, 0]);
    this.buttons = px.map((_, index) => this.#createButton(index));
    this.canvas.append(...this.buttons);
    px.forEach((point, index) => this.#move(index, point));
    this.active = 0;
  }

  #createButton(index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "point";
    button.textContent = index + 1;
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      this.active = index;
    });
    button.addEventListener("pointermove", (event) => {
      if (button.hasPointerCapture(event.pointerId)) this.#move(index, this.#position(event));
    });
    button.addEventListener("focus", () => { this.active = index; });
    button.addEventListener("keydown", (event) => {
      const direction = ARROWS[event.key];
      if (!direction) return;
      event.preventDefault();
      const pixels = event.shiftKey ? 10 : 1;
      this.#move(index, this.px[index].map((value, axis) => value + pixels * direction[axis]));
    });
    return button;
  }

  #position(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [((event.clientX - left) / width) * this.width, ((event.clientY - top) / height) * this.height];
  }

  #move(index, [x, y]) {
    const clamp = (value, maximum) => Math.round(10 * Math.min(Math.max(value, 0), maximum)) / 10;
    this.px[index] = [clamp(x, this.width), clamp(y, this.height)];
    const [left, top] = this.px[index];
    const button = this.buttons[index];
    button.style.left = `${(100 * left) / this.width}%`;
    button.style.top = `${(100 * top) / this.height}%`;
    button.setAttribute("aria-label", `Point ${index + 1}, ${left} pixels from the left, ${top} from the top`);
    this.outline.setAttribute("points", this.px.map((point) => point.join(",")).join(" "));
    this.canvas.dispatchEvent(new Event("pointsmoved"));
  }
}
