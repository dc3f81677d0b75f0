"""A dataset's frames as a backbone describes them: to fit heads on, and to judge models with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pushoff.learning.data.dataset import DatasetFrame, dataset_frames
from pushoff.learning.evaluation.comparison import Predictions
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.values import FrameKey, LabelledFrame, Split
from pushoff.workflows.steps.extract_features import extract_features

if TYPE_CHECKING:
    from pushoff.learning.frame.backbone import Backbone
    from pushoff.learning.frame.classifier import FrameClassifier
    from pushoff.learning.frame.refit import Examples


class DatasetFeatures:
    """Labelled frames and what a backbone makes of them; frames without a picture are left out."""

    def __init__(
        self,
        services: Services,
        backbone: "Backbone",
        manifest: Mapping[str, Any],
        labels: ExportedLabels,
    ) -> None:
        """Describes what is not described yet. Raises StorageFailed, StudioUnreachable."""
        labelled = {one.key: one for one in labels.frames}
        frames = [one for one in dataset_frames(manifest) if one.split is not None]
        looks = [labelled[one.key] for one in frames]
        self.store: FeatureStore
        self.store, lost = extract_features(
            services, backbone, looks, [one.task_id for one in looks]
        )
        gone = set(lost)
        self._pairs: list[tuple[DatasetFrame, LabelledFrame]] = [
            pair for row, pair in enumerate(zip(frames, looks, strict=True)) if row not in gone
        ]

    @property
    def keys(self) -> set[FrameKey]:
        """Names of the frames there are."""
        return {frame.key for frame, _ in self._pairs}

    def keep(self, keys: set[FrameKey]) -> None:
        """Leave every other frame out, so that two models are judged on the same ones."""
        self._pairs = [pair for pair in self._pairs if pair[0].key in keys]

    def frames(self, split: Split) -> list[DatasetFrame]:
        """The frames of one split, in order."""
        return [frame for frame, _ in self._pairs if frame.split is split]

    def examples(self, split: Split, accepted_weight: float = 1.0) -> "Examples":
        """The frames of one split to fit or choose heads with."""
        from pushoff.learning.frame.refit import OFFSETS_S, Examples

        frames = self.frames(split)
        features, known = self.store.rows(self._looks(split), OFFSETS_S)
        return Examples(
            features,
            known,
            np.array([int(one.label) for one in frames], int),
            np.array([accepted_weight if one.from_suggestion else 1.0 for one in frames]),
        )

    def answers(self, model: "FrameClassifier", split: Split) -> Predictions:
        """What a model with this backbone says of the frames of one split."""
        features, known = self.store.rows(self._looks(split), model.offsets_s)
        return Predictions(model.judge(features, known), model.card.threshold)

    def _looks(self, split: Split) -> Sequence[LabelledFrame]:
        return [look for frame, look in self._pairs if frame.split is split]
