// The keyboard of the session's page. Letters count only at the video and timeline: elsewhere they
// belong to whoever types.
const TYPES = "input, select, textarea, [contenteditable]";
const PRESSES = "button, a, summary";

export function keyboard(bench, doing) {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.defaultPrevented || target.closest("dialog") || target.matches(TYPES)) return;
    const action = chosen(event, target, bench);
    if (!action) return;
    event.preventDefault();
    doing(action, event.shiftKey ? 10 : 1);
  });
}

function chosen(event, target, bench) {
  const near = target === document.body || target.id === "main" || bench.contains(target);
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) return key.toLowerCase() === "z" && !event.shiftKey ? "undo" : null;
  if (event.altKey) return { ArrowLeft: "earlier", ArrowRight: "later" }[key];
  if (key === " ") return near && !target.matches(PRESSES) ? "play" : null;
  if (!near) return null;
  const plain = { ArrowLeft: "back", ArrowRight: "on", ",": "back", ".": "on", "<": "back", ">": "on", ";": "back", ":": "on", Home: "first", End: "last", Delete: "delete", Backspace: "delete" };
  return plain[key] ?? { m: "move", f: "flip", l: "add-left", r: "add-right" }[key.toLowerCase()];
}
