// The session page: video, timeline, corrections and calibration of one report.
import { request } from "./api.js";
import { Corrections } from "./corrections.js";
import { Curve } from "./curve.js";
import { addShortcuts } from "./keyboard.js";
import { describe, Marks } from "./marks.js";
import { Player } from "./player.js";

const editor = document.getElementById("editor");
const reportSection = document.getElementById("report");
const message = document.getElementById("message");
const selectedName = document.getElementById("selected-name");
const checked = document.getElementById("checked");
const approachButton = document.querySelector('[data-action="approach"]');
const sessionUrl = editor.dataset.session;
let data = await request(`${sessionUrl}/report.json`);
let selectedFrame = null;

const curve = new Curve(document.getElementById("curve"), (frame) => player.go(frame));
const marks = new Marks(document.getElementById("marks"), (frame) => select(frame));
const corrections = new Corrections(sessionUrl, update, showMessage);
const { video } = data.report;
const rates = { previewFps: data.preview_fps, captureFps: video.capture_fps, fileFps: video.file_fps, frames: video.frames };
const player = new Player(editor, rates, (frame) => curve.show(frame));
const actions = {
  play: () => player.toggle(),
  back: (frames) => player.step(-frames),
  forward: (frames) => player.step(frames),
  first: () => player.go(0),
  last: () => player.go(video.frames - 1),
  earlier: (frames) => correctSelected((event) => corrections.move(event.frame, event.frame - frames)),
  later: (frames) => correctSelected((event) => corrections.move(event.frame, event.frame + frames)),
  move: () => correctSelected((event) => corrections.move(event.frame, player.frame)),
  flip: () => correctSelected((event) => corrections.flip(event.frame, event.foot)),
  approach: () => correctSelected((event) => corrections.approach(event.frame, !event.approach)),
  toe: async () => (pushOffAt(selectedFrame) ? (await toe).open(pushOffAt(selectedFrame)) : correctSelected(() => {})),
  confirm: () => correctSelected((event) => corrections.confirm(event.frame)),
  delete: () => correctSelected((event) => corrections.remove(event.frame)),
  "add-left": () => corrections.enqueue(() => corrections.add(player.frame, "left")),
  "add-right": () => corrections.enqueue(() => corrections.add(player.frame, "right")),
  undo: () => corrections.enqueue(() => corrections.undo()),
  calibrate: async () => (await calibration).open(player.frame),
};
const calibration = import("./calibrate.js").then(({ Calibration }) => {
  const dialog = document.getElementById("calibrate");
  return dialog && new Calibration(dialog, sessionUrl, () => data, (newData) => update(newData, selectedFrame));
});

const toe = import("./toe.js").then(({ ToeDialog }) => {
  const save = (event, px) => corrections.enqueue(() => corrections.toe(event.frame, px));
  return new ToeDialog(document.getElementById("toe"), sessionUrl, video, save);
});

draw();
for (const id of ["player", "timeline", "edit"]) document.getElementById(id).hidden = false;
editor.querySelector("#edit").addEventListener("click", (event) => actions[event.target.dataset.action]?.(1));
addShortcuts(editor, (action, frames) => actions[action]?.(frames));
checked.addEventListener("change", () => {
  corrections.enqueue(() => corrections.check(checked.checked, selectedFrame)).then(draw);
});
reportSection.addEventListener("click", (event) => {
  const takeOver = event.target.closest("button[data-correction]");
  if (takeOver) return corrections.enqueue(() => corrections.takeOver(JSON.parse(takeOver.dataset.correction)));
  const link = event.target.closest("a[data-frame]");
  if (!link) return;
  event.preventDefault();
  editor.focus({ preventScroll: true });
  editor.scrollIntoView({ block: "start" });
  const frame = Number(link.dataset.frame);
  if (pushOffAt(frame)) select(frame);
  else player.go(frame);
});
editor.dataset.ready = "yes";

function pushOffAt(frame) {
  return data.report.push_offs.find((event) => event.frame === frame);
}

function draw() {
  curve.draw(data.report);
  marks.draw(data.report, (frame) => curve.share(frame), data.manual_frames, selectedFrame);
  highlight(selectedFrame);
  checked.checked = Boolean(data.checked_at); // also after a refusal
}

async function update(newData, frame) {
  data = newData;
  selectedFrame = frame;
  draw();
  if (frame !== null && frame !== player.frame) player.go(frame);
  const logOpen = reportSection.querySelector("#log").open;
  reportSection.innerHTML = await request(`${sessionUrl}/report`, { as: "text" }); // escaped by our server
  reportSection.querySelector("#log").open = logOpen;
}

function select(frame) {
  player.go(frame);
  highlight(frame);
}

function highlight(frame) {
  const event = pushOffAt(frame);
  selectedFrame = event ? frame : null;
  marks.select(selectedFrame);
  selectedName.textContent = event ? describe(event, data.manual_frames.includes(frame)) : "No push-off selected";
  approachButton.textContent = event?.approach ? "Part of the drill" : "Running step";
  for (const button of editor.querySelectorAll("#selected button")) button.disabled = !event;
  editor.querySelector('[data-action="undo"]').disabled = !data.corrections.length;
  // a disabled button loses the focus; without one, keys would not reach the editor
  if (document.activeElement.disabled) editor.focus({ preventScroll: true });
}

function correctSelected(correct) {
  corrections.enqueue(() => {
    const event = pushOffAt(selectedFrame);
    return event ? correct(event) : showMessage("Select a push-off on the timeline first.", true);
  });
}

function showMessage(text, isError = false) {
  message.textContent = text;
  message.classList.toggle("error", isError);
}
