"""Training, validation and test for a backbone, which is trained once and not for every fold."""

from collections.abc import Sequence
from typing import Protocol

from pushoff.learning.data.manifest import DatasetManifest
from pushoff.values import Label, Split

BOUNDARY_GAP_S = 0.14
"""Frames this near a boundary of a validation block are dropped: neighbours at 240/s are
near-duplicates, and the temporal head sees 1/15 s to either side."""
VALIDATION_SHARE = 0.2
"""Of a video, for its validation block: a part of it is dropped at the boundaries."""


class TimedFrame(Protocol):
    """What splitting needs to know of a labelled frame."""

    @property
    def label(self) -> Label:
        """Its class."""

    @property
    def video_id(self) -> str:
        """Its video."""

    @property
    def task_id(self) -> int:
        """Orders frames without a time."""

    @property
    def time_s(self) -> float | None:
        """Camera seconds."""


def training_splits(manifest: DatasetManifest) -> list[Split | None]:
    """The use of each frame of the data set; None: it is used for nothing.

    By fold (`DatasetManifest.split_of`); where no whole fold validates, one block of every training
    video does.
    """
    splits = [
        None if frame.fold is None else manifest.split_of(frame.fold) for frame in manifest.frames
    ]
    return splits if Split.VAL in splits else split_validation_blocks(manifest.frames, splits)


def split_validation_blocks(
    frames: Sequence[TimedFrame], splits: Sequence[Split | None]
) -> list[Split | None]:
    """Where no group is left for validation: one block of every training session.

    Of the blocks whose share of push_offs is nearest to the session's, it is the latest.
    """
    result = list(splits)
    training = [row for row, split in enumerate(splits) if split is Split.TRAIN]
    for rows in _rows_by_session(frames, training):
        length = max(1, round(len(rows) * VALIDATION_SHARE))
        is_push_off = [frames[row].label is Label.PUSH_OFF for row in rows]
        expected = sum(is_push_off) * length / len(rows)
        deviations = {
            start: abs(sum(is_push_off[start : start + length]) - expected)
            for start in range(len(rows) - length, -1, -1)
        }
        start = min(deviations, key=lambda start: deviations[start])
        for row in rows[start : start + length]:
            result[row] = Split.VAL
        _drop_boundary_frames(frames, rows, result, [start, start + length])
    return result


def _rows_by_session(frames: Sequence[TimedFrame], rows: Sequence[int]) -> list[list[int]]:
    """Row numbers of each session in order of time, or of task where no time is known."""
    sessions: dict[str, list[int]] = {}
    for row in rows:
        sessions.setdefault(frames[row].video_id, []).append(row)
    return [sorted(rows, key=lambda row: _sort_key(frames[row])) for rows in sessions.values()]


def _sort_key(frame: TimedFrame) -> tuple[float, int]:
    return (frame.time_s if frame.time_s is not None else float(frame.task_id), frame.task_id)


def _drop_boundary_frames(
    frames: Sequence[TimedFrame],
    rows: Sequence[int],
    splits: list[Split | None],
    cuts: Sequence[int],
) -> None:
    """Drop the frames just before a cut, so that no near-duplicates are on both sides of it."""
    for cut in cuts:
        if cut >= len(rows):
            continue
        first_s = frames[rows[cut]].time_s
        for position in range(cut - 1, -1, -1):
            time_s = frames[rows[position]].time_s
            if first_s is None or time_s is None:
                is_far = position < cut - 1  # without times only the nearest frame is dropped
            else:
                is_far = first_s - time_s >= BOUNDARY_GAP_S
            if is_far:
                break
            splits[rows[position]] = None
