// The push-offs on the timeline: a button each, distinguished by letter, shape and colour.
const MARK_PX = 34; // width of a mark with its gap
const MAX_LANES = 4;

export class Marks {
  constructor(container, onSelect) {
    this.container = container;
    this.onSelect = onSelect;
  }

  // If a mark has the focus, it moves to the mark in frame `focusFrame`. `share(frame)` is the
  // position of a frame on the timeline, from 0 to 1.
  draw(report, share, manualFrames, focusFrame) {
    const focused = this.container.contains(document.activeElement);
    const lanes = chooseLanes(report.push_offs.map(({ frame }) => share(frame) * this.container.clientWidth));
    const marks = report.push_offs.map((event, index) => this.#createMark(event, lanes[index], share, manualFrames));
    this.container.style.setProperty("--lanes", Math.max(...lanes, 0) + 1);
    this.container.replaceChildren(...marks);
    if (focused) (this.container.querySelector(`[data-frame="${focusFrame}"]`) ?? this.container).focus({ preventScroll: true });
  }

  select(frame) {
    for (const mark of this.container.children) {
      mark.setAttribute("aria-pressed", String(Number(mark.dataset.frame) === frame));
    }
  }

  #createMark(event, lane, share, manualFrames) {
    const mark = document.createElement("button");
    const letter = event.foot ? event.foot[0].toUpperCase() : "?";
    mark.type = "button";
    mark.dataset.frame = event.frame;
    mark.className = `mark foot-badge ${kindClass(event, letter)}`;
    mark.textContent = letter;
    mark.setAttribute("aria-label", describe(event, manualFrames.includes(event.frame)));
    mark.setAttribute("aria-pressed", "false");
    mark.title = mark.getAttribute("aria-label");
    mark.style.left = `${100 * share(event.frame)}%`;
    mark.style.setProperty("--lane", lane);
    mark.addEventListener("click", () => this.onSelect(event.frame));
    return mark;
  }
}

// For each position (pixels, ascending) the first row in which its mark touches no other.
function chooseLanes(positions) {
  const ends = Array(MAX_LANES).fill(-Infinity);
  return positions.map((x) => {
    const free = ends.findIndex((end) => x >= end);
    const lane = free < 0 ? ends.indexOf(Math.min(...ends)) : free;
    ends[lane] = x + MARK_PX;
    return lane;
  });
}

export function describe(event, isManual) {
  const kind = event.possible ? "Possible push-off" : event.approach ? "Running step" : "Push-off";
  const time = event.time_s === null ? `frame ${event.frame}` : `${event.time_s.toFixed(3)} s`;
  const confidence = isManual ? "set by hand" : event.confidence;
  return `${kind} ${event.number}, ${event.foot ?? "unknown"} foot, ${time}, ${confidence}`;
}

function kindClass(event, letter) {
  if (event.possible) return "maybe";
  if (event.approach) return "approach";
  return letter === "?" ? "unknown" : letter;
}
