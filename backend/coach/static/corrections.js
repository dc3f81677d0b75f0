// Corrections of the push-offs. The server records each one and returns the new report.
import { request } from "./api.js";

export class Corrections {
  // `onChange(data, frame)` gets the new report and the frame of the corrected push-off.
  // `showMessage(text, isError)` gets the result as a sentence.
  constructor(sessionUrl, onChange, showMessage) {
    this.sessionUrl = sessionUrl;
    this.onChange = onChange;
    this.showMessage = showMessage;
    this.queue = Promise.resolve();
  }

  move(from, to) {
    return this.#post({ kind: "move", frame: from, to_frame: to }, to, `Moved to frame ${to}.`);
  }

  confirm(frame) {
    return this.#post({ kind: "move", frame, to_frame: frame }, frame, "Confirmed.");
  }

  remove(frame) {
    return this.#post({ kind: "delete", frame }, null, `Push-off in frame ${frame} deleted.`);
  }

  flip(frame, foot) {
    const other = foot === "left" ? "right" : "left";
    return this.#post({ kind: "foot", frame, foot: other }, frame, `Foot changed to ${other}.`);
  }

  add(frame, foot) {
    return this.#post({ kind: "add", frame, foot }, frame, `Push-off of the ${foot} foot added in frame ${frame}.`);
  }

  approach(frame, running) {
    const message = running ? "It is a running step now." : "It is part of the drill now.";
    return this.#post({ kind: "approach", frame, approach: running }, frame, message);
  }

  toe(frame, px) {
    return this.#post({ kind: "toe", frame, toe_px: px }, frame, "Toe placed.");
  }

  // `body` is a correction as the server wrote it.
  takeOver(body) {
    const frame = body.kind === "delete" ? null : body.to_frame ?? body.frame;
    return this.#post(body, frame, "Taken over.");
  }

  check(checked, frame) {
    const send = () => request(`${this.sessionUrl}/check`, { method: checked ? "POST" : "DELETE" });
    return this.#run(send, frame, checked ? "Checked. Thank you." : "The check is withdrawn.");
  }

  undo() {
    return this.#run(() => request(`${this.sessionUrl}/corrections/last`, { method: "DELETE" }), null, "Undone.");
  }

  // Runs one correction after the other: the next key press refers to the result of the last.
  enqueue(job) {
    this.queue = this.queue.then(job);
    return this.queue;
  }

  #post(body, frame, message) {
    return this.#run(() => request(`${this.sessionUrl}/corrections`, { method: "POST", body }), frame, message);
  }

  async #run(send, frame, message) {
    try {
      await this.onChange(await send(), frame);
      this.showMessage(message);
    } catch (error) {
      this.showMessage(error.message, true);
    }
  }
}
