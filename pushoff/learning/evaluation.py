"""Candidate and champion on the same held-out frames."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pushoff.learning.classifier import FrameClassifier, load_model
from pushoff.learning.dataset import FrozenFrame, footage_of, frozen_frames
from pushoff.learning.plots import plots
from pushoff.learning.scorecard import paired_confidence, score
from pushoff.values import Scorecard, Split

BATCH = 64
"""Images in memory at a time."""


@dataclass(frozen=True)
class Comparison:
    """Two models, one set of held-out frames."""

    candidate: Scorecard
    champion: Scorecard | None
    """None when there is no champion yet."""
    confidence: float | None
    """Share of paired bootstrap draws the candidate wins; None without a champion."""
    plots: Mapping[str, bytes]
    """The candidate's pictures: file name to PNG bytes."""


def compare(
    manifest: Mapping[str, object],
    load_image: Callable[[FrozenFrame], np.ndarray],
    candidate_dir: Path,
    champion_dir: Path | None,
    seed: int,
) -> Comparison:
    """Score both models on the manifest's test frames, which neither was fitted to.

    `load_image` gives a frame's whole image, (H, W, 3) uint8 RGB. Raises ModelRefused when a
    model does not load, TooFewLabels when nothing is held out.
    """
    frames = frozen_frames(manifest, Split.TEST)
    labels = np.array([int(frame.label) for frame in frames])
    independent = bool(manifest["independent"])
    models = [load_model(folder) for folder in (candidate_dir, champion_dir) if folder]
    answers = _predict(models, frames, load_image)
    cards = [
        score(
            p,
            labels,
            [frame.session_id for frame in frames],
            footage_of(frames),
            model.card.threshold,
            independent,
            [not frame.from_suggestion for frame in frames],
        )
        for model, p in zip(models, answers, strict=True)
    ]
    confidence = None
    if champion_dir:
        confidence = paired_confidence(
            labels,
            [frame.group for frame in frames],
            answers[0],
            answers[1],
            models[0].card.threshold,
            models[1].card.threshold,
            seed,
        )
    return Comparison(
        cards[0],
        cards[1] if champion_dir else None,
        confidence,
        plots(answers[0], labels, models[0].card.threshold),
    )


def _predict(
    models: list[FrameClassifier],
    frames: tuple[FrozenFrame, ...],
    load_image: Callable[[FrozenFrame], np.ndarray],
) -> list[np.ndarray]:
    """(N,) probabilities of each model; every image is decoded once for all of them."""
    parts: list[list[np.ndarray]] = [[np.zeros(0)] for _ in models]
    for start in range(0, len(frames), BATCH):
        batch = frames[start : start + BATCH]
        images = [load_image(frame) for frame in batch]
        for model, part in zip(models, parts, strict=True):
            part.append(model.predict(images, [frame.box for frame in batch]))
    return [np.concatenate(part) for part in parts]
