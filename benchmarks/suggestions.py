"""How good the suggestions in Label Studio are on real clips that nobody trained on.

    .venv/bin/python -m benchmarks.suggestions ../shared/data --weights FILE [--json FILE]

DATA holds folders of labelled clips. For each seed the clips are divided into learnt and kept-out
ones; then the service's own steps are replayed in memory: the queue orders the frames of the
learnt clips, they are answered from the top as their events.json says, and at each checkpoint the
labels are frozen, heads are fitted, the gate decides, and the champion predicts the kept-out clips.
"""

import json
import multiprocessing
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import typer

from benchmarks.suggestion_clips import Clip, load_clips
from benchmarks.suggestion_replay import Replay
from pushoff.active.queue import DEFAULT
from pushoff.events.scoring import score_clips
from pushoff.learning.evaluation.metrics import average_precision, calibration_error
from pushoff.learning.model.frame_suggestion import SUGGESTED_FROM
from pushoff.learning.model.sequence_head import VideoPrediction
from pushoff.values import Scorecard
from pushoff.workflows.steps.data.training_data import labels_of_truth

CHECKPOINTS = (60, 120, 240, 480)
"""Answers after which a model is fitted; then all frames of the queue, then whole clips."""
PLACES = {"sprint": (3, 1), "sprint_left": (2, 1), "triple_jump": (1, 4), "running": (0, 1)}
"""Clips that are kept out of each folder, and the tolerance in frames of the second F1."""


@dataclass(frozen=True)
class Row:
    """One measurement."""

    seed: int
    labels: int
    """Answers given; 0: the pose rules."""
    push_offs: int
    """Push-offs among them."""
    whole_clips: bool
    place: str
    f1: float
    """At the exact frame."""
    f1_within_1: float
    """Within one frame (triple jump: four, and the label's own uncertainty)."""
    ap: float
    """Average precision of frames."""
    ece: float
    """Expected calibration error of frames."""
    ap_picture: float
    """Average precision of the picture head alone."""
    ece_picture: float
    named_alone: int
    """Frames that the picture head calls push_off."""
    right_alone: int
    """Those of them that are."""
    claimed: tuple[float, float] | None
    """The version's 95 % interval of F1 within one frame; None where nothing was held out."""
    proven: bool
    version_labels: int
    """Labels the champion was fitted on: fewer where the gate kept it."""


@dataclass
class Curve:
    """All rows of one seed."""

    rows: list[Row] = field(default_factory=list)


def main(
    data: Path,
    weights: str = "imagenet",
    seeds: int = 5,
    out: Path = Path("var/suggestions"),
    as_json: Path | None = typer.Option(None, "--json", help="Write the rows to this file."),
    order: str = typer.Option(DEFAULT, help="Strategy of the queue; `random` to compare with."),
) -> None:
    """Replay every seed and print the medians."""
    began = time.monotonic()
    clips = load_clips(data, tuple(PLACES), weights, out)
    print(f"{len(clips)} clips, features after {time.monotonic() - began:.0f} s", flush=True)
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    workers = min(os.cpu_count() or 1, seeds)
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        parts = [
            pool.submit(replay_seed, data, weights, out, seed, order)
            for seed in range(1, seeds + 1)
        ]
        rows = [row for part in parts for row in part.result()]
    print("\n".join(table(rows)))
    print(coverage(rows))
    if as_json:
        as_json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    print(f"{time.monotonic() - began:.0f} s, {seeds} seeds, order {order}")


def replay_seed(data: Path, weights: str, out: Path, seed: int, order: str) -> list[Row]:
    """One division of the clips, from no answer to all."""
    clips = load_clips(data, tuple(PLACES), weights, out)
    learnt, kept_out = divide(clips, seed)
    replay = Replay(learnt, weights, seed, order)
    rows = measure(replay, kept_out, seed, whole_clips=False)
    for count in (*CHECKPOINTS, len(replay.queue)):
        replay.answer_up_to(count)
        replay.refit()
        rows += measure(replay, kept_out, seed, whole_clips=False)
    replay.mark_all()
    replay.refit()
    return rows + measure(replay, kept_out, seed, whole_clips=True)


def divide(clips: Sequence[Clip], seed: int) -> tuple[list[Clip], list[Clip]]:
    """Learnt and kept-out clips; which ones are kept out is drawn by the seed."""
    rng = np.random.default_rng(seed)
    kept_out: list[Clip] = []
    for place, (count, _) in PLACES.items():
        own = sorted((clip for clip in clips if clip.place == place), key=lambda clip: clip.name)
        picked = rng.permutation(len(own))[:count]
        kept_out += [own[number] for number in picked]
    return [clip for clip in clips if clip not in kept_out], kept_out


def measure(replay: Replay, kept_out: Sequence[Clip], seed: int, *, whole_clips: bool) -> list[Row]:
    """One row for each place that has kept-out clips."""
    rows = []
    card = replay.scorecard
    for place, (count, tolerance) in PLACES.items():
        clips = [clip for clip in kept_out if clip.place == place]
        if not count or not clips:
            continue
        found = {clip.name: replay.predict(clip) for clip in clips}
        exact, within = (
            _f1(found, clips, frames, own=place == "triple_jump") for frames in (0, tolerance)
        )
        p, picture, y = _frames(replay, found, clips)
        named = picture >= SUGGESTED_FROM
        rows.append(
            Row(
                seed=seed,
                labels=replay.answers,
                push_offs=replay.push_offs,
                whole_clips=whole_clips,
                place=place,
                f1=exact,
                f1_within_1=within,
                ap=average_precision(p, y),
                ece=calibration_error(p, y),
                ap_picture=average_precision(picture, y) if replay.has_model else 0.0,
                ece_picture=calibration_error(picture, y) if replay.has_model else 0.0,
                named_alone=int(named.sum()),
                right_alone=int(y[named].sum()),
                claimed=_claimed(card),
                proven=bool(card and card.proven),
                version_labels=replay.version_labels,
            )
        )
    return rows


def _claimed(card: Scorecard | None) -> tuple[float, float] | None:
    return (card.f1_interval.low, card.f1_interval.high) if card else None


def _f1(
    found: Mapping[str, VideoPrediction], clips: Sequence[Clip], tolerance: int, *, own: bool
) -> float:
    events = {name: list(prediction.events) for name, prediction in found.items()}
    truths = {clip.name: clip.truth for clip in clips}
    return score_clips(events, truths, tolerance, own_uncertainty=own).f1


def _frames(
    replay: Replay, found: Mapping[str, VideoPrediction], clips: Sequence[Clip]
) -> tuple[np.ndarray, ...]:
    """Probabilities of both heads, and labels, of every frame that has a label."""
    p, picture, y = [], [], []
    for clip in clips:
        labels = labels_of_truth(clip.truth, np.asarray(clip.features.times_s))
        frames = np.array(sorted(labels), int)
        p.append(found[clip.name].probabilities[frames])
        picture.append(replay.predict_pictures(clip)[frames])
        y.append(np.array([int(labels[frame]) for frame in frames.tolist()]))
    return tuple(np.concatenate(part) for part in (p, picture, y))


def table(rows: Sequence[Row]) -> list[str]:
    """Medians over the seeds, with the range."""
    lines = [
        "| answers (push-offs) | place | F1 exact | F1 near | AP | ECE | alone: AP, ECE | right |",
        "|---|---|---|---|---|---|---|---|",
    ]
    steps = sorted({(row.whole_clips, _step(row)) for row in rows})
    for whole, step in steps:
        for place in PLACES:
            own = [
                row
                for row in rows
                if (row.whole_clips, _step(row), row.place) == (whole, step, place)
            ]
            if not own:
                continue
            name = "whole clips" if whole else "all" if step > max(CHECKPOINTS) else str(step)
            push_offs = int(np.median([row.push_offs for row in own]))
            cells = [
                _median([getattr(row, key) for row in own])
                for key in ("f1", "f1_within_1", "ap", "ece")
            ]
            cells += _of_pictures(own)
            lines.append(f"| {name} ({push_offs}) | {place} | " + " | ".join(cells) + " |")
    return lines


def _of_pictures(rows: Sequence[Row]) -> list[str]:
    """Of the picture head: AP and ECE, and how many of all its push_off suggestions are right."""
    if not rows[0].labels:
        return ["", ""]
    ap, ece = (
        np.median([getattr(row, key) for row in rows]) for key in ("ap_picture", "ece_picture")
    )
    right = sum(row.right_alone for row in rows)
    return [f"{ap:.2f}, {ece:.2f}", f"{right} of {sum(row.named_alone for row in rows)}"]


def _step(row: Row) -> int:
    return row.labels if row.labels <= max(CHECKPOINTS) else max(CHECKPOINTS) + 1


def _median(values: Sequence[float]) -> str:
    return f"{np.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def coverage(rows: Sequence[Row]) -> str:
    """How often the claimed interval held the measured value on kept-out clips of the same place.

    The same place is the one most learnt clips are of.
    """
    own = [(row.claimed, row.f1_within_1) for row in rows if row.claimed and row.place == "sprint"]
    inside = sum(low <= f1 <= high for (low, high), f1 in own)
    return f"claimed interval holds on kept-out sprint clips: {inside} of {len(own)} versions"


if __name__ == "__main__":
    typer.run(main)
