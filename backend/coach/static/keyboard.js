// Keyboard shortcuts of the session page. Letter keys work only while the editor has the focus, so
// that they do not interfere with typing elsewhere.
const TEXT_FIELDS = "input, select, textarea, [contenteditable]";
const CLICKABLE = "button, a, summary";
const PLAIN_KEYS = {
  ArrowLeft: "back", ArrowRight: "forward", ",": "back", ".": "forward", "<": "back", ">": "forward",
  ";": "back", ":": "forward", Home: "first", End: "last", Delete: "delete", Backspace: "delete",
};
const LETTERS = { m: "move", f: "flip", a: "approach", t: "toe", l: "add-left", r: "add-right" };

// `run(action, frames)` is called for each shortcut; `frames` is 10 with Shift.
export function addShortcuts(editor, run) {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.defaultPrevented || target.closest("dialog") || target.matches(TEXT_FIELDS)) return;
    const action = actionFor(event, target, editor);
    if (!action) return;
    event.preventDefault();
    run(action, event.shiftKey ? 10 : 1);
  });
}

function actionFor(event, target, editor) {
  const inEditor = target === document.body || target.id === "main" || editor.contains(target);
  const { key } = event;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    return key.toLowerCase() === "z" && !event.shiftKey ? "undo" : null;
  }
  if (event.altKey) return { ArrowLeft: "earlier", ArrowRight: "later" }[key];
  if (key === " ") return inEditor && !target.matches(CLICKABLE) ? "play" : null;
  if (!inEditor) return null;
  return PLAIN_KEYS[key] ?? LETTERS[key.toLowerCase()];
}
