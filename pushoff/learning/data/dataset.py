"""Building of a data set: labelled frames and videos get a fold. No torch here.

The division into folds is part of the data set, and the next one inherits it. Every model is scored
on each fold after it was fitted without it, so a score is of athletes, else videos, that the model
never saw. See `pushoff/learning/data/balance.py` for when athletes, videos or blocks of time are
held out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pushoff.errors import TooFewLabels
from pushoff.learning.data.balance import choose_division
from pushoff.learning.data.division import Division
from pushoff.learning.data.folds import GroupSize
from pushoff.learning.data.manifest import DatasetFrame, DatasetManifest, VideoTruth
from pushoff.learning.data.video_labels import VideoLabels, labels_by_video
from pushoff.values import Box, FrameKey, Label, LabelledFrame


def build_dataset(
    labelled: Sequence[LabelledFrame],
    truths: Mapping[str, VideoTruth],
    image_sha256s: Mapping[FrameKey, str],
    previous: DatasetManifest | None,
    *,
    excluded: Mapping[str, int] | None = None,
    min_labels: int = 2,
    min_per_class: int = 1,
    seed: int = 1,
) -> DatasetManifest:
    """The manifest of the labels: frames and videos with their fold, counts, and the division.

    `truths` are the videos on which every push-off is marked, by video id. `image_sha256s` maps a
    frame's key to the hash of its image; frames without one are counted as `image unavailable`. The
    same labels give the same manifest, byte for byte. `previous` is the last manifest: groups stay
    in their folds. Raises TooFewLabels.
    """
    frames, dropped = _deduplicate(labelled, image_sha256s)
    frames, truths = _one_group_per_video(frames, truths)
    _require_minimum(frames, truths, min_labels, min_per_class)
    videos = labels_by_video(frames, truths)
    division = choose_division(videos, previous.division if previous else None, seed)
    frames = [
        replace(frame, fold=division.fold_at(frame.split_group, frame.video_id, frame.position))
        for frame in frames
    ]
    sizes = _sizes_by_fold(videos, division)
    return DatasetManifest(
        seed=seed,
        split_by=division.split_by,
        counts={
            fold: {
                label.choice: sum(frame.fold == fold and frame.label == label for frame in frames)
                for label in Label
            }
            for fold in sizes
        },
        push_offs={fold: size.push_offs for fold, size in sizes.items()},
        excluded=dict(sorted((Counter(excluded or {}) + dropped).items())),
        assignments={kind: dict(names) for kind, names in division.assignments.items()},
        blocks=dict(division.blocks),
        lineage=_lineage(previous, division, len(frames), len(truths)),
        frames=tuple(frames),
        truths={
            name: replace(known, fold=division.fold_of_video(known.split_group, name))
            for name, known in sorted(truths.items())
        },
    )


def _deduplicate(
    labelled: Sequence[LabelledFrame], image_sha256s: Mapping[FrameKey, str]
) -> tuple[list[DatasetFrame], Counter[str]]:
    """One frame per image and crop, in task order; contradictions and missing images counted."""
    dropped: Counter[str] = Counter()
    by_image: dict[tuple[str, Box | None], list[LabelledFrame]] = {}
    for frame in sorted(labelled, key=lambda frame: (frame.task_id, frame.time_s or 0.0)):
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
                fold=None,
                task_id=first.task_id,
                footage=first.footage,
                time_s=first.time_s,
                frame_index=first.frame_index,
                from_suggestion=all(frame.from_suggestion for frame in copies),
                project_id=first.project_id,
                foot=_only(frame.foot for frame in copies),
            )
        )
    return frames, +dropped


def _only(feet: Iterable[str | None]) -> str | None:
    """The foot that all name who name one."""
    named = {foot for foot in feet if foot}
    return named.pop() if len(named) == 1 else None


def _one_group_per_video(
    frames: Sequence[DatasetFrame], truths: Mapping[str, VideoTruth]
) -> tuple[list[DatasetFrame], dict[str, VideoTruth]]:
    """All labels of a video in one group, of an athlete where any of them names one.

    A clip that was stored without its athlete may be a video whose tasks name the athlete.
    """
    known = [(name, truth.split_group) for name, truth in sorted(truths.items())]
    names: dict[str, str] = {}
    for video_id, group in [*known, *((frame.video_id, frame.split_group) for frame in frames)]:
        if names.setdefault(video_id, group) == video_id:
            names[video_id] = group
    return (
        [replace(frame, split_group=names[frame.video_id]) for frame in frames],
        {name: replace(truth, split_group=names[name]) for name, truth in truths.items()},
    )


def _require_minimum(
    frames: Sequence[DatasetFrame],
    truths: Mapping[str, VideoTruth],
    min_labels: int,
    min_per_class: int,
) -> None:
    """Raises TooFewLabels with the numbers and what to label next.

    A labelled frame is one label, and so is every frame of a video on which all is marked.
    """
    counts = {label: sum(frame.label is label for frame in frames) for label in Label}
    for known in truths.values():
        push_offs = len(known.truth.push_off_frames)
        marked_frames = int(known.truth.known_frames().sum())
        counts[Label.PUSH_OFF] += push_offs
        counts[Label.NOT_PUSH_OFF] += max(marked_frames - push_offs, 0)
    if sum(counts.values()) < min_labels:
        raise TooFewLabels(
            f"{sum(counts.values())} usable labels, {min_labels} are needed before training.",
            code="too_few",
            remedy=f"Label {min_labels - sum(counts.values())} more frames.",
        )
    for label, count in counts.items():
        if count < min_per_class:
            raise TooFewLabels(
                f"Only {count} frames are labelled {label.choice}, {min_per_class} are needed.",
                code="too_few_of_a_class",
                remedy=f"Label more {label.choice} frames.",
            )


def _sizes_by_fold(videos: Sequence[VideoLabels], division: Division) -> dict[int, GroupSize]:
    """What is labelled in each fold that has labels, in ascending order of fold."""
    sizes: dict[int, GroupSize] = {}
    for video in videos:
        push_offs, others = (
            Counter(
                division.fold_at(video.split_group, video.video_id, position)
                for position in positions
            )
            for positions in (video.push_offs, video.others)
        )
        for fold in push_offs | others:
            if fold is not None:
                size = GroupSize(push_offs[fold], others[fold])
                sizes[fold] = sizes.get(fold, GroupSize()) + size
    return dict(sorted(sizes.items()))


def _lineage(
    previous: DatasetManifest | None, division: Division, labels: int, whole_videos: int
) -> tuple[str, ...]:
    """The changes of the division up to this one."""
    if previous is None:
        return ()
    so_far = f"{labels} labels" + (f" and {whole_videos} whole videos" if whole_videos else "")
    if division.split_by != previous.split_by:
        change = (
            f"divided by {previous.split_by} until {so_far}, by {division.split_by} from then on"
        )
        if division.is_step_back_from(previous.split_by):
            change += f": too few labels are left to hold out by {previous.split_by}"
        return (*previous.lineage, change)
    changed = [
        name
        for name, blocks in division.blocks.items()
        if previous.blocks.get(name, blocks) != blocks
    ]
    if changed:
        return (*previous.lineage, f"divided by time anew from {so_far} on")
    return previous.lineage
