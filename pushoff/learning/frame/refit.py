"""Refit: new heads on stored features of an unchanged backbone, within a second or two.

The backbone's last layer is replaced, and a temporal head is added where neighbours are known and
validation says that it is better. Door: torch.
"""

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.evaluation.calibration import (
    apply_temperature,
    fit_temperature,
    shrunk_threshold,
)
from pushoff.learning.evaluation.metrics import average_precision
from pushoff.learning.features.feature_extractor import FeatureExtractor
from pushoff.learning.frame.classifier import CLASSES, FrameClassifier, save_model
from pushoff.learning.heads.fit_picture import LogisticHead, fit_logistic_head
from pushoff.learning.frame.temporal_head import OFFSETS_S, OWN_OFFSET, TemporalHeadWeights
from pushoff.learning.registry.model_card import code_version
from pushoff.values import Label, ModelCard

if TYPE_CHECKING:
    from torchvision.models import ResNet

STRENGTHS = (0.003, 0.03, 0.3)
"""Inverse penalties that are tried; validation chooses, the strictest where they tie."""
NEIGHBOURS_KNOWN = 0.5
"""Share of the training frames whose neighbours must be known for a temporal head to be fitted."""
ALL_COLUMNS = range(len(OFFSETS_S))
OWN_COLUMN = (OWN_OFFSET,)
"""Of the frame itself among its neighbours."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Features of N labelled frames and their neighbours."""

    features: np.ndarray
    """(N, K, D) at OFFSETS_S."""
    known: np.ndarray
    """(N, K) bool: False where there is no such neighbour."""
    labels: np.ndarray
    """(N,) int."""
    weights: np.ndarray | None = None
    """(N,) how much each label counts; None: all the same."""

    def has_both_classes(self, rows: np.ndarray | None = None) -> bool:
        """Whether push_off and not_push_off are among the labels (of these rows)."""
        labels = self.labels if rows is None else self.labels[rows]
        return len(np.unique(labels)) == len(Label)


def refit(
    extractor: FeatureExtractor, train: Examples, val: Examples, card: ModelCard, folder: Path
) -> FrameClassifier:
    """Fit heads on `train`; choose, calibrate and set the threshold on `val`; save into `folder`.

    `card` has everything but temperature, threshold and hash. The same input gives the same
    weights. Raises TooFewLabels when a class is missing, ModelRefused for non-finite numbers.
    """
    _require_both_classes(train, "training")
    _require_both_classes(val, "validation")
    head, _ = _best_head(train, val, OWN_COLUMN, np.ones(len(train.labels), bool))
    p = head.probabilities(_columns(val.features, OWN_COLUMN))
    temperature = fit_temperature(p, val.labels)
    p = apply_temperature(p, temperature)
    card = dataclasses.replace(card, temperature=temperature, offsets_s=())
    temporal, temporal_temperature, p = _fit_temporal_head(train, val, p)
    if temporal:
        card = dataclasses.replace(
            card, offsets_s=OFFSETS_S, temporal_temperature=temporal_temperature
        )
    if not np.isfinite(p).all():
        raise ModelRefused("the refitted heads return NaN or infinite values")
    card = dataclasses.replace(
        card,
        threshold=shrunk_threshold(p, val.labels),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    network = _with_head(extractor, head)
    card = save_model(folder, network, card, temporal)
    return FrameClassifier(network, card, temporal=temporal)


def initial_card(
    extractor: FeatureExtractor, fingerprint: str, seed: int, version: str
) -> ModelCard:
    """A card for heads on `extractor`, that of model `version`; empty: nothing was trained yet.

    `fingerprint` is the data set's.
    """
    preprocessing = extractor.preprocessing
    return ModelCard(
        architecture=extractor.architecture,
        size_px=preprocessing.size_px,
        mean=preprocessing.mean,
        std=preprocessing.std,
        classes=CLASSES,
        threshold=0.5,
        temperature=1.0,
        initial_weights=extractor.initial_weights,
        dataset_fingerprint=fingerprint,
        scorecard=None,
        weights_sha256="",
        seed=seed,
        created_at="",
        code_version=code_version(),
        backbone_of=version or "initial",
    )


def _require_both_classes(examples: Examples, name: str) -> None:
    for label in Label:
        if not (examples.labels == label).any():
            raise TooFewLabels(
                f"There is no {label.choice} among the {len(examples.labels)} {name} frames.",
                code="one_class",
                remedy="Label more frames.",
            )


def _fit_temporal_head(
    train: Examples, val: Examples, p: np.ndarray
) -> tuple[TemporalHeadWeights | None, float, np.ndarray]:
    """(head, its temperature, `p` with its probabilities where neighbours are known).

    `p` (N,) are the validation probabilities without it. The head is None and `p` unchanged where
    neighbours are rarely known or validation is no better with it.
    """
    train_rows: np.ndarray = np.asarray(train.known.all(axis=1))
    val_rows: np.ndarray = np.asarray(val.known.all(axis=1))
    if train_rows.mean() < NEIGHBOURS_KNOWN:
        return None, 1.0, p
    if not (train.has_both_classes(train_rows) and val.has_both_classes(val_rows)):
        return None, 1.0, p
    head, precision = _best_head(train, val, ALL_COLUMNS, train_rows)
    labels = val.labels[val_rows]
    if precision < average_precision(p[val_rows], labels):
        return None, 1.0, p
    q = head.probabilities(_columns(val.features[val_rows], ALL_COLUMNS))
    temperature = fit_temperature(q, labels)
    p = p.copy()
    p[val_rows] = apply_temperature(q, temperature)
    weight = head.weight.reshape(len(OFFSETS_S), -1).astype(np.float32)  # (K, D)
    return TemporalHeadWeights(OFFSETS_S, weight, head.bias), temperature, p


def _best_head(
    train: Examples, val: Examples, columns: Sequence[int], rows: np.ndarray
) -> tuple[LogisticHead, float]:
    """The head with the best average precision on validation, and that precision.

    `columns` are the neighbours it sees, `rows` (N,) bool the training frames.
    """
    x, y = _columns(train.features[rows], columns), train.labels[rows]
    weights = train.weights[rows] if train.weights is not None else None
    val_rows = val.known[:, list(columns)].all(axis=1)
    x_val, y_val = _columns(val.features[val_rows], columns), val.labels[val_rows]
    heads = [fit_logistic_head(x, y, weights, strength) for strength in STRENGTHS]
    best, best_precision = heads[0], average_precision(heads[0].probabilities(x_val), y_val)
    for head in heads[1:]:
        precision = average_precision(head.probabilities(x_val), y_val)
        if precision > best_precision + 1e-9:
            best, best_precision = head, precision
    return best, best_precision


def _columns(features: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """(N, len(columns) * D) float32 of (N, K, D)."""
    return features[:, list(columns)].reshape(len(features), -1).astype(np.float32)


def _with_head(extractor: FeatureExtractor, head: LogisticHead) -> "ResNet":
    """A copy of the network whose two logits differ by the head's logit."""
    network = copy.deepcopy(extractor.network)
    half = torch.from_numpy(head.weight / 2).float()
    with torch.no_grad():
        network.fc.weight.copy_(torch.stack([-half, half]))
        network.fc.bias.copy_(torch.tensor([-head.bias / 2, head.bias / 2]))
    return network
