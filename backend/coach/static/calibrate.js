// Metres from points on the picture: two at a known distance, or four on the ground.
import { ask } from "./asking.js";
import { Points } from "./points.js";

const HOW = {
  two_points: "Put both points on the line the athlete runs on, far apart: for example two cones, or the ends of a tape.",
  ground_points: "Put points 1 and 2 on the edge of the runway that is nearer to the camera, 3 beyond 2 and 4 beyond 1. Far apart is better.",
};
const START = {
  two_points: [[0.25, 0.8], [0.75, 0.8]],
  ground_points: [[0.2, 0.85], [0.8, 0.85], [0.7, 0.7], [0.3, 0.7]],
};

export class Calibrate {
  // `data()` is the page's report as it stands; `saved(news)` gets the new one.
  constructor(dialog, at, data, saved) {
    Object.assign(this, { dialog, at, data, saved });
    this.said = dialog.querySelector("#calibrate-said");
    this.canvas = dialog.querySelector("#canvas");
    this.still = dialog.querySelector("#still");
    const { width_px: width, height_px: height } = data().report.video;
    this.size = [width, height];
    this.points = new Points(this.canvas, width, height);
    const zoom = dialog.querySelector("#zoom");
    zoom.addEventListener("change", () => { this.canvas.style.width = `${100 * zoom.value}%`; });
    for (const one of dialog.querySelectorAll('[name="method"]')) one.addEventListener("change", () => this.#method(one.value));
    dialog.querySelector("#calibrate-save").addEventListener("click", () => this.#save());
    dialog.querySelector("#calibrate-forget").addEventListener("click", () => this.#send("DELETE"));
    dialog.querySelector("form").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault(); // Enter in a field saves; it must not close the dialog
      this.#save();
    });
  }

  open(frame) {
    const { calibration, why_no_calibration: why } = this.data();
    this.still.src = `${this.at}/frames/${frame}/whole.jpg`;
    this.said.textContent = why ?? "";
    this.dialog.querySelector("#calibrate-save").disabled = Boolean(why);
    this.dialog.querySelector("#calibrate-forget").hidden = !calibration;
    this.#fill(calibration ?? {});
    this.dialog.showModal();
  }

  #field(id) {
    return this.dialog.querySelector(`#${id}`);
  }

  #fill({ two_points: two, ground_points: ground, camera_distance_m: distance }) {
    const method = ground ? "ground_points" : "two_points";
    this.dialog.querySelector(`[value="${method}"]`).checked = true;
    this.#method(method, two?.px ?? ground?.map((one) => one.px));
    this.#field("camera-distance").value = distance ?? "";
    if (two) this.#field("metres").value = two.metres;
    ground?.slice(0, 4).forEach(({ m }, at) => {
      this.#field(`along-${at + 1}`).value = m[0];
      this.#field(`across-${at + 1}`).value = m[1];
    });
  }

  #method(method, px) {
    this.method = method;
    this.#field("calibrate-how").textContent = `${HOW[method]} Click in the picture, drag, or use the arrow keys on a point (with Shift ten pixels).`;
    for (const one of this.dialog.querySelectorAll("[data-for]")) one.hidden = one.dataset.for !== method;
    this.points.put(px ?? START[method].map(([x, y]) => [x * this.size[0], y * this.size[1]]));
  }

  #save() {
    try {
      this.#send("POST", this.#body());
    } catch (error) {
      this.said.textContent = error.message;
    }
  }

  #body() {
    const [width_px, height_px] = this.size;
    // a click is as good as the picture it was made on
    const shown = Math.min(this.canvas.clientWidth, this.still.naturalWidth) || width_px;
    const body = { width_px, height_px, click_px: Math.max(2, Math.round((100 * width_px) / shown) / 100) };
    if (this.#field("camera-distance").value.trim()) {
      body.camera_distance_m = this.#number("camera-distance", "how far the camera is from the athlete's line");
    }
    const { px } = this.points;
    if (this.method === "two_points") {
      return { ...body, two_points: { px, metres: this.#number("metres", "the metres between the two points") } };
    }
    const metres = this.#ground();
    return { ...body, ground_points: px.map((one, at) => ({ px: one, m: metres[at] })) };
  }

  // A rectangle, unless somebody wrote metres for single points.
  #ground() {
    const own = [1, 2, 3, 4].some((at) => this.#field(`along-${at}`).value.trim());
    const rectangle = this.#field("along").value.trim() || this.#field("across").value.trim();
    if (own && !rectangle) {
      return [1, 2, 3, 4].map((at) => [
        this.#number(`along-${at}`, `the metres along of point ${at}`, true),
        this.#number(`across-${at}`, `the metres across of point ${at}`, true),
      ]);
    }
    const along = this.#number("along", "the length along the runway");
    const across = this.#number("across", "the width across the runway");
    return [[0, 0], [along, 0], [along, across], [0, across]];
  }

  #number(id, what, anySign = false) {
    const value = Number(this.#field(id).value.trim().replace(",", ".") || "?");
    if (Number.isFinite(value) && (anySign || value > 0)) return value;
    this.#field(id).focus();
    throw new Error(`Write ${what}, such as 2.5.`);
  }

  async #send(method, body) {
    try {
      await this.saved(await ask(`${this.at}/calibration`, { method, body }));
      this.dialog.close();
    } catch (error) {
      this.said.textContent = error.message;
    }
  }
}
