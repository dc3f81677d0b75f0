// A session's page: video, timeline, corrections and calibration, held together by one report.
import { ask } from "./asking.js";
import { Corrections } from "./corrections.js";
import { Curve } from "./curve.js";
import { keyboard } from "./keys.js";
import { Marks, named } from "./marks.js";
import { Player } from "./player.js";

const bench = document.getElementById("workbench");
const answer = document.getElementById("answer");
const said = document.getElementById("said");
const which = document.getElementById("which");
const at = bench.dataset.session;
let data = await ask(`${at}/report.json`);
let selected = null; // the frame of a push-off

const curve = new Curve(document.getElementById("curve"), (frame) => player.go(frame));
const marks = new Marks(document.getElementById("marks"), (frame) => select(frame));
const corrections = new Corrections(at, changed, say);
const { video } = data.report;
const rates = { previewFps: data.preview_fps, captureFps: video.capture_fps, fileFps: video.file_fps, frames: video.frames };
const player = new Player(bench, rates, (frame) => curve.show(frame));
const doing = {
  play: () => player.toggle(),
  back: (many) => player.step(-many),
  on: (many) => player.step(many),
  first: () => player.go(0),
  last: () => player.go(video.frames - 1),
  earlier: (many) => withSelected((one) => corrections.move(one.frame, one.frame - many)),
  later: (many) => withSelected((one) => corrections.move(one.frame, one.frame + many)),
  move: () => withSelected((one) => corrections.move(one.frame, player.frame)),
  flip: () => withSelected((one) => corrections.flip(one.frame, one.foot)),
  confirm: () => withSelected((one) => corrections.confirm(one.frame)),
  delete: () => withSelected((one) => corrections.remove(one.frame)),
  "add-left": () => corrections.next(() => corrections.add(player.frame, "left")),
  "add-right": () => corrections.next(() => corrections.add(player.frame, "right")),
  undo: () => corrections.next(() => corrections.undo()),
  calibrate: async () => (await calibrating).open(player.frame),
};
const calibrating = import("./calibrate.js").then(({ Calibrate }) => {
  const dialog = document.getElementById("calibrate");
  return dialog && new Calibrate(dialog, at, () => data, (news) => changed(news, selected));
});

draw();
for (const id of ["player", "timeline", "edit"]) document.getElementById(id).hidden = false;
bench.querySelector("#edit").addEventListener("click", (event) => doing[event.target.dataset.do]?.(1));
keyboard(bench, (action, many) => doing[action]?.(many));
answer.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-frame]");
  if (!link) return;
  event.preventDefault();
  bench.focus({ preventScroll: true });
  bench.scrollIntoView({ block: "start" });
  const frame = Number(link.dataset.frame);
  if (data.report.push_offs.some((one) => one.frame === frame)) select(frame);
  else player.go(frame);
});
bench.dataset.ready = "yes";

function draw() {
  curve.draw(data.report);
  marks.draw(data.report, (frame) => curve.share(frame), data.by_hand, selected);
  choose(selected);
}

async function changed(news, frame) {
  data = news;
  selected = frame;
  draw();
  if (frame !== null && frame !== player.frame) player.go(frame);
  const unfolded = answer.querySelector("#log").open;
  answer.innerHTML = await ask(`${at}/answer`, { as: "text" }); // our own server's, names escaped
  answer.querySelector("#log").open = unfolded;
}

function select(frame) {
  player.go(frame);
  choose(frame);
}

function choose(frame) {
  const one = data.report.push_offs.find((each) => each.frame === frame);
  selected = one ? frame : null;
  marks.select(selected);
  which.textContent = one ? named(one, data.by_hand.includes(frame)) : "No push-off selected";
  for (const button of bench.querySelectorAll("#selected button")) button.disabled = !one;
  bench.querySelector('[data-do="undo"]').disabled = !data.corrections.length;
  if (document.activeElement.disabled) bench.focus({ preventScroll: true }); // or keys go nowhere
}

function withSelected(job) {
  corrections.next(() => {
    const one = data.report.push_offs.find((each) => each.frame === selected);
    return one ? job(one) : say("Select a push-off on the timeline first.", true);
  });
}

function say(words, bad = false) {
  said.textContent = words;
  said.classList.toggle("bad", bad);
}
