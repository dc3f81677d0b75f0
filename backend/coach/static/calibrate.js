// The calibration dialog: two points with a known distance, or four points on the ground.
import { request } from "./api.js";
import { Points } from "./points.js";

const HELP = {
  two_points: "Put both points on the line the athlete runs on, far apart: for example on two cones or the ends of a tape.",
  ground_points: "Put points 1 and 2 on the edge of the runway nearer to the camera, as far apart as you can. Put point 3 on the far edge opposite point 2, and point 4 opposite point 1.",
};
const START_SHARES = {
  two_points: [[0.25, 0.8], [0.75, 0.8]],
  ground_points: [[0.2, 0.85], [0.8, 0.85], [0.7, 0.7], [0.3, 0.7]],
};
const MIN_CLICK_PX = 2;
const PREVIEW_MS = 400; // after the last change

export class Calibration {
  // `getData()` returns the data of the page; `onSave(data)` gets the new one.
  constructor(dialog, sessionUrl, getData, onSave) {
    Object.assign(this, { dialog, sessionUrl, getData, onSave });
    this.error = dialog.querySelector("#calibrate-error");
    this.canvas = dialog.querySelector("#canvas");
    this.image = dialog.querySelector("#calibrate-frame");
    const { width_px: width, height_px: height } = getData().report.video;
    this.size = [width, height];
    this.points = new Points(this.canvas, width, height);
    const zoom = dialog.querySelector("#zoom");
    zoom.addEventListener("change", () => { this.canvas.style.width = `${100 * zoom.value}%`; });
    for (const radio of dialog.querySelectorAll('[name="method"]')) {
      radio.addEventListener("change", () => this.#setMethod(radio.value));
    }
    dialog.querySelector("#calibrate-save").addEventListener("click", () => this.#save());
    dialog.querySelector("#calibrate-delete").addEventListener("click", () => this.#send("DELETE"));
    this.canvas.addEventListener("pointsmoved", () => this.#changed());
    dialog.querySelector("form").addEventListener("input", () => this.#changed());
    dialog.querySelector("form").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault(); // Enter saves instead of closing the dialog
      this.#save();
    });
  }

  open(frame) {
    const { calibration, calibration_obstacle: obstacle } = this.getData();
    const frameUrl = `${this.sessionUrl}/frames/${frame}`;
    this.image.src = `${frameUrl}/whole.jpg`;
    const native = new Image(); // every pixel of the video, a few seconds later
    native.onload = () => { if (this.native === native) this.image.src = native.src; };
    native.src = `${frameUrl}/native.jpg`;
    this.native = native;
    this.error.textContent = obstacle ?? "";
    this.dialog.querySelector("#calibrate-save").disabled = Boolean(obstacle);
    this.#ask(null);
    this.dialog.querySelector("#calibrate-delete").hidden = !calibration;
    this.#fill(calibration ?? {});
    this.dialog.showModal();
  }

  #field(id) {
    return this.dialog.querySelector(`#${id}`);
  }

  #fill({ two_points: two, ground_points: ground, camera_distance_m: distance }) {
    const method = ground ? "ground_points" : "two_points";
    this.dialog.querySelector(`[value="${method}"]`).checked = true;
    this.#setMethod(method, two?.px ?? ground?.map(({ px }) => px));
    this.#field("camera-distance").value = distance ?? "";
    if (two) this.#field("metres").value = two.metres;
    ground?.slice(0, 4).forEach(({ m }, index) => {
      this.#field(`along-${index + 1}`).value = m[0];
      this.#field(`across-${index + 1}`).value = m[1];
    });
  }

  #setMethod(method, px) {
    this.method = method;
    this.#field("calibrate-help").textContent = `${HELP[method]} Click on the frame, drag a point, or move it with the arrow keys (with Shift by ten pixels).`;
    for (const fields of this.dialog.querySelectorAll("[data-for]")) fields.hidden = fields.dataset.for !== method;
    this.points.set(px ?? START_SHARES[method].map(([x, y]) => [x * this.size[0], y * this.size[1]]));
  }

  #save() {
    try {
      this.#send("POST", { ...this.#body(), ...(this.question ? { confirmed: true } : {}) });
    } catch (error) {
      this.error.textContent = error.message;
    }
  }

  // Another calibration is asked about again, and its metres are drawn on the picture.
  #changed() {
    this.#ask(null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#preview(), PREVIEW_MS);
  }

  #ask(question) {
    this.question = question;
    this.#field("calibrate-save").textContent = question ? "Save anyway" : "Save";
  }

  async #preview() {
    let lines = [];
    try {
      const body = this.#body(false);
      const found = await request(`${this.sessionUrl}/calibration/preview`, { method: "POST", body });
      lines = found.grid;
      this.#field("calibrate-question").textContent = found.question ?? "";
    } catch {
      this.#field("calibrate-question").textContent = ""; // not complete yet; Save says what is missing
    }
    this.points.drawGrid(lines);
  }

  // `focus`: whether the first field that is missing gets it.
  #body(focus = true) {
    this.focusMissing = focus;
    const [width_px, height_px] = this.size;
    // a click is as accurate as a pixel of the displayed image
    const displayedPx = Math.min(this.canvas.clientWidth, this.image.naturalWidth) || width_px;
    const clickPx = Math.max(MIN_CLICK_PX, Math.round((100 * width_px) / displayedPx) / 100);
    const body = { width_px, height_px, click_px: clickPx };
    if (this.#field("camera-distance").value.trim()) {
      body.camera_distance_m = this.#number("camera-distance", "the distance from the camera to the athlete's line in metres");
    }
    const { px } = this.points;
    if (this.method === "two_points") {
      return { ...body, two_points: { px, metres: this.#number("metres", "the distance between the two points in metres") } };
    }
    const metres = this.#groundCoordinates();
    return { ...body, ground_points: px.map((point, index) => ({ px: point, m: metres[index] })) };
  }

  // Of a rectangle, unless only coordinates of single points are given.
  #groundCoordinates() {
    const hasCoordinates = [1, 2, 3, 4].some((number) => this.#field(`along-${number}`).value.trim());
    const hasRectangle = this.#field("along").value.trim() || this.#field("across").value.trim();
    if (hasCoordinates && !hasRectangle) {
      return [1, 2, 3, 4].map((number) => [
        this.#number(`along-${number}`, `the distance of point ${number} along the runway, in metres`, true),
        this.#number(`across-${number}`, `the distance of point ${number} across the runway, in metres`, true),
      ]);
    }
    const along = this.#number("along", "the length along the runway in metres");
    const across = this.#number("across", "the width across the runway in metres");
    return [[0, 0], [along, 0], [along, across], [0, across]];
  }

  #number(id, name, anySign = false) {
    const value = Number(this.#field(id).value.trim().replace(",", ".") || "?");
    if (Number.isFinite(value) && (anySign || value > 0)) return value;
    if (this.focusMissing) this.#field(id).focus();
    throw new Error(`Enter ${name}, for example 2.5.`);
  }

  async #send(method, body) {
    try {
      await this.onSave(await request(`${this.sessionUrl}/calibration`, { method, body }));
      this.dialog.close();
    } catch (error) {
      if (error.code === "implausible_calibration") this.#ask(error.message);
      this.error.textContent = error.message;
    }
  }
}
