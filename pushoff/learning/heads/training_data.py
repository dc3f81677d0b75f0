"""What heads are fitted on: labelled frames of videos with their features, and lone pictures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pushoff.events.ground_truth import GroundTruth
from pushoff.learning.data.manifest import SplitBy
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.learning.heads.targets import (
    UNKNOWN,
    FrameTargets,
    TrainingExample,
    frame_targets,
    targets_from_labels,
)
from pushoff.learning.model.rule_logits import rule_contact

NO_FOLD = -1
"""The fold of frames in the gap beside a boundary in time: never judged."""
PICTURE_VIEW = "colours"
"""The view that is the picture of the athlete alone."""


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """K labels and what is known of each."""

    labels: np.ndarray
    """(K,) int: 1 is push_off."""
    folds: np.ndarray
    """(K,) int: the fold in which each is held out, or NO_FOLD."""
    weights: np.ndarray
    """(K,) how much each counts."""
    unaided: np.ndarray
    """(K,) bool: the label is not an accepted suggestion."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class TrainingVideo:
    """A video of N frames with labelled frames, or with all its push-offs known."""

    video_id: str
    group: str
    """The athlete, else the video: never in training and among what is judged at once."""
    features: VideoFeatures
    frame_folds: np.ndarray
    """(N,) int: the fold in which each frame is held out, or NO_FOLD. One fold for the whole video,
    unless it is divided in time."""
    frames: np.ndarray
    """(K,) int, the labelled frames, ascending."""
    rows: LabelledRows
    """Of the labelled frames."""
    truth: GroundTruth | None = None
    """Every push-off and touch-down, where the whole video was marked, or stretches of it."""
    footage: str = "real"
    feet: tuple[str | None, ...] | None = None
    """K. The foot that pushes off in each labelled frame, None where nobody said; None: nowhere."""

    @property
    def pictures(self) -> np.ndarray:
        """(K, FEATURES) features of the labelled frames, each as a picture alone."""
        return self.features.views[PLAIN][PICTURE_VIEW][self.frames]

    @property
    def folds(self) -> frozenset[int]:
        """The folds in which a part of it is held out."""
        return frozenset(int(fold) for fold in np.unique(self.frame_folds) if fold != NO_FOLD)

    def in_folds(self, folds: Collection[int]) -> np.ndarray:
        """(N,) bool: the frames that are held out in one of these folds."""
        return np.isin(self.frame_folds, list(folds))

    @cached_property
    def _assumed_contact(self) -> np.ndarray:
        """(N,) what the pose rules say, the same in every round."""
        return rule_contact(self.features)

    def example(self, held_out: Collection[int] = ()) -> TrainingExample | None:
        """What a sequence head learns from it without the folds `held_out`; None: nothing."""
        hidden = np.zeros(len(self.frame_folds), bool)
        if held_out:
            hidden = self.in_folds([*held_out, NO_FOLD])
        if hidden.all():
            return None
        targets = self._targets_of_truth() if self.truth else None
        single = ~hidden[self.frames]
        if self.truth:
            single &= ~np.array([self.truth.knows(frame) for frame in self.frames.tolist()], bool)
        if targets is None or single.any():
            labelled = self._targets_of_labels(single)
            targets = targets.filled_with(labelled) if targets else labelled
        return TrainingExample(self.features, targets.without(hidden))

    def _targets_of_truth(self) -> FrameTargets | None:
        """Of what is known of the whole video, or of stretches of it."""
        if self.truth is None:
            return None
        truth = replace(self.truth, direction=self.truth.direction or self.features.direction)
        return frame_targets(truth, len(self.features.times_s), self.features.step)

    def _targets_of_labels(self, used: np.ndarray) -> FrameTargets:
        """Of the labelled frames of `used`, (K,) bool, each by itself."""
        near_feet = None
        if self.feet is not None and self.features.direction is not None:
            near = self.features.direction.near_foot.value
            near_feet = np.array(
                [UNKNOWN if foot is None else float(foot == near) for foot in self.feet]
            )[used]
        return targets_from_labels(
            np.asarray(self.features.times_s),
            self.frames[used],
            self.rows.labels[used],
            self.features.step,
            self.rows.weights[used],
            self._assumed_contact,
            near_feet,
        )


@dataclass(frozen=True, eq=False)
class LonePictures:
    """M labelled pictures that belong to no stored video."""

    names: tuple[str, ...]
    """Of each crop, no two the same; the same in every data set."""
    groups: tuple[str, ...]
    features: np.ndarray
    """(M, FEATURES) float16."""
    rows: LabelledRows
    footage: tuple[str, ...]
    """M. `real` or `synthetic`."""

    def __len__(self) -> int:
        return len(self.names)

    def by_group(self) -> list[tuple[str, np.ndarray]]:
        """Each group with the (n, FEATURES) features of its pictures."""
        groups = np.array(self.groups)
        return [(name, self.features[groups == name]) for name in sorted(set(self.groups))]


@dataclass(frozen=True, eq=False)
class TrainingData:
    """All that one version is fitted and judged on, by one backbone."""

    videos: Sequence[TrainingVideo]
    pictures: LonePictures
    split_by: SplitBy

    @property
    def folds(self) -> list[int]:
        """The folds in use."""
        found = {int(fold) for fold in np.unique(self.pictures.rows.folds)}
        for video in self.videos:
            found |= video.folds
        return sorted(found - {NO_FOLD})

    @property
    def rows(self) -> list[LabelledRows]:
        """Of each video, then of the lone pictures."""
        return [*(video.rows for video in self.videos), self.pictures.rows]
