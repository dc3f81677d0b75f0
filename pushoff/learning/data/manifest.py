"""The manifest of a data set: its labels, their folds, and how it was made. No torch here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from pushoff.errors import BadInput
from pushoff.events.ground_truth import GroundTruth
from pushoff.learning.data.division import Block, Division, GroupKind, SplitBy
from pushoff.util.json_input import validate
from pushoff.values import Box, FrameKey, Label, LabelledFrame, Split

MANIFEST_FORMAT = 5
"""Version of the manifest; another format is refused."""


@dataclass(frozen=True)
class DatasetFrame:
    """One labelled frame as training uses it."""

    image_sha256: str
    """Of the image's bytes; the key under which storage has them."""
    box: Box | None
    """The athlete; None: not known, the image is searched."""
    label: Label
    split_group: str
    """The athlete, where known, else the video. It is the same for all labels of a video."""
    video_id: str
    fold: int | None
    """None in the gap next to a boundary in time: used for nothing."""
    task_id: int
    footage: str
    """`real` or `synthetic`."""
    time_s: float | None
    """Camera seconds; None when unknown."""
    frame_index: int | None = None
    """Zero-based in the video; None when unknown."""
    from_suggestion: bool = False
    """The label is a suggestion that was accepted unchanged."""
    project_id: int | None = None
    """The Label Studio project it was labelled in."""
    foot: str | None = None
    """`left` or `right`: the foot that pushes off, None where nobody said."""

    @property
    def image(self) -> str:
        """The name of its image, as feature stores know it."""
        return f"sha256:{self.image_sha256}"

    @property
    def labelled(self) -> LabelledFrame:
        """As it was before it got a fold."""
        return LabelledFrame(
            task_id=self.task_id,
            image=self.image,
            label=self.label,
            split_group=self.split_group,
            video_id=self.video_id,
            footage=self.footage,
            box=self.box,
            time_s=self.time_s,
            from_suggestion=self.from_suggestion,
            frame_index=self.frame_index,
            project_id=self.project_id,
            foot=self.foot,
        )

    @property
    def key(self) -> FrameKey:
        """Its name among the labelled frames."""
        return self.task_id, self.time_s

    @property
    def position(self) -> float:
        """Where it is in its video: camera seconds, or the task's number where they are unknown."""
        return float(self.task_id) if self.time_s is None else self.time_s

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class VideoTruth:
    """The known push-offs of a video on which every push-off is marked."""

    truth: GroundTruth
    split_group: str
    """As that of a frame."""
    footage: str
    """`real` or `synthetic`."""
    project_id: int | None = None
    """The Label Studio project it was marked in; None: a clip that was stored with its truth."""
    fold: int | None = None
    """None before the data set is built, and where the video is divided by time: its blocks are in
    several folds."""


@dataclass(frozen=True)
class DatasetManifest:
    """A frozen data set. There is one series of them: all projects' labels are in one."""

    seed: int
    split_by: SplitBy
    counts: dict[int, dict[str, int]]
    """By fold and class, in labelled frames."""
    push_offs: dict[int, int]
    """By fold. Labelled frames of one push-off count once, and those of whole videos count, too."""
    excluded: dict[str, int]
    """Labels that are in no frame, by reason."""
    assignments: dict[GroupKind, dict[str, int]]
    """The fold of every athlete and video that was ever divided by this kind of group, so that one
    that is absent for a while does not come back in another fold."""
    blocks: dict[str, tuple[Block, ...]]
    """By video id, in order of time; empty unless divided by time."""
    lineage: tuple[str, ...]
    """One sentence for each change of the division since the first data set."""
    frames: tuple[DatasetFrame, ...]
    truths: dict[str, VideoTruth]
    """By video id. These videos may have labelled frames as well."""
    format: int = MANIFEST_FORMAT

    @property
    def independent(self) -> bool:
        """Whether no held-out video is trained on; else scores are optimistic."""
        return self.split_by != "time"

    @property
    def division(self) -> Division:
        """Group and fold of any frame of the videos, also of one that is not labelled."""
        return Division(self.split_by, self.assignments, self.blocks)

    @property
    def folds(self) -> tuple[int, ...]:
        """The folds that have labels, in ascending order; with a single one nothing is held out."""
        return tuple(sorted(self.counts))

    def split_of(self, fold: int) -> Split:
        """The use of a fold when a backbone is trained, which is once and not for every fold.

        Fold 0 is the test. Fold 1 validates, unless fewer push-offs than in it would be left to
        train on; `training_splits` then lets blocks of the training videos validate. Where one of
        the two has no push-offs the next fold that has some takes its place. With fewer than two
        folds that have push-offs all is trained on.
        """
        test, *others = [fold for fold in self.folds if self.push_offs[fold]] or [fold]
        if not others:
            return Split.TRAIN
        if fold == test:
            return Split.TEST
        left = sum(self.push_offs[other] for other in others[1:])
        return Split.VAL if fold == others[0] and left >= self.push_offs[fold] else Split.TRAIN

    def select(
        self, *folds: int, video_ids: Sequence[str] | None = None
    ) -> tuple[DatasetFrame, ...]:
        """The frames of these folds and videos; of all where none is named."""
        return tuple(
            frame
            for frame in self.frames
            if (not folds or frame.fold in folds)
            and (video_ids is None or frame.video_id in video_ids)
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON, readable by `parse_manifest`."""
        content: dict[str, Any] = _MANIFEST.dump_python(self, mode="json")
        return content


_MANIFEST = TypeAdapter(DatasetManifest)


def parse_manifest(content: Mapping[str, Any]) -> DatasetManifest:
    """A manifest from `DatasetManifest.as_dict`. Raises BadInput."""
    found = content.get("format")
    if found != MANIFEST_FORMAT:
        raise BadInput(
            f"The data set has format {found!r}; this version reads format {MANIFEST_FORMAT}.",
            code="wrong_format",
            remedy="Run `pushoff retrain`, which freezes the labels again.",
        )
    return validate(_MANIFEST, content, "The data set", exact=True)


def label_weights(frames: Sequence[DatasetFrame], accepted_weight: float) -> np.ndarray:
    """(N,) float32, how much each label counts: accepted suggestions `accepted_weight`, else 1."""
    accepted = np.array([frame.from_suggestion for frame in frames], bool)
    return np.where(accepted, accepted_weight, 1.0).astype(np.float32)


def footage_of(frames: Sequence[DatasetFrame] | Sequence[LabelledFrame]) -> str:
    """`real`, `synthetic` or `mixed`: the label of every score measured on the frames."""
    kinds = {frame.footage for frame in frames}
    return kinds.pop() if len(kinds) == 1 else "mixed"
