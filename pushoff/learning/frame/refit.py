"""New heads on a backbone that stays: fitted on kept features within a second or two.

The backbone's own last layer is replaced, and a temporal head added where neighbours are known and
validation says that it is better. Door: torch.
"""

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.evaluation.metrics import average_precision
from pushoff.learning.frame.backbone import Backbone
from pushoff.learning.frame.classifier import CLASSES, FrameClassifier, save_model
from pushoff.learning.frame.logistic_head import FrameHead, fit_frame_head
from pushoff.learning.frame.temperature_scaling import (
    at_temperature,
    careful_threshold,
    learn_temperature,
)
from pushoff.learning.frame.temporal_head import OFFSETS_S, TemporalWeights
from pushoff.learning.registry.model_card import code_version
from pushoff.values import Label, ModelCard

STRENGTHS = (0.003, 0.03, 0.3)
"""Inverse penalties that are tried; validation chooses, the strictest where they tie."""
NEIGHBOURS_KNOWN = 0.5
"""Share of the frames whose neighbours must be known for a temporal head to be fitted."""
HERE = OFFSETS_S.index(0.0)


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled frames as the backbone describes them."""

    features: np.ndarray
    """(N, K, D) at OFFSETS_S."""
    known: np.ndarray
    """(N, K): False where the neighbour is not."""
    labels: np.ndarray
    """(N,) int."""
    weights: np.ndarray | None = None
    """(N,) how much each label counts; None: all alike."""


def refit(
    backbone: Backbone, train: Examples, val: Examples, card: ModelCard, folder: Path
) -> FrameClassifier:
    """Fit heads on `train`, choose, calibrate and set the threshold on `val`, save into `folder`.

    `card` says everything but temperature, threshold and hash. The same input gives the same
    weights. Raises TooFewLabels when a class is missing, ModelRefused for numbers that are not
    finite.
    """
    for name, part in (("training", train), ("validation", val)):
        for label in Label:
            if not (part.labels == label).any():
                raise TooFewLabels(
                    f"no {label.choice} among the {len(part.labels)} {name} frames: label more."
                )
    alone, _ = _best(train, val, [HERE], np.ones(len(train.labels), bool))
    p = alone.probabilities(val.features[:, HERE])
    temperature = learn_temperature(p, val.labels)
    p = at_temperature(p, temperature)
    card = dataclasses.replace(card, temperature=temperature, offsets_s=())
    temporal = None
    whole = train.known.all(axis=1)
    seen = val.known.all(axis=1)
    if whole.mean() >= NEIGHBOURS_KNOWN and _both(train.labels[whole]) and _both(val.labels[seen]):
        width = train.features.shape[2]
        wide, wide_precision = _best(train, val, range(len(OFFSETS_S)), whole)
        if wide_precision >= average_precision(p[seen], val.labels[seen]):
            q = wide.probabilities(_flat(val.features[seen], range(len(OFFSETS_S))))
            heat = learn_temperature(q, val.labels[seen])
            p[seen] = at_temperature(q, heat)
            weight = wide.weight.reshape(len(OFFSETS_S), width).astype(np.float32)
            temporal = TemporalWeights(OFFSETS_S, weight, wide.bias)
            card = dataclasses.replace(card, offsets_s=OFFSETS_S, temporal_temperature=heat)
    if not np.isfinite(p).all():
        raise ModelRefused("the refitted heads give numbers that are not finite")
    card = dataclasses.replace(
        card,
        threshold=careful_threshold(p, val.labels),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    network = _with_head(backbone, alone)
    card = save_model(folder, network, card, temporal)
    return FrameClassifier(network, card, temporal=temporal)


def _best(
    train: Examples, val: Examples, columns: Sequence[int], rows: np.ndarray
) -> tuple[FrameHead, float]:
    """The head of the strength with the best average precision on validation, and that."""
    x, y = _flat(train.features[rows], columns), train.labels[rows]
    weights = train.weights[rows] if train.weights is not None else None
    seen = val.known[:, list(columns)].all(axis=1)
    held, wanted = _flat(val.features[seen], columns), val.labels[seen]
    best: tuple[FrameHead, float] | None = None
    for strength in STRENGTHS:
        head = fit_frame_head(x, y, weights, strength)
        precision = average_precision(head.probabilities(held), wanted)
        if best is None or precision > best[1] + 1e-9:
            best = head, precision
    return best


def _flat(features: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    return features[:, list(columns)].reshape(len(features), -1).astype(np.float32)


def _both(labels: np.ndarray) -> bool:
    return len(np.unique(labels)) == len(Label)


def _with_head(backbone: Backbone, head: FrameHead) -> torch.nn.Module:
    """A copy of the network whose two logits differ by the head's."""
    network = copy.deepcopy(backbone.network)
    half = torch.from_numpy(head.weight / 2).float()
    with torch.no_grad():
        network.fc.weight.copy_(torch.stack([-half, half]))
        network.fc.bias.copy_(torch.tensor([-head.bias / 2, head.bias / 2]))
    return network


def blank_card(backbone: Backbone, fingerprint: str, seed: int, version: str) -> ModelCard:
    """A card for heads on `backbone`, which is `version`'s; empty: nothing was trained yet."""
    preprocessing = backbone.preprocessing
    return ModelCard(
        architecture=backbone.architecture,
        size_px=preprocessing.size_px,
        mean=preprocessing.mean,
        std=preprocessing.std,
        classes=CLASSES,
        threshold=0.5,
        temperature=1.0,
        initial_weights=backbone.initial,
        dataset_fingerprint=fingerprint,
        scorecard=None,
        weights_sha256="",
        seed=seed,
        created_at="",
        code_version=code_version(),
        backbone_of=version or "initial",
    )
