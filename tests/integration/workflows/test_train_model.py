"""From labelled clips to a coach's report, through the commands a person types."""

import json
import shutil
from pathlib import Path

import pytest

from pushoff.events.ground_truth import load_ground_truth
from pushoff.learning.starter import RULES
from tests.integration.event_rig import CLIPS, Trained, typed

pytestmark = pytest.mark.timeout(300)
KEYS = {
    "clips", "truth", "found", "tolerance_frames", "precision", "recall", "f1", "map",
    "median_abs_ms", "signed_mean_ms", "foot_accuracy", "sequence_exact", "per_clip",
}  # fmt: skip


def test_training_says_what_it_did_and_registers(trained: Trained) -> None:
    """The clips are held out in turn, the model serves, and scratch is left empty."""
    assert f"{trained.version} promoted: first version" in trained.said
    assert f"held out: {2 * CLIPS} push-offs of {CLIPS} videos" in trained.said
    assert "synthetic footage" in trained.said
    listed = trained.run("models", "list")
    assert listed.stdout.startswith(f"* {trained.version} "), listed.stderr
    shown = trained.run("models", "show", trained.version).stdout
    assert f"promoted: first version; serving, not proven: {2 * CLIPS} push-offs" in shown
    assert [] == list((trained.folder / "data" / "scratch").iterdir())


def test_clips_stay_and_are_learnt_from_again(trained: Trained) -> None:
    """Without a folder the heads are fitted on what is stored; the same labels, the same version,
    which does not replace itself."""
    done = trained.run("train")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{trained.version} not promoted: ")


def test_evaluate_prints_one_object(trained: Trained) -> None:
    """With --json stdout is one JSON object with every number and no more, per clip too."""
    done = typed(
        trained.folder, "evaluate", "--clips", trained.clips, "clips", "--tolerance", "2", "--json"
    )
    score = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert KEYS == score.keys()
    assert f"scored with {trained.version}" in done.stderr and "clip 1/2" in done.stderr
    assert {"0", "1", "2", "4"} == score["map"].keys()
    assert (CLIPS, 2 * CLIPS, 2) == (score["clips"], score["truth"], score["tolerance_frames"])
    names = [f"synthetic-{number:03d}.mp4" for number in range(CLIPS)]
    assert names == [one["clip"] for one in score["per_clip"]]
    assert all(one["trained_on"] and one["copy_of"] is None for one in score["per_clip"])
    assert score["f1"] > 0.6, "it was trained on these very clips"


def test_evaluate_tells_a_person_what_was_trained_on(trained: Trained) -> None:
    """Clips a model learnt from prove nothing, and the table says so."""
    done = trained.run("evaluate", "--clips", trained.clips, "--model", trained.version)
    assert f"{trained.version}: F1" in done.stdout
    assert f"{CLIPS} of these {CLIPS} clips were used to train the model" in done.stderr
    assert done.stdout.count("(trained on)") == CLIPS


def test_copies_are_told(trained: Trained) -> None:
    """The same video in another folder, under another name, proves nothing new."""
    folder = trained.folder / "copies"
    folder.mkdir()
    shutil.copy(trained.clips / "synthetic-000.mp4", folder / "new.mp4")
    truth = json.loads((trained.clips / "events.json").read_text())["synthetic-000.mp4"]
    (folder / "events.json").write_text(json.dumps({"new.mp4": truth}))
    done = trained.run("evaluate", "--clips", trained.clips, folder, "--json")
    assert "3 of these 3 clips were used to train the model" in done.stderr
    assert "1 of these 3 clips is a duplicate" in done.stderr
    copies = {one["clip"]: one["copy_of"] for one in json.loads(done.stdout)["per_clip"]}
    assert "synthetic-000.mp4" == copies["new.mp4"]


def test_analyze_gives_the_three_files(trained: Trained) -> None:
    """Push-offs of a clip as JSON, CSV and a page; seconds only with the camera's rate."""
    report = trained.report(trained.clips / "synthetic-000.mp4", "--capture-fps", "60")
    truth = load_ground_truth(trained.clips / "events.json", "synthetic-000.mp4")
    found = [one["frame"] for one in report["push_offs"]]
    assert len(found) >= 2
    assert sum(min(abs(f - t) for t in truth.push_off_frames) <= 2 for f in found) >= 2
    rows = (trained.folder / "reports/synthetic-000/push_offs.csv").read_text().splitlines()
    assert len(found) + 1 == len(rows)
    text = json.dumps(report)
    assert trained.version in text and "real time" not in text


def test_a_calibrated_video_has_metres_or_says_why_not(trained: Trained) -> None:
    """Two cones a known way apart calibrate; a distance is a number or a reason, never neither."""
    known = json.loads((trained.clips / "events.json").read_text())["synthetic-000.mp4"]
    one, other = known["ground_points"][0], known["ground_points"][6]
    good = trained.folder / "ground.json"
    good.write_text(json.dumps({
        "width_px": 320, "height_px": 180, "lens": known["lens"],
        "two_points": {"px": [one["px"], other["px"]], "metres": other["m"][0] - one["m"][0]},
    }))  # fmt: skip
    clip = trained.clips / "synthetic-000.mp4"
    report = trained.report(clip, "--capture-fps", "60", "--calibration", good)
    phases = report["distances"]["phases"]
    assert len(phases) == 1
    assert all((one["distance_m"] is None) != (one["reason"] is None) for one in phases), phases


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pixels_per_metre": -4}', '{"two": "points"}'])
def test_a_calibration_that_is_none_writes_nothing(trained: Trained, text: str) -> None:
    """One sentence, exit code 1, no folder."""
    bad = trained.folder / "bad.json"
    bad.write_text(text)
    out = trained.folder / "never"
    clip = trained.clips / "synthetic-000.mp4"
    assert "bad.json" in trained.refused("analyze", clip, "--calibration", bad, "--out", out)
    assert not out.exists()


@pytest.mark.parametrize("points", ["two_points", "ground_points"])
def test_a_calibration_of_a_larger_picture_writes_nothing(trained: Trained, points: str) -> None:
    """Points that lie outside the video's picture were read off another one: refused, no report."""
    corners = [[10, 10], [2000, 10], [2000, 170], [10, 170]]
    ground = [[0, 0], [9, 0], [9, 1], [0, 1]]
    said = {
        "two_points": {"px": corners[:2], "metres": 8},
        "ground_points": [{"px": p, "m": m} for p, m in zip(corners, ground, strict=True)],
    }
    larger = trained.folder / "larger.json"
    larger.write_text(json.dumps({points: said[points]}))
    out = trained.folder / "never"
    clip = trained.clips / "synthetic-000.mp4"
    refused = trained.refused("analyze", clip, "--calibration", larger, "--out", out)
    assert "(2000, 10) px lies outside the video's 320 x 180 px" in refused
    assert not out.exists()


def test_what_is_no_video_writes_nothing(trained: Trained) -> None:
    """Text, a folder and a missing file are a sentence each."""
    text = trained.folder / "notes.mp4"
    text.write_text("no video\n" * 100)
    out = trained.folder / "never"
    for video, word in ((text, "notes.mp4"), (trained.clips, "not a file"), ("x.mp4", "x.mp4")):
        assert word in trained.refused("analyze", video, "--out", out)
    assert not out.exists()


def test_an_unknown_model_is_a_sentence(trained: Trained) -> None:
    """It says where the known ones are listed."""
    clip = trained.clips / "synthetic-000.mp4"
    for name in ("resnet18-v9-abcdef", "../../etc", ""):
        said = trained.refused("analyze", clip, "--model", name)
        assert "pushoff models list" in said


@pytest.mark.parametrize(
    ("listing", "word"),
    [
        (None, "events.json"),
        ("{", "events.json"),
        ("[]", "events.json"),
        ("{}", "no video"),
        ('{"../clips/synthetic-000.mp4": {}}', "not the name of a file"),
        ('{"gone.mp4": {}}', "gone.mp4"),
    ],
)
def test_clips_that_are_none_are_a_sentence(
    trained: Trained, tmp_path: Path, listing: str | None, word: str
) -> None:
    """A folder without events.json, with another JSON, or one that names a file elsewhere."""
    if listing is not None:
        (tmp_path / "events.json").write_text(listing)
    done = trained.run("evaluate", "--clips", tmp_path, "--json")
    assert (1, "") == (done.returncode, done.stdout)
    assert word in done.stderr and done.stderr.startswith("pushoff: ")


def test_labels_of_another_video_are_refused(trained: Trained, tmp_path: Path) -> None:
    """Neither scored nor learnt from: the number of frames must be the video's."""
    clip = trained.clips / "synthetic-000.mp4"
    (tmp_path / clip.name).write_bytes(clip.read_bytes())
    said = json.loads((trained.clips / "events.json").read_text())["synthetic-001.mp4"]
    (tmp_path / "events.json").write_text(json.dumps({clip.name: said}))
    for command in ("evaluate", "train"):
        assert "belong to another file" in trained.refused(command, "--clips", tmp_path)


def test_nothing_to_learn_from_is_a_sentence(trained: Trained, tmp_path: Path) -> None:
    """Neither clips nor labels: how many are needed."""
    said = trained.refused("train", PUSHOFF_DATA_DIR=str(tmp_path))
    assert "0 usable labels, 8 are needed" in said


def test_without_a_model_the_rules_answer(trained: Trained, tmp_path: Path) -> None:
    """A fresh data folder has no champion yet: the report says that no model made it, and the
    rules are scored like a model."""
    clip, out = trained.clips / "synthetic-000.mp4", tmp_path / "report"
    fresh = {"PUSHOFF_DATA_DIR": str(tmp_path / "data")}
    done = trained.run("analyze", clip, "--capture-fps", "60", "--out", out, **fresh)
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "report.json").read_text())
    assert RULES in json.dumps(report)
    assert "fixed rules" in report["warnings"][0]
    assert "fixed rules" in (out / "report.html").read_text()
    done = trained.run("evaluate", "--clips", trained.clips, "--rules", "--json")
    assert f"scored with {RULES}" in done.stderr
    score = json.loads(done.stdout)
    assert not any(one["trained_on"] for one in score["per_clip"])


def test_a_tampered_model_is_refused(trained: Trained) -> None:
    """Weights changed in the registry are never loaded."""
    (weights,) = (trained.folder / "data" / "models").rglob("weights-*.safetensors")
    shutil.rmtree(trained.folder / "data" / "model-cache")
    data = weights.read_bytes()
    weights.write_bytes(data[:-8] + bytes(8))
    try:
        assert "SHA-256" in trained.refused("analyze", trained.clips / "synthetic-000.mp4")
    finally:
        weights.write_bytes(data)


def test_a_version_is_promoted_without_label_studio(trained: Trained) -> None:
    """Neither Redis nor Label Studio is needed, and the command says that nothing is published."""
    assert trained.version in trained.run("models", "list").stdout
    done = trained.run("models", "promote", trained.version)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no Label Studio is connected" in done.stdout
