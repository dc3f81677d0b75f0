// The push-offs on the timeline: a button each, told apart by letter, shape and colour.
export class Marks {
  constructor(box, chosen) {
    this.box = box;
    this.chosen = chosen;
  }

  // Where the focus was on a mark it stays with the push-off in frame `follow`.
  draw(report, share, byHand, follow) {
    const focused = this.box.contains(document.activeElement);
    this.box.replaceChildren(...report.push_offs.map((one, at) => this.#mark(one, at, share, byHand)));
    if (focused) (this.box.querySelector(`[data-frame="${follow}"]`) ?? this.box).focus({ preventScroll: true });
  }

  select(frame) {
    for (const one of this.box.children) one.setAttribute("aria-pressed", String(Number(one.dataset.frame) === frame));
  }

  #mark(one, at, share, byHand) {
    const mark = document.createElement("button");
    const foot = one.foot ? one.foot[0].toUpperCase() : "?";
    mark.type = "button";
    mark.dataset.frame = one.frame;
    mark.className = `mark chip ${kind(one, foot)}`;
    mark.textContent = foot;
    mark.setAttribute("aria-label", named(one, byHand.includes(one.frame)));
    mark.setAttribute("aria-pressed", "false");
    mark.title = mark.getAttribute("aria-label");
    mark.style.left = `${100 * share(one.frame)}%`;
    if (at % 2) mark.classList.add("low");
    mark.addEventListener("click", () => this.chosen(one.frame));
    return mark;
  }
}

export function named(one, byHand) {
  const what = one.possible ? "Possible push-off" : one.approach ? "Running step" : "Push-off";
  const when = one.time_s === null ? `frame ${one.frame}` : `${one.time_s.toFixed(3)} s`;
  const sure = byHand ? "set by hand" : one.confidence;
  return `${what} ${one.number}, ${one.foot ?? "unknown"} foot, ${when}, ${sure}`;
}

function kind(one, letter) {
  if (one.possible) return "maybe";
  if (one.approach) return "approach";
  return letter === "?" ? "unknown" : letter;
}
