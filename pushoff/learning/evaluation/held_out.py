"""Labelled frames with the predictions of a model that was not trained on their group."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from pushoff.values import SplitBy

NO_VIDEO = -1
"""The frame index of a picture that belongs to no video."""
FrameId = tuple[str, int]
"""(video id, frame index), or (name of the picture, NO_VIDEO): the same for every model."""


@dataclass(frozen=True, eq=False)
class HeldOutFrames:
    """N labelled frames, each predicted by a model that was not trained on its group.

    Raises ValueError when lengths differ, a frame is listed twice, a video is missing among
    `push_offs`, or a number is out of its range.
    """

    groups: tuple[str, ...]
    """N. The athlete, else the video."""
    video_ids: tuple[str, ...]
    """N. The video, or the name of a picture that belongs to no video."""
    frame_indices: np.ndarray
    """(N,) int. Zero-based in the video, NO_VIDEO where the picture belongs to none."""
    labels: np.ndarray
    """(N,) int, 1 = push_off."""
    unaided: np.ndarray
    """(N,) bool. The label is not an accepted suggestion."""
    probabilities: np.ndarray
    """(N,) of push_off."""
    suggested: np.ndarray
    """(N,) bool. push_off is suggested."""
    push_offs: Mapping[str, tuple[int, ...]]
    """Frames of the push-offs that the model found, by video id: all of the video, labelled or not;
    empty where it found none."""
    picture_probabilities: np.ndarray | None
    """(N,) of push_off, by the picture head alone; None where there are none."""
    footages: tuple[str, ...]
    """N. `real` or `synthetic`."""
    split_by: SplitBy
    reaches: Mapping[str, int] = field(default_factory=dict)
    """Frames before a contact's last one that are push_off as well, by video id; 0 where a video is
    missing, as at 30/s."""

    def __post_init__(self) -> None:
        columns = [self.video_ids, self.frame_indices, self.labels, self.unaided, self.suggested]
        columns += [self.footages]
        curves = [self.probabilities]
        if self.picture_probabilities is not None:
            curves.append(self.picture_probabilities)
        lengths = [len(column) for column in (*columns, *curves)]
        if set(lengths) != {len(self.groups)}:
            raise ValueError(f"{len(self.groups)} groups for columns of {lengths} rows")
        for p in curves:
            if len(p) and not (np.isfinite(p).all() and p.min() >= 0 and p.max() <= 1):
                raise ValueError("a probability is not a number from 0 to 1")
        if not np.isin(self.labels, (0, 1)).all():
            raise ValueError("labels are 0 and 1")
        if len(self.frame_indices) and self.frame_indices.min() < NO_VIDEO:
            raise ValueError(f"frame index {self.frame_indices.min()} is below {NO_VIDEO}")
        if len(set(self.ids)) < len(self.ids):
            raise ValueError("a frame is listed twice")
        if missing := {name for name, index in self.ids if index != NO_VIDEO} - set(self.push_offs):
            raise ValueError(f"the push-offs of video {min(missing)!r} are missing")

    @property
    def footage(self) -> str:
        """`real`, `synthetic` or `mixed`: of the frames that are judged, not of the data set."""
        kinds = set(self.footages)
        return kinds.pop() if len(kinds) == 1 else "mixed"

    @property
    def ids(self) -> tuple[FrameId, ...]:
        """N. What names each frame."""
        return tuple(zip(self.video_ids, self.frame_indices.tolist(), strict=True))

    def restricted_to(self, ids: Collection[FrameId]) -> "HeldOutFrames":
        """The frames with these ids, in ascending order of id.

        Two models' frames restricted to the same ids have the same frame in every row.
        """
        own, kept = self.ids, set(ids)
        rows = sorted((i for i in range(len(own)) if own[i] in kept), key=own.__getitem__)
        pictures = self.picture_probabilities
        videos = {own[row][0] for row in rows}
        return replace(
            self,
            groups=tuple(self.groups[row] for row in rows),
            video_ids=tuple(self.video_ids[row] for row in rows),
            frame_indices=self.frame_indices[rows],
            labels=self.labels[rows],
            unaided=self.unaided[rows],
            probabilities=self.probabilities[rows],
            suggested=self.suggested[rows],
            push_offs={name: found for name, found in self.push_offs.items() if name in videos},
            picture_probabilities=None if pictures is None else pictures[rows],
            footages=tuple(self.footages[row] for row in rows),
        )
