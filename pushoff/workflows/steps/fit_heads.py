"""New heads on an unchanged backbone, fitted on all labels of a data set."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pushoff.learning.data.backbone_folds import unseen_folds
from pushoff.learning.registry.model_card import code_version
from pushoff.services import Services
from pushoff.util.progress import OnProgress
from pushoff.values import ModelCard
from pushoff.workflows.steps.data.freeze_dataset import FrozenDataset
from pushoff.workflows.steps.data.training_data import training_data

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.heads.training_data import TrainingData
    from pushoff.learning.model.model import PushOffModel


def fit_heads(
    services: Services,
    extractor: "FeatureExtractor",
    dataset: FrozenDataset,
    on_progress: OnProgress,
    *,
    backbone_of: str = "",
    backbone_saw: frozenset[str] = frozenset(),
    notes: Sequence[str] = (),
) -> "tuple[PushOffModel, TrainingData]":
    """A model and what it was fitted on.

    `backbone_of` is the version whose backbone `extractor` is, `initial` before any; empty: it was
    trained for this model. Only folds of which the backbone saw nothing (`backbone_saw`, see
    `PushOffModel`) are held out in turn. Raises TooFewLabels, ModelRefused, StorageFailed.
    """
    from pushoff.learning.heads.fit_model import FitConfig, fit_model
    from pushoff.learning.heads.fit_sequence import SequenceConfig
    from pushoff.learning.heads.head_config import HeadConfig

    data = training_data(services, extractor, dataset.manifest, on_progress)
    preprocessing = extractor.preprocessing
    card = ModelCard(
        architecture=extractor.architecture,
        size_px=preprocessing.size_px,
        mean=preprocessing.mean,
        std=preprocessing.std,
        initial_weights=extractor.initial_weights,
        dataset_fingerprint=dataset.fingerprint,
        scorecard=None,
        weights_sha256="",
        seed=services.settings.seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=code_version(),
        notes=tuple(notes),
        labels=sum(map(len, data.rows)),
        backbone_of=backbone_of,
    )
    fit = HeadConfig(steps=services.settings.head_steps)
    config = FitConfig(SequenceConfig(fit=fit), services.settings.seed)
    judged = unseen_folds(dataset.manifest, backbone_saw)
    model = fit_model(extractor, data, card, config, judged=judged, on_progress=on_progress)
    return replace(model, backbone_saw=backbone_saw), data
