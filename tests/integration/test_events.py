"""From labelled clips to a coach's report, through the commands a person types."""

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from unittest import mock

import av
import numpy as np
import pytest

from pushoff.events.labelling import load_truth, load_truths
from pushoff.storage.files import Storage
from pushoff.storage.sessions import add_video
from pushoff.values import Exercise
from pushoff.video.synthetic import DrillSpec, render_drills
from sdk_scripts.cli import main
from tests.films import film

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
CLIPS = 2
SPECS = [
    DrillSpec(
        seed=seed,
        exercise=Exercise.HOPS,
        athlete="ada",
        push_offs=2,
        capture_fps=60,
        width_px=320,
        height_px=180,
        second_person=None,
        direction=("right", "left")[seed % 2],
    )
    for seed in range(CLIPS + 1)
]
"""One athlete: nothing is held out, which keeps this quick; unit tests hold out."""
KEYS = {
    "clips", "truth", "found", "tolerance_frames", "precision", "recall", "f1", "map",
    "median_abs_ms", "signed_mean_ms", "foot_accuracy", "sequence_exact", "per_clip",
}  # fmt: skip
REPORT = {"report.html", "push_offs.csv", "report.json"}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Trained:
    """A folder of clips, and a data folder with the model that learnt from them."""

    folder: Path
    clips: Path
    said: str
    version: str

    def run(self, *words: object, **settings: str) -> Done:
        return called(self.folder, *words, **settings)

    def refused(self, *words: object, **settings: str) -> str:
        """The one sentence a command ended with."""
        done = self.run(*words, **settings)
        assert done.returncode == 1, done.stdout + done.stderr
        lines = done.stderr.strip().splitlines()
        assert lines[-1].startswith("pushoff: "), done.stderr
        assert "Traceback" not in done.stderr
        return lines[-1]

    def report(self, video: Path, *words: object) -> dict:
        """report.json of an analysis, after a look at the two other files."""
        out = self.folder / "reports" / video.stem
        done = self.run("analyze", video, "--out", out, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert {one.name for one in out.iterdir()} == REPORT
        page = (out / "report.html").read_text()
        assert "<html" in page and "://" not in page
        return json.loads((out / "report.json").read_text())


def surroundings(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a command: none of the developer's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PUSHOFF_")}
    return {
        **kept,
        "PUSHOFF_DATA_DIR": str(folder / "data"),
        "PUSHOFF_WEIGHTS": "none",
        "PUSHOFF_EVENT_SIZE_PX": "64",
        "PYTHONPATH": str(ROOT),
        **settings,
    }


def typed(folder: Path, *words: object) -> Done:
    """The command as a person runs it, a process and a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from sdk_scripts.cli import main; main()", *map(str, words)],
        cwd=folder,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        timeout=250,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def called(folder: Path, *words: object, **settings: str) -> Done:
    """The same in this process: starting torch and mlflow takes longer than most commands."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    environment = mock.patch.dict(os.environ, surroundings(folder, **settings), clear=True)
    arguments = mock.patch.object(sys, "argv", ["pushoff", *map(str, words)])
    with environment, arguments, chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:  # as the interpreter does: a sentence is exit code 1
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            err.write(ended.code if isinstance(ended.code, str) else "")
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Rendered clips, and a model that learnt from them and from frames of one more film."""
    folder = tmp_path_factory.mktemp("events")
    render_drills(folder / "clips", SPECS[:CLIPS])
    render_drills(folder / "session", SPECS[CLIPS:])
    export = exported(folder, folder / "session")
    done = typed(folder, "train", "--clips", folder / "clips", "--export", export)
    assert done.returncode == 0, done.stdout + done.stderr
    version = next(line for line in done.stdout.splitlines() if line.startswith("resnet18-v1-"))
    return Trained(folder, folder / "clips", done.stdout, version.split()[0])


def exported(folder: Path, clips: Path) -> Path:
    """A Label Studio export of frames of one film, which is put into storage as a session."""
    ((clip, truth),) = load_truths(clips).items()
    session = add_video(
        Storage(str(folder / "data" / "storage")), clip, athlete="ben", exercise=Exercise.HOPS,
        capture_fps=60, footage="synthetic",
    )  # fmt: skip
    frames = {up: "push_off" for up in truth.push_off_frames}
    frames |= {up + by: "not_push_off" for up in truth.push_off_frames for by in (-9, -5, 3, 9)}
    tasks = [
        task(number, {"image": f"/data/local-files/?d=media/{session.session_id}/{frame:06d}.jpg",
                      "session": session.session_id, "athlete": "ben", "footage": "synthetic",
                      "time_s": frame / 60}, choice)
        for number, (frame, choice) in enumerate(frames.items(), 1)
    ]  # fmt: skip
    tasks.append(task(99, {"image": "/data/upload/1/0a1b2c3d-by_hand_1.jpg"}, "push_off"))
    export = folder / "export.json"
    export.write_text(json.dumps(tasks))
    return export


@pytest.fixture(scope="module")
def pictures(trained: Trained) -> list[np.ndarray]:
    """The first clip's frames, (H, W, 3) uint8 RGB."""
    with av.open(str(trained.clips / "synthetic-000.mp4")) as opened:
        return [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]


def write(path: Path, pictures: list[np.ndarray], rate: int) -> Path:
    """A film of these pictures."""
    with av.open(str(path), "w") as out:
        track = out.add_stream("libx264", rate=Fraction(rate), options={"preset": "ultrafast"})
        track.height, track.width = pictures[0].shape[:2]
        track.pix_fmt = "yuv420p"
        for picture in pictures:
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode())
    return path


def test_training_says_what_it_did_and_registers(trained: Trained) -> None:
    """Clips and an export's session teach; the model serves, and scratch is left empty."""
    assert f"{trained.version} promoted: first model of events" in trained.said
    listed = trained.run("models", "list", "--project", "0")
    assert listed.stdout.startswith(f"* {trained.version} "), listed.stderr
    shown = trained.run("models", "show", trained.version, "--project", "0").stdout
    assert "learnt from 3 films (synthetic)" in shown
    assert [] == list((trained.folder / "data" / "scratch").iterdir())


def test_evaluate_prints_one_object(trained: Trained) -> None:
    """With --json stdout is one JSON object with every number and no more, per clip too."""
    done = typed(
        trained.folder, "evaluate", "--clips", trained.clips, "clips", "--tolerance", "2", "--json"
    )
    score = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert KEYS == score.keys()
    assert f"scored with {trained.version}" in done.stderr and "reading clip 1" in done.stderr
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
    assert f"{CLIPS} of these {CLIPS} clips are films the model was trained on" in done.stderr
    assert done.stdout.count("(trained on)") == CLIPS


def test_copies_are_told(trained: Trained) -> None:
    """The same film in another folder, under another name, proves nothing new."""
    folder = trained.folder / "copies"
    folder.mkdir()
    shutil.copy(trained.clips / "synthetic-000.mp4", folder / "new.mp4")
    truth = json.loads((trained.clips / "events.json").read_text())["synthetic-000.mp4"]
    (folder / "events.json").write_text(json.dumps({"new.mp4": truth}))
    done = trained.run("evaluate", "--clips", trained.clips, folder, "--json")
    assert "3 of these 3 clips are films the model was trained on, or a copy" in done.stderr
    assert "1 of these 3 clips is a copy of others" in done.stderr
    copies = {one["clip"]: one["copy_of"] for one in json.loads(done.stdout)["per_clip"]}
    assert "synthetic-000.mp4" == copies["new.mp4"]


def test_analyze_gives_the_three_files(trained: Trained) -> None:
    """Push-offs of a clip as JSON, CSV and a page; seconds only with the camera's rate."""
    report = trained.report(trained.clips / "synthetic-000.mp4", "--capture-fps", "60")
    truth = load_truth(trained.clips / "events.json", "synthetic-000.mp4")
    found = [one["frame"] for one in report["push_offs"]]
    assert len(found) >= 2
    assert sum(min(abs(f - t) for t in truth.push_off_frames) <= 2 for f in found) >= 2
    rows = (trained.folder / "reports/synthetic-000/push_offs.csv").read_text().splitlines()
    assert len(found) + 1 == len(rows)
    text = json.dumps(report)
    assert trained.version in text and "real time" not in text


def test_a_calibrated_film_has_metres_or_says_why_not(trained: Trained) -> None:
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


def test_what_is_no_film_writes_nothing(trained: Trained) -> None:
    """Text, a folder and a missing file are a sentence each."""
    text = trained.folder / "notes.mp4"
    text.write_text("no film\n" * 100)
    out = trained.folder / "never"
    for video, word in ((text, "notes.mp4"), (trained.clips, "not a file"), ("x.mp4", "x.mp4")):
        assert word in trained.refused("analyze", video, "--out", out)
    assert not out.exists()


def test_an_unknown_model_is_a_sentence(trained: Trained) -> None:
    """It says where the known ones are listed."""
    clip = trained.clips / "synthetic-000.mp4"
    for name in ("resnet18-v9-abcdef", "../../etc", ""):
        said = trained.refused("analyze", clip, "--model", name)
        assert "--project 0" in said


@pytest.mark.parametrize(
    ("listing", "word"),
    [
        (None, "events.json"),
        ("{", "events.json"),
        ("[]", "events.json"),
        ("{}", "no film"),
        ('{"../clips/synthetic-000.mp4": {}}', "not a file name"),
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


def test_labels_of_another_film_are_refused(trained: Trained, tmp_path: Path) -> None:
    """Neither scored nor learnt from: the number of frames must be the film's."""
    clip = trained.clips / "synthetic-000.mp4"
    (tmp_path / clip.name).write_bytes(clip.read_bytes())
    said = json.loads((trained.clips / "events.json").read_text())["synthetic-001.mp4"]
    (tmp_path / "events.json").write_text(json.dumps({clip.name: said}))
    for command in ("evaluate", "train"):
        assert "belong to another file" in trained.refused(command, "--clips", tmp_path)


def test_nothing_to_learn_from_is_a_sentence(trained: Trained) -> None:
    """Neither clips nor an export."""
    assert "--clips" in trained.refused("train")


def test_without_a_model_the_commands_say_what_to_do(trained: Trained, tmp_path: Path) -> None:
    """A fresh data folder has no champion yet."""
    said = trained.refused(
        "analyze", trained.clips / "synthetic-000.mp4", PUSHOFF_DATA_DIR=str(tmp_path)
    )
    assert "pushoff train --clips" in said


def test_a_film_with_nobody_has_a_report_without_numbers(trained: Trained) -> None:
    """No push-off, no exercise and no metres are made up where nobody is."""
    empty = film(trained.folder / "empty.mp4", frames=90, rate=60, size=(320, 180))
    report = trained.report(empty)
    assert [] == report["push_offs"]
    assert any("No athlete" in one for one in report["warnings"]), report["warnings"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_film_of_a_few_frames_is_too_short(
    trained: Trained, pictures: list[np.ndarray], count: int
) -> None:
    """Nothing is found in it, and page and JSON say why in plain words."""
    short = write(trained.folder / f"short-{count}.mp4", pictures[:count], 60)
    report = trained.report(short)
    assert [] == report["push_offs"]
    assert any("too short to find push-offs in" in one for one in report["warnings"])
    page = (trained.folder / "reports" / short.stem / "report.html").read_text()
    assert "too short to find push-offs in" in page and "whole frame" not in page


def test_black_is_told(trained: Trained, pictures: list[np.ndarray]) -> None:
    """Three black seconds in the middle: no push-off in them, and a warning."""
    half = len(pictures) // 2
    black = [np.zeros_like(pictures[0])] * 180
    dark = write(trained.folder / "dark.mp4", pictures[:half] + black + pictures[half:], 60)
    report = trained.report(dark)
    assert any("black" in one for one in report["warnings"]), report["warnings"]
    assert not [one for one in report["push_offs"] if half <= one["frame"] < half + 180]


def test_a_cut_is_told(trained: Trained, pictures: list[np.ndarray]) -> None:
    """Two runs in one file are not one run."""
    other = [255 - np.roll(picture[:, ::-1], 40, axis=1) for picture in pictures]
    report = trained.report(write(trained.folder / "cut.mp4", pictures + other, 60))
    assert any("cut" in one for one in report["warnings"]), report["warnings"]


def test_a_film_that_was_cut_short_says_so(trained: Trained, pictures: list[np.ndarray]) -> None:
    """A file of which the end was lost on the way is read as far as it goes, and says how far."""
    whole = trained.folder / "whole.avi"
    with av.open(str(whole), "w") as out:
        track = out.add_stream("mjpeg", rate=60)
        track.height, track.width = pictures[0].shape[:2]
        track.pix_fmt = "yuvj420p"
        for picture in pictures:
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode())
    lost = trained.folder / "lost.avi"
    lost.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    report = trained.report(lost, "--capture-fps", "60")
    read = report["film"]["frames"]
    assert 0.3 * len(pictures) < read < 0.8 * len(pictures)
    said = f"The file ends early: {read} of its {len(pictures)} frames"
    assert report["warnings"][0].startswith(said), report["warnings"]


@pytest.mark.parametrize("points", ["two_points", "ground_points"])
def test_a_calibration_of_a_larger_picture_writes_nothing(trained: Trained, points: str) -> None:
    """Points that lie outside the film's picture were read off another one: refused, no report."""
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
    assert "(2000, 10) px lies outside of the film's 320 x 180 px" in refused
    assert not out.exists()


def test_a_portrait_film_at_30_is_read_with_doubt(
    trained: Trained, pictures: list[np.ndarray]
) -> None:
    """A phone held upright at 30/s gets a report that says how coarse it is."""
    ground = np.full((140, 180, 3), 110, np.uint8)
    tall = [np.concatenate([one[:, 70:250], ground]) for one in pictures[::2]]
    report = trained.report(write(trained.folder / "phone.mp4", tall, 30))
    told = " ".join(report["warnings"])
    assert "30 frames/s" in told and "33 ms" in told, told


def task(number: int, data: dict, choice: str) -> dict:
    """One task of a Label Studio JSON export, labelled."""
    value = {"from_name": "choice", "to_name": "image", "type": "choices",
             "value": {"choices": [choice]}}  # fmt: skip
    return {
        "id": number,
        "data": data,
        "annotations": [
            {"id": number, "result": [value], "completed_by": 1, "was_cancelled": False,
             "updated_at": "2026-01-01T00:00:00Z", "lead_time": 1.0, "parent_prediction": None}
        ],
    }  # fmt: skip


def test_an_export_that_names_nobody_in_storage_is_a_sentence(trained: Trained) -> None:
    """Labels without a film in storage, and a file that is no export."""
    export = trained.folder / "elsewhere.json"
    export.write_text(json.dumps([task(1, {"image": "/data/upload/1/x.jpg"}, "push_off")]))
    assert "session in storage" in trained.refused("train", "--export", export)
    export.write_text('[{"id": 1')
    assert "elsewhere.json" in trained.refused("train", "--export", export)


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


def test_event_models_are_promoted_without_label_studio(trained: Trained) -> None:
    """Project 0 needs neither Redis nor Label Studio: promote and roll back say who uses it."""
    assert trained.version in trained.run("models", "list", "--project", 0).stdout
    done = trained.run("models", "promote", trained.version, "--project", 0)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pushoff analyze" in done.stdout
