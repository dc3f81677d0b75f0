"""The manifest of a data set: its frames, their split, and how it was made. No torch here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter

from pushoff.errors import BadInput
from pushoff.util.json_input import validate
from pushoff.values import Box, FrameKey, Label, LabelledFrame, Split

MANIFEST_FORMAT = 3
"""Version of the manifest; another format is refused."""

SplitBy = Literal["athlete", "session", "time"]
"""What is kept apart between splits."""
GroupKind = Literal["split_group", "video_id"]
"""The field of a frame that names what is kept apart."""


@dataclass(frozen=True)
class DatasetFrame:
    """One labelled frame as training uses it."""

    image_sha256: str
    """Of the image's bytes; the key under which storage has them."""
    box: Box | None
    """The athlete; None: the whole image."""
    label: Label
    split_group: str
    """Frames of one group are never in different splits: the athlete, where known."""
    video_id: str
    split: Split | None
    """None in the gap between blocks of one session: used for nothing."""
    task_id: int
    footage: str
    """`real` or `synthetic`."""
    time_s: float | None
    from_suggestion: bool = False
    """The label is a suggestion that was accepted unchanged."""

    @property
    def key(self) -> FrameKey:
        """Its name among the frames of a project."""
        return self.task_id, self.time_s

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def group(self, kind: GroupKind) -> str:
        """The name of its group of this kind."""
        return self.split_group if kind == "split_group" else self.video_id


@dataclass(frozen=True)
class DatasetManifest:
    """A frozen data set."""

    project_id: int
    seed: int
    split_by: SplitBy
    counts: dict[Split, dict[str, int]]
    """By split and class, in frames."""
    excluded: dict[str, int]
    """Labels that are in no frame, by reason."""
    held_out_sessions: tuple[str, ...]
    """Video ids with test frames."""
    assignments: dict[GroupKind, dict[str, Split]]
    """The split of every athlete and video there has ever been, so that one that is absent for a
    while does not come back in another split."""
    frames: tuple[DatasetFrame, ...]
    format: int = MANIFEST_FORMAT

    @property
    def independent(self) -> bool:
        """Whether no held-out session was trained on."""
        return self.split_by != "time"

    def select(
        self, *splits: Split, video_ids: Sequence[str] | None = None
    ) -> tuple[DatasetFrame, ...]:
        """The frames of these splits and videos; of all where none is named."""
        return tuple(
            frame
            for frame in self.frames
            if (not splits or frame.split in splits)
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
