"""The features of a data set's frames, by one backbone: to fit heads on, and to evaluate models."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pushoff.learning.data.manifest import DatasetFrame
from pushoff.learning.evaluation.comparison import Predictions
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.values import FrameKey, LabelledFrame, Split
from pushoff.workflows.steps.extract_features import extract_features
from pushoff.workflows.steps.freeze_dataset import FrozenDataset

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.frame.classifier import FrameClassifier
    from pushoff.learning.frame.refit import Examples


@dataclass(frozen=True)
class DatasetFeatures:
    """The frames of a data set whose features are in a store."""

    store: FeatureStore
    pairs: Sequence[tuple[DatasetFrame, LabelledFrame]]
    """Each frame as the data set has it, and as the label it was made from."""

    @property
    def keys(self) -> set[FrameKey]:
        """Names of the frames."""
        return {frame.key for frame, _ in self.pairs}

    def restricted_to(self, keys: Collection[FrameKey]) -> "DatasetFeatures":
        """Those of the frames that are among `keys`, to compare two models on the same ones."""
        return DatasetFeatures(self.store, [pair for pair in self.pairs if pair[0].key in keys])

    def frames(self, split: Split) -> list[DatasetFrame]:
        """The frames of one split, in the data set's order."""
        return [frame for frame, _ in self.pairs if frame.split is split]

    def labels(self, split: Split) -> np.ndarray:
        """(N,) int, the labels of one split's frames."""
        return np.array([int(frame.label) for frame in self.frames(split)], int)

    def examples(self, split: Split, accepted_weight: float = 1.0) -> "Examples":
        """The frames of one split, to fit heads on or to choose among them.

        A label that is an accepted suggestion counts `accepted_weight`, any other 1.
        """
        from pushoff.learning.frame.refit import OFFSETS_S, Examples

        features, known = self.store.rows(self._addresses(split), OFFSETS_S)
        weights = [
            accepted_weight if frame.from_suggestion else 1.0 for frame in self.frames(split)
        ]
        return Examples(features, known, self.labels(split), np.array(weights))

    def predictions(self, model: "FrameClassifier", split: Split) -> Predictions:
        """A model's probabilities of one split's frames; the store must be its backbone's."""
        features, known = self.store.rows(self._addresses(split), model.offsets_s)
        return Predictions(model.predict_from_features(features, known), model.card.threshold)

    def _addresses(self, split: Split) -> Sequence[LabelledFrame]:
        return [label for frame, label in self.pairs if frame.split is split]


def dataset_features(
    services: Services, backbone: "FeatureExtractor", dataset: FrozenDataset, labels: ExportedLabels
) -> DatasetFeatures:
    """Extract what the store does not have; frames without an image are left out.

    `labels` are those the data set was frozen from. Raises StorageFailed, StudioUnreachable.
    """
    label_of = {label.key: label for label in labels.frames}
    frames = [frame for frame in dataset.frames if frame.split is not None]
    addresses = [label_of[frame.key] for frame in frames]
    store, unreadable = extract_features(
        services, backbone, addresses, [label.task_id for label in addresses]
    )
    pairs = list(zip(frames, addresses, strict=True))
    readable = sorted(set(range(len(pairs))).difference(unreadable))
    return DatasetFeatures(store, [pairs[row] for row in readable])
