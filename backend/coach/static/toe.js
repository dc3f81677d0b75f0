// The dialog in which a person places the toe of a push-off.
import { Points } from "./points.js";

export class ToeDialog {
  // `onSave(event, px)` gets the push-off and its toe in pixels of the video; it may throw.
  constructor(dialog, sessionUrl, { width_px: width, height_px: height }, onSave) {
    Object.assign(this, { dialog, sessionUrl, onSave, size: [width, height] });
    this.error = dialog.querySelector("#toe-error");
    const canvas = dialog.querySelector(".canvas");
    this.image = canvas.querySelector("img");
    this.points = new Points(canvas, width, height);
    const zoom = dialog.querySelector("#toe-zoom");
    zoom.addEventListener("change", () => { canvas.style.width = `${100 * zoom.value}%`; });
    dialog.querySelector("#toe-save").addEventListener("click", () => this.#save());
  }

  open(event) {
    const [width, height] = this.size;
    this.event = event;
    this.error.textContent = "";
    this.image.src = `${this.sessionUrl}/frames/${event.frame}/whole.jpg`;
    this.dialog.showModal();
    this.points.set([event.toe_px ?? [width / 2, height * 0.8]]);
  }

  async #save() {
    await this.onSave(this.event, this.points.px[0]);
    this.dialog.close();
  }
}
