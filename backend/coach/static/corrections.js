// What a person changes about the push-offs; the server keeps it and answers the new report.
import { ask } from "./asking.js";

export class Corrections {
  // `changed(data, frame)` gets the new report and where the push-off in question is now.
  constructor(at, changed, said) {
    this.at = at;
    this.changed = changed;
    this.said = said;
    this.queue = Promise.resolve();
  }

  move(from, to) {
    return this.#send({ kind: "move", frame: from, to_frame: to }, to, `Moved to frame ${to}.`);
  }

  confirm(frame) {
    return this.#send({ kind: "move", frame, to_frame: frame }, frame, "Confirmed.");
  }

  remove(frame) {
    return this.#send({ kind: "delete", frame }, null, `Push-off in frame ${frame} deleted.`);
  }

  flip(frame, foot) {
    const other = foot === "left" ? "right" : "left";
    return this.#send({ kind: "foot", frame, foot: other }, frame, `Now the ${other} foot.`);
  }

  add(frame, foot) {
    return this.#send({ kind: "add", frame, foot }, frame, `Push-off of the ${foot} foot added in frame ${frame}.`);
  }

  undo() {
    return this.#do(() => ask(`${this.at}/corrections/last`, { method: "DELETE" }), null, "Taken back.");
  }

  #send(body, frame, words) {
    return this.#do(() => ask(`${this.at}/corrections`, { method: "POST", body }), frame, words);
  }

  // One after the other: a second key press speaks of what the first one made.
  next(job) {
    this.queue = this.queue.then(job);
    return this.queue;
  }

  async #do(job, frame, words) {
    try {
      await this.changed(await job(), frame);
      this.said(words);
    } catch (error) {
      this.said(error.message, true);
    }
  }
}
