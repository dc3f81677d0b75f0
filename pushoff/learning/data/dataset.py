"""Labelled frames frozen into a dataset: which are for fitting, which judge. No torch here.

The split is part of the dataset, and a group once held out stays held out, so that every later
model is judged on frames no earlier one was fitted to. Athletes are kept apart where there are at
least two, else sessions, else stretches of time with a gap; the last is said to be optimistic
(`independent` is false).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.errors import BadInput, TooFewLabels
from pushoff.learning.data.splits import assign_splits, split_by_time, split_validation_blocks
from pushoff.values import Box, FrameKey, Label, LabelledFrame, Split

MANIFEST_FORMAT = 2
"""Version of the manifest. Format 1 did not say where labels come from; others are refused."""

__all__ = [
    "DatasetFrame",
    "assign_splits",
    "build_dataset",
    "dataset_frames",
    "footage_of",
    "label_weights",
]


@dataclass(frozen=True)
class DatasetFrame:
    """One labelled frame as training sees it."""

    image_sha256: str
    """Of the image's bytes; the key under which storage keeps them."""
    box: Box | None
    """The athlete; None: the whole image."""
    label: Label
    group: str
    video_id: str
    split: Split | None
    """None for the gap between stretches of one session: used for nothing."""
    task_id: int
    footage: str
    time_s: float | None
    from_suggestion: bool = False
    """The label is a suggestion somebody accepted as it was; False where format 1 does not say."""

    @property
    def key(self) -> FrameKey:
        """Its name among the frames of a project."""
        return self.task_id, self.time_s

    def as_dict(self) -> dict[str, object]:
        """As the manifest holds it."""
        return {
            "image": self.image_sha256,
            "box": self.box.as_list() if self.box else None,
            "label": self.label.choice,
            "group": self.group,
            "session": self.video_id,
            "split": self.split.value if self.split else None,
            "task_id": self.task_id,
            "footage": self.footage,
            "time_s": self.time_s,
            "from_suggestion": self.from_suggestion,
        }


def dataset_frames(
    manifest: Mapping[str, object], *splits: Split, sessions: Sequence[str] | None = None
) -> tuple[DatasetFrame, ...]:
    """The manifest's frames, of the given splits if any are named. Raises BadInput."""
    if manifest.get("format") not in (1, MANIFEST_FORMAT):
        raise BadInput(
            f"dataset manifest of format {manifest.get('format')!r}, expected 1 to {MANIFEST_FORMAT}"
        )
    frames = [
        DatasetFrame(
            image_sha256=entry["image"],
            box=Box(*entry["box"]) if entry["box"] else None,
            label=Label[entry["label"].upper()],
            group=entry["group"],
            video_id=entry["session"],
            split=Split(entry["split"]) if entry["split"] else None,
            task_id=entry["task_id"],
            footage=entry["footage"],
            time_s=entry["time_s"],
            from_suggestion=entry.get("from_suggestion", False),
        )
        for entry in manifest["frames"]
    ]
    return tuple(
        frame
        for frame in frames
        if (not splits or frame.split in splits)
        and (sessions is None or frame.video_id in sessions)
    )


def label_weights(frames: Sequence[DatasetFrame], accepted_weight: float) -> np.ndarray:
    """(N,) float32, how much each label counts: accepted suggestions `accepted_weight`, else 1."""
    accepted = np.array([frame.from_suggestion for frame in frames], bool)
    return np.where(accepted, accepted_weight, 1.0).astype(np.float32)


def footage_of(frames: Sequence[DatasetFrame | LabelledFrame]) -> str:
    """`real`, `synthetic` or `mixed`: the word every number measured on the frames carries."""
    kinds = {frame.footage for frame in frames}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def build_dataset(
    labelled: Sequence[LabelledFrame],
    image_sha256s: Mapping[FrameKey, str],
    previous: Mapping[str, object] | None,
    project_id: int,
    *,
    export_sha256: str = "",
    excluded: Mapping[str, int] | None = None,
    min_labels: int = 40,
    min_per_class: int = 5,
    seed: int = 1,
) -> dict[str, object]:
    """The manifest of one dataset: frames with their split, counts, and how they were split.

    `image_sha256s` maps a frame's key to the hash of its image; frames without one are counted as
    `image unavailable`. The same labels give the same manifest, byte for byte. `previous` is the
    project's last manifest: its held-out groups stay held out. Raises TooFewLabels in words.
    """
    frames, dropped = _unique(labelled, image_sha256s)
    _enough(frames, min_labels, min_per_class)
    split_by, splits = _divide(frames, previous, seed, min_per_class)
    frames = [
        DatasetFrame(**{**vars(frame), "split": split})
        for frame, split in zip(frames, splits, strict=True)
    ]
    counts = {
        split.value: {
            label.choice: sum(frame.split == split and frame.label == label for frame in frames)
            for label in Label
        }
        for split in Split
    }
    return {
        "format": MANIFEST_FORMAT,
        "project_id": project_id,
        "export_sha256": export_sha256,
        "seed": seed,
        "split_by": split_by,
        "independent": split_by != "time",
        "counts": counts,
        "excluded": dict(sorted((Counter(excluded or {}) + dropped).items())),
        "held_out_sessions": sorted({f.video_id for f in frames if f.split is Split.TEST}),
        "assignments": _assignments(frames, previous),
        "frames": [frame.as_dict() for frame in frames],
    }


def _assignments(
    frames: Sequence[DatasetFrame], previous: Mapping[str, object] | None
) -> dict[str, dict[str, str]]:
    """Where every athlete and session has ever been, so that one that is away for a while does
    not come back on the other side."""
    earlier = previous.get("assignments", {}) if previous else {}
    return {
        key: dict(
            sorted(
                {
                    **earlier.get(key, {}),
                    **{name: split.value for name, split in _kept(frames, key).items()},
                }.items()
            )
        )
        for key in ("group", "video_id")
    }


def _unique(
    labelled: Sequence[LabelledFrame], image_sha256s: Mapping[FrameKey, str]
) -> tuple[list[DatasetFrame], Counter[str]]:
    """One frame per picture and crop, in task order; contradictions and missing images counted."""
    dropped: Counter[str] = Counter()
    by_picture: dict[tuple[str, Box | None], list[LabelledFrame]] = {}
    for frame in sorted(labelled, key=lambda one: one.task_id):
        sha256 = image_sha256s.get(frame.key)
        if sha256 is None:
            dropped["image unavailable"] += 1
        else:
            by_picture.setdefault((sha256, frame.box), []).append(frame)
    frames = []
    for (sha256, box), same in by_picture.items():
        if len({frame.label for frame in same}) > 1:
            dropped["same picture, two labels"] += len(same)
            continue
        dropped["same picture twice"] += len(same) - 1
        first = same[0]
        frames.append(
            DatasetFrame(
                sha256, box, first.label, first.group, first.video_id, None,
                first.task_id, first.footage, first.time_s,
                all(frame.from_suggestion for frame in same),
            )
        )  # fmt: skip
    return frames, +dropped


def _enough(frames: Sequence[DatasetFrame], min_labels: int, min_per_class: int) -> None:
    """Raises TooFewLabels with the numbers and what to label next."""
    if len(frames) < min_labels:
        raise TooFewLabels(
            f"{len(frames)} usable labels, {min_labels} are needed before training: "
            f"label {min_labels - len(frames)} more frames."
        )
    for label in Label:
        count = sum(frame.label == label for frame in frames)
        if count < 2 * min_per_class:
            raise TooFewLabels(
                f"only {count} frames are labelled {label.choice}, {2 * min_per_class} are needed "
                f"({min_per_class} to train on and {min_per_class} to judge with)."
            )


def _divide(
    frames: Sequence[DatasetFrame],
    previous: Mapping[str, object] | None,
    seed: int,
    min_per_class: int,
) -> tuple[str, list[Split | None]]:
    """The first way of dividing that leaves both classes on both sides: athlete, session, time."""
    before = dataset_frames(previous) if previous else ()
    remembered = previous.get("assignments", {}) if previous else {}
    for split_by, key in (("athlete", "group"), ("session", "video_id")):
        names = [getattr(frame, key) for frame in frames]
        if len(set(names)) < 2:
            continue
        totals = {name: [0, 0] for name in names}
        for name, frame in zip(names, frames, strict=True):
            totals[name][0 if frame.label is Label.PUSH_OFF else 1] += 1
        kept = {name: Split(one) for name, one in remembered.get(key, {}).items()}
        kept |= _kept(before, key)
        given = assign_splits({name: (p, n) for name, (p, n) in totals.items()}, kept, seed)
        if any(given[name] is Split.TEST and kept.get(name) is Split.TRAIN for name in given):
            continue  # it was fitted to: no independent judge
        splits: list[Split | None] = [given[name] for name in names]
        if Split.VAL not in given.values():
            splits = split_validation_blocks(frames, splits)
        if _balanced(frames, splits, min_per_class):
            return split_by, splits
    splits = split_by_time(frames, before, min_per_class)
    if _balanced(frames, splits, min_per_class):
        return "time", splits
    held_out = [frame for frame, split in zip(frames, splits, strict=True) if split is Split.TEST]
    push_offs = sum(frame.label is Label.PUSH_OFF for frame in held_out)
    raise TooFewLabels(
        "no way of dividing the labels leaves both classes to train on and to judge with: at best "
        f"{push_offs} push_off and {len(held_out) - push_offs} not_push_off would be held out, "
        f"{min_per_class} of each are needed. Label push-offs of another session or athlete."
    )


def _kept(before: Sequence[DatasetFrame], key: str) -> dict[str, Split]:
    """Where whole groups were before. One that was cut in pieces has been fitted to: training."""
    seen: dict[str, set[Split]] = {}
    for frame in before:
        if frame.split:
            seen.setdefault(getattr(frame, key), set()).add(frame.split)
    return {
        name: next(iter(splits)) if len(splits) == 1 else Split.TRAIN
        for name, splits in seen.items()
    }


def _balanced(
    frames: Sequence[DatasetFrame], splits: Sequence[Split | None], min_per_class: int
) -> bool:
    counts = Counter((split, frame.label) for split, frame in zip(splits, frames, strict=True))
    return all(
        counts[split, label] >= (1 if split is Split.VAL else min_per_class)
        for split in Split
        for label in Label
    )
