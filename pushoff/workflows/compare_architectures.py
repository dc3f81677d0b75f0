"""ResNet18 or ResNet34: both trained and judged on the same data set and held-out groups."""

import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pushoff.errors import NotEnough
from pushoff.learning.data.backbone_folds import names_seen
from pushoff.learning.data.splits import training_splits
from pushoff.learning.evaluation.comparison import Comparison, compare
from pushoff.learning.evaluation.held_out import HeldOutFrames
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.evaluation.promotion import Champion, decide
from pushoff.services import Services
from pushoff.studio.export.frame_labels import NO_LABELS
from pushoff.util.peak_memory import peak_mib, reset_peak
from pushoff.util.progress import OnProgress, Progress
from pushoff.values import Scorecard, Split
from pushoff.workflows.steps.data.freeze_dataset import (
    FrozenDataset,
    freeze_dataset,
    stored_image,
)
from pushoff.workflows.steps.data.held_out_frames import held_out_frames
from pushoff.workflows.steps.fit_heads import fit_heads

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor

log = logging.getLogger(__name__)

SMALL, LARGE = "resnet18", "resnet34"


@dataclass(frozen=True, eq=False)
class JudgedArchitecture:
    """One architecture on the data set."""

    architecture: str
    initial_weights: str
    """`imagenet`, `file:<name>` or `random`."""
    held_out: HeldOutFrames
    scorecard: Scorecard | None
    """On everything it held out; None where that is nothing."""
    backbone_s: float
    """Seconds in which the backbone was trained; 0 where its initial weights were used."""
    heads_s: float
    """Seconds of extracting features that were not stored, and of fitting the heads."""
    memory_mib: float
    """The most memory of the process meanwhile."""
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ArchitectureComparison:
    """Both architectures on what both held out, and which to take."""

    judged: Mapping[str, JudgedArchitecture]
    """By architecture, the smaller first."""
    comparison: Comparison | None
    """The larger as candidate against the smaller; None where nothing is common."""
    take: str
    sentence: str
    """Which to take, and why."""


def compare_architectures(
    services: Services,
    *,
    weights: Mapping[str, str],
    train: bool,
    on_progress: OnProgress,
) -> ArchitectureComparison:
    """Judge both on everything that is stored, divided into the same folds; nothing is registered.

    `weights` are the initial weights by architecture. With `train` each backbone is trained as at
    night, when there are enough labelled frames; else its initial weights are used. Raises
    TooFewLabels, ModelRefused, StorageFailed.
    """
    dataset = freeze_dataset(services, None, NO_LABELS)
    judged = {
        name: _judge(services, dataset, name, weights[name], train, on_progress)
        for name in (SMALL, LARGE)
    }
    comparison = compare(judged[LARGE].held_out, judged[SMALL].held_out, services.settings.seed)
    take, sentence = verdict(
        judged[SMALL],
        judged[LARGE],
        comparison,
        minimum_gain=services.settings.promotion_gain,
        minimum_confidence=services.settings.promotion_confidence,
    )
    return ArchitectureComparison(judged, comparison, take, sentence)


def verdict(
    small: JudgedArchitecture,
    large: JudgedArchitecture,
    comparison: Comparison | None,
    *,
    minimum_gain: float,
    minimum_confidence: float,
) -> tuple[str, str]:
    """Which to take, and a sentence: the larger one only if the gate would promote it."""
    champion = Champion(small.architecture, small.scorecard, has_fewer_labels=False)
    decision = decide(
        large.scorecard,
        champion,
        comparison,
        minimum_gain=minimum_gain,
        minimum_confidence=minimum_confidence,
    )
    reason = decision.reason.partition(": ")[2]
    cost = _cost(small, large)
    if decision.promote:
        return large.architecture, f"Take {large.architecture}, which is better: {reason}. {cost}"
    return (
        small.architecture,
        f"Take {small.architecture}: {large.architecture} is not proven better ({reason}). {cost}",
    )


def _cost(small: JudgedArchitecture, large: JudgedArchitecture) -> str:
    seconds = [judged.backbone_s + judged.heads_s for judged in (small, large)]
    times = seconds[1] / seconds[0] if seconds[0] > 0 else 1.0
    return (
        f"{large.architecture} takes {times:.1f} times as long and {large.memory_mib:.0f} MiB of "
        f"memory at most, {small.architecture} {small.memory_mib:.0f} MiB."
    )


def _judge(
    services: Services,
    dataset: FrozenDataset,
    architecture: str,
    weights: str,
    train: bool,
    on_progress: OnProgress,
) -> JudgedArchitecture:
    reset_peak()
    began = time.monotonic()
    on_progress(Progress(f"training {architecture}"))
    extractor, saw, notes = _backbone(services, dataset, architecture, weights, train, on_progress)
    backbone_s = time.monotonic() - began if saw else 0.0
    began = time.monotonic()
    on_progress(Progress(f"judging {architecture}"))
    model, data = fit_heads(services, extractor, dataset, on_progress, backbone_saw=saw)
    heads_s = time.monotonic() - began
    held_out = held_out_frames(data, model.held_out)
    return JudgedArchitecture(
        architecture=architecture,
        initial_weights=extractor.initial_weights,
        held_out=held_out,
        scorecard=score(held_out, services.settings.seed) if len(held_out.labels) else None,
        backbone_s=backbone_s,
        heads_s=heads_s,
        memory_mib=peak_mib(),
        notes=notes,
    )


def _backbone(
    services: Services,
    dataset: FrozenDataset,
    architecture: str,
    weights: str,
    train: bool,
    on_progress: OnProgress,
) -> "tuple[FeatureExtractor, frozenset[str], tuple[str, ...]]":
    """The backbone, what it was trained on (nothing: initial weights), and notes."""
    from pushoff.learning.features.feature_extractor import load_feature_extractor

    enough = len(dataset.manifest.frames) >= services.settings.retrain_min_labels
    if train and enough:
        try:
            return _trained(services, dataset, architecture, weights, on_progress)
        except NotEnough as error:
            reason = str(error)
    else:
        reason = "not asked for" if not train else "too few labelled frames"
    settings = services.settings
    extractor, note = load_feature_extractor(architecture, weights, settings.size_px)
    notes = [f"backbone not trained: {reason}", *([note] if note else [])]
    return extractor, frozenset(), tuple(notes)


def _trained(
    services: Services,
    dataset: FrozenDataset,
    architecture: str,
    weights: str,
    on_progress: OnProgress,
) -> "tuple[FeatureExtractor, frozenset[str], tuple[str, ...]]":
    """As the nightly retrain trains it: fold 0 is never seen."""
    from pushoff.learning.backbone.training import train
    from pushoff.learning.features.feature_extractor import extractor_of_network
    from pushoff.workflows.retrain import train_config

    config = replace(train_config(services), architecture=architecture, weights=weights)
    splits = training_splits(dataset.manifest)
    rows = zip(dataset.manifest.frames, splits, strict=True)
    examples = [(frame, split) for frame, split in rows if split in (Split.TRAIN, Split.VAL)]
    folder = services.scratch / f"compare-{architecture}-{dataset.fingerprint[:16]}"
    trained = train(examples, stored_image(services), config, folder, on_progress)
    shutil.rmtree(folder, ignore_errors=True)
    extractor = extractor_of_network(
        trained.network, architecture, config.size_px, trained.initial_weights
    )
    return extractor, names_seen(dataset.manifest, splits), trained.notes
