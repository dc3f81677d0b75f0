"""Building of a data set: labelled frames get a split. No torch here.

The split is part of the data set. A group that was held out stays held out, unless no group would
be left for training, so that later models are scored on frames that earlier ones were not trained
on. The split is by athlete, else by video, else by blocks of time within each video: the first that
leaves enough frames of both classes for training and for the test. Blocks of time are optimistic
(`independent` is false). With few groups, blocks of the training videos validate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pushoff.errors import TooFewLabels
from pushoff.learning.data.manifest import DatasetFrame, DatasetManifest, GroupKind, SplitBy
from pushoff.learning.data.splits import assign_splits, split_by_time, split_validation_blocks
from pushoff.values import Box, FrameKey, Label, LabelledFrame, Split

_KINDS: tuple[tuple[SplitBy, GroupKind], ...] = (
    ("athlete", "split_group"),
    ("session", "video_id"),
)


def build_dataset(
    labelled: Sequence[LabelledFrame],
    image_sha256s: Mapping[FrameKey, str],
    previous: DatasetManifest | None,
    project_id: int,
    *,
    excluded: Mapping[str, int] | None = None,
    min_labels: int = 40,
    min_per_class: int = 5,
    seed: int = 1,
) -> DatasetManifest:
    """The manifest of the labels: frames with their split, counts, and how they were split.

    `image_sha256s` maps a frame's key to the hash of its image; frames without one are counted as
    `image unavailable`. The same labels give the same manifest, byte for byte. `previous` is the
    project's last manifest: its held-out groups stay held out, unless no group would be left for
    training. Raises TooFewLabels.
    """
    frames, dropped = _deduplicate(labelled, image_sha256s)
    _require_minimum(frames, min_labels, min_per_class)
    split_by, splits = _split(frames, previous, seed, min_per_class)
    frames = [replace(frame, split=split) for frame, split in zip(frames, splits, strict=True)]
    counts = {
        split: {
            label.choice: sum(frame.split == split and frame.label == label for frame in frames)
            for label in Label
        }
        for split in Split
    }
    return DatasetManifest(
        project_id=project_id,
        seed=seed,
        split_by=split_by,
        counts=counts,
        excluded=dict(sorted((Counter(excluded or {}) + dropped).items())),
        held_out_sessions=tuple(
            sorted({frame.video_id for frame in frames if frame.split is Split.TEST})
        ),
        assignments=_assignments(frames, previous),
        frames=tuple(frames),
    )


def _assignments(
    frames: Sequence[DatasetFrame], previous: DatasetManifest | None
) -> dict[GroupKind, dict[str, Split]]:
    """The splits of `previous` and of these frames, by kind of group."""
    earlier = previous.assignments if previous else {}
    return {
        kind: dict(sorted({**earlier.get(kind, {}), **_group_splits(frames, kind)}.items()))
        for _, kind in _KINDS
    }


def _deduplicate(
    labelled: Sequence[LabelledFrame], image_sha256s: Mapping[FrameKey, str]
) -> tuple[list[DatasetFrame], Counter[str]]:
    """One frame per image and crop, in task order; contradictions and missing images counted."""
    dropped: Counter[str] = Counter()
    by_image: dict[tuple[str, Box | None], list[LabelledFrame]] = {}
    for frame in sorted(labelled, key=lambda frame: frame.task_id):
        sha256 = image_sha256s.get(frame.key)
        if sha256 is None:
            dropped["image unavailable"] += 1
        else:
            by_image.setdefault((sha256, frame.box), []).append(frame)
    frames = []
    for (sha256, box), copies in by_image.items():
        if len({frame.label for frame in copies}) > 1:
            dropped["same picture, two labels"] += len(copies)
            continue
        dropped["same picture twice"] += len(copies) - 1
        first = copies[0]
        frames.append(
            DatasetFrame(
                image_sha256=sha256,
                box=box,
                label=first.label,
                split_group=first.split_group,
                video_id=first.video_id,
                split=None,
                task_id=first.task_id,
                footage=first.footage,
                time_s=first.time_s,
                from_suggestion=all(frame.from_suggestion for frame in copies),
            )
        )
    return frames, +dropped


def _require_minimum(frames: Sequence[DatasetFrame], min_labels: int, min_per_class: int) -> None:
    """Raises TooFewLabels with the numbers and what to label next."""
    if len(frames) < min_labels:
        raise TooFewLabels(
            f"{len(frames)} usable labels, {min_labels} are needed before training.",
            code="too_few",
            remedy=f"Label {min_labels - len(frames)} more frames.",
        )
    for label in Label:
        count = sum(frame.label == label for frame in frames)
        if count < 2 * min_per_class:
            raise TooFewLabels(
                f"Only {count} frames are labelled {label.choice}, {2 * min_per_class} are needed "
                f"({min_per_class} to train on and {min_per_class} held out).",
                code="too_few_of_a_class",
                remedy=f"Label more {label.choice} frames.",
            )


def _split(
    frames: Sequence[DatasetFrame],
    previous: DatasetManifest | None,
    seed: int,
    min_per_class: int,
) -> tuple[SplitBy, list[Split | None]]:
    """Split by athlete, session or time: the first that leaves both classes on both sides."""
    for split_by, kind in _KINDS:
        splits = _split_by_group(frames, previous, kind, seed)
        if splits and _has_both_classes(frames, splits, min_per_class):
            return split_by, splits
    splits = split_by_time(frames, previous.frames if previous else (), min_per_class)
    if _has_both_classes(frames, splits, min_per_class):
        return "time", splits
    held_out = [frame for frame, split in zip(frames, splits, strict=True) if split is Split.TEST]
    push_offs = sum(frame.label is Label.PUSH_OFF for frame in held_out)
    raise TooFewLabels(
        "The labels cannot be split so that train and test both contain each class: at best "
        f"{push_offs} push_off and {len(held_out) - push_offs} not_push_off would be held out, "
        f"{min_per_class} of each are needed.",
        code="cannot_be_split",
        remedy="Label push-offs of another session or athlete.",
    )


def _split_by_group(
    frames: Sequence[DatasetFrame], previous: DatasetManifest | None, kind: GroupKind, seed: int
) -> list[Split | None] | None:
    """A split for each frame by its group; None where no independent test group is left."""
    names = [frame.group(kind) for frame in frames]
    if len(set(names)) < 2:
        return None
    counts = {name: (0, 0) for name in names}
    for name, frame in zip(names, frames, strict=True):
        push_offs, others = counts[name]
        is_push_off = frame.label is Label.PUSH_OFF
        counts[name] = (push_offs + is_push_off, others + (not is_push_off))
    earlier = _previous_splits(previous, kind)
    assigned = assign_splits(counts, earlier, seed)
    if any(assigned[name] is Split.TEST and earlier.get(name) is Split.TRAIN for name in assigned):
        return None  # a model was trained on it: not an independent test
    splits: list[Split | None] = [assigned[name] for name in names]
    if Split.VAL not in assigned.values():
        splits = split_validation_blocks(frames, splits)
    return splits


def _previous_splits(previous: DatasetManifest | None, kind: GroupKind) -> dict[str, Split]:
    """Where groups of this kind were in earlier data sets."""
    if previous is None:
        return {}
    return {**previous.assignments.get(kind, {}), **_group_splits(previous.frames, kind)}


def _group_splits(frames: Sequence[DatasetFrame], kind: GroupKind) -> dict[str, Split]:
    """The split of each group. One whose frames are in several counts as trained on."""
    splits: dict[str, set[Split]] = {}
    for frame in frames:
        if frame.split:
            splits.setdefault(frame.group(kind), set()).add(frame.split)
    return {
        name: next(iter(found)) if len(found) == 1 else Split.TRAIN
        for name, found in splits.items()
    }


def _has_both_classes(
    frames: Sequence[DatasetFrame], splits: Sequence[Split | None], min_per_class: int
) -> bool:
    """Whether each split has enough frames of each class; one is enough for validation."""
    counts = Counter((split, frame.label) for split, frame in zip(splits, frames, strict=True))
    return all(
        counts[split, label] >= (1 if split is Split.VAL else min_per_class)
        for split in Split
        for label in Label
    )
