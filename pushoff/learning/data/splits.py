"""Splits of labelled frames into training, validation and test. Pure functions."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from pushoff.errors import TooFewLabels
from pushoff.util.canonical_json import canonical_json
from pushoff.values import Label, Split

SHARE = {Split.TRAIN: 0.65, Split.VAL: 0.15, Split.TEST: 0.2}
"""Intended shares of the frames."""
VALIDATION_GROUPS = 5
"""Athletes or sessions from which whole ones are used for validation."""
BOUNDARY_GAP_S = 0.14
"""Frames this near a boundary in time are dropped: neighbours at 240/s are near-duplicates, and the
temporal head sees 1/15 s to either side."""
_BLOCK_SHARE = SHARE[Split.VAL] + 0.05
"""Of a session, for its validation block: a part of it is dropped at the boundaries."""
_IDEAL_CUTS = (SHARE[Split.TRAIN] - 0.05, SHARE[Split.TRAIN] + 0.1)
"""Ends of training and of validation in a session that is cut in time, as shares of its frames."""


class TimedFrame(Protocol):
    """What splitting needs to know of a labelled frame."""

    @property
    def label(self) -> Label:
        """Its class."""

    @property
    def video_id(self) -> str:
        """Its session."""

    @property
    def task_id(self) -> int:
        """Orders frames without a time."""

    @property
    def time_s(self) -> float | None:
        """Camera seconds."""


class SplitFrame(TimedFrame, Protocol):
    """A frame of an earlier data set."""

    @property
    def split(self) -> Split | None:
        """None: in no split."""


def assign_splits(
    groups: Mapping[str, tuple[int, int]], previous: Mapping[str, Split], seed: int
) -> dict[str, Split]:
    """A split for each group, from its (push_off, not_push_off) counts.

    Earlier assignments are kept. Splits without a group are filled first, from groups with both
    classes: training and test always, validation from VALIDATION_GROUPS on (with fewer groups
    every one is needed for training, and blocks of their sessions validate). Each further group
    goes where most frames are missing. Raises TooFewLabels below two groups.
    """
    if len(groups) < 2:
        raise TooFewLabels(
            f"{len(groups)} athlete or session is labelled, at least 2 are needed.",
            code="one_group",
        )
    assigned = {name: previous[name] for name in groups if name in previous}
    rest = sorted(
        (name for name in groups if name not in assigned),
        key=lambda name: hashlib.sha256(canonical_json([seed, name])).digest(),
    )
    total = sum(sum(counts) for counts in groups.values()) or 1
    needed = [Split.TRAIN, Split.TEST]
    if len(groups) >= VALIDATION_GROUPS:
        needed.append(Split.VAL)
    # Training is filled first: of two groups the larger one is trained on, the other held out.
    for split in sorted(needed, key=lambda split: SHARE[split], reverse=True):
        if split in assigned.values() or not rest:
            continue
        with_both_classes = [name for name in rest if min(groups[name]) > 0]
        distances = {
            name: abs(sum(groups[name]) / total - SHARE[split])
            for name in with_both_classes or rest
        }
        chosen = min(distances, key=lambda name: (distances[name], rest.index(name)))
        assigned[chosen] = split
        rest.remove(chosen)
    frames = {
        split: sum(sum(groups[name]) for name, other in assigned.items() if other is split)
        for split in Split
    }
    for name in rest:
        split = max(needed, key=lambda split: SHARE[split] * total - frames[split])
        assigned[name] = split
        frames[split] += sum(groups[name])
    return _ensure_train_and_test(assigned, groups, previous)


def _ensure_train_and_test(
    assigned: dict[str, Split], groups: Mapping[str, tuple[int, int]], previous: Mapping[str, Split]
) -> dict[str, Split]:
    """The assignment with a training and a test group, also when earlier groups are gone.

    A training group becomes a test group only if there is no other choice; a test group may become
    a training group.
    """
    by_size = sorted(groups, key=lambda name: -sum(groups[name]))
    if Split.TEST not in assigned.values():
        test = min(by_size, key=lambda name: (previous.get(name) is Split.TRAIN, sum(groups[name])))
        assigned = {**assigned, test: Split.TEST}
    if Split.TRAIN not in assigned.values():
        validation = [name for name in by_size if assigned[name] is Split.VAL]
        test_groups = [name for name in by_size if assigned[name] is Split.TEST]
        train = (validation or test_groups)[0]
        assigned = {**assigned, train: Split.TRAIN}
        if Split.TEST not in assigned.values():
            test = next(name for name in reversed(by_size) if name != train)
            assigned[test] = Split.TEST
    return assigned


def split_validation_blocks(
    frames: Sequence[TimedFrame], splits: Sequence[Split | None]
) -> list[Split | None]:
    """Where no group is left for validation: one block of every training session.

    Of the blocks whose share of push_offs is nearest to the session's, it is the latest.
    """
    result = list(splits)
    training = [row for row, split in enumerate(splits) if split is Split.TRAIN]
    for rows in _rows_by_session(frames, training):
        length = max(1, round(len(rows) * _BLOCK_SHARE))
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


def split_by_time(
    frames: Sequence[TimedFrame], previous: Sequence[SplitFrame], min_per_class: int
) -> list[Split | None]:
    """Blocks of each session: training, validation, test, with gaps. Optimistic.

    Cuts that the frames of the last data set, `previous`, have in a session are kept. New ones are
    as near to the intended shares as leaves `min_per_class` of both classes on both sides.
    """
    result: list[Split | None] = [None] * len(frames)
    for rows in _rows_by_session(frames, range(len(frames))):
        cuts = _previous_cuts(frames, rows, previous) or _new_cuts(frames, rows, min_per_class)
        _cut(frames, rows, result, cuts)
    return result


def _cut(
    frames: Sequence[TimedFrame],
    rows: Sequence[int],
    splits: list[Split | None],
    cuts: Sequence[int],
) -> None:
    """Set the splits of a session's rows: training, validation and test, divided by two cuts."""
    for position, row in enumerate(rows):
        if position < cuts[0]:
            splits[row] = Split.TRAIN
        else:
            splits[row] = Split.VAL if position < cuts[1] else Split.TEST
    _drop_boundary_frames(frames, rows, splits, cuts)


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


def _previous_cuts(
    frames: Sequence[TimedFrame], rows: Sequence[int], previous: Sequence[SplitFrame]
) -> list[int] | None:
    """Positions of the cuts that the last data set made in this session, if it made any."""
    session = frames[rows[0]].video_id
    old = [frame for frame in previous if frame.video_id == session]
    starts = []
    for split in (Split.VAL, Split.TEST):
        keys = [_sort_key(frame) for frame in old if frame.split is split]
        if not keys:
            return None
        starts.append(min(keys))
    training = [_sort_key(frame) for frame in old if frame.split is Split.TRAIN]
    if max(training, default=starts[0]) > starts[0]:
        return None  # it was not cut in time
    return [sum(_sort_key(frames[row]) < start for row in rows) for start in starts]


def _new_cuts(frames: Sequence[TimedFrame], rows: Sequence[int], min_per_class: int) -> list[int]:
    shares = [share / 100 for share in range(30, 95, 5)]
    choices = sorted(
        ((a, b) for a in shares for b in shares if b > a),
        key=lambda pair: abs(pair[0] - _IDEAL_CUTS[0]) + abs(pair[1] - _IDEAL_CUTS[1]),
    )
    for choice in choices:
        cuts = [round(len(rows) * share) for share in choice]
        splits: list[Split | None] = [None] * len(frames)
        _cut(frames, rows, splits, cuts)
        labels = [(splits[row], frames[row].label) for row in rows]
        if all(
            labels.count((split, label)) >= (1 if split is Split.VAL else min_per_class)
            for split in Split
            for label in Label
        ):
            return cuts
    return [round(len(rows) * share) for share in _IDEAL_CUTS]
