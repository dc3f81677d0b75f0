"""Which frames are for fitting, for stopping and threshold, and for judging. Pure functions."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from pushoff.errors import TooFewLabels
from pushoff.values import Label, Split

SHARE = {Split.TRAIN: 0.65, Split.VAL: 0.15, Split.TEST: 0.2}
"""What the splits aim at, in frames."""
VALIDATION_GROUPS = 5
"""From so many athletes or sessions on, whole ones are set aside for validation."""
BOUNDARY_GAP_S = 0.14
"""Frames this near a cut in time are used for nothing: neighbours at 240/s are near copies, and the
temporal head sees 1/15 s to either side."""


class _Timed(Protocol):
    image_sha256: str
    label: Label
    video_id: str
    task_id: int
    time_s: float | None


def assign_splits(
    groups: Mapping[str, tuple[int, int]], previous: Mapping[str, Split], seed: int
) -> dict[str, Split]:
    """A split for each group, from its (push_off, not_push_off) counts. Pure.

    Earlier assignments are kept. Missing roles are filled first, from groups with both classes:
    training and held-out always, validation from five groups on (with fewer every athlete is needed
    for training, and stretches of their videos validate). Every further group goes where
    frames are missing most. Raises TooFewLabels below two groups.
    """
    if len(groups) < 2:
        raise TooFewLabels(f"{len(groups)} athlete or session is labelled, at least 2 are needed.")
    given = {name: previous[name] for name in groups if name in previous}
    rest = sorted(
        (name for name in groups if name not in given),
        key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest(),
    )
    total = sum(sum(counts) for counts in groups.values()) or 1
    wanted = [Split.TRAIN, Split.TEST] + ([Split.VAL] if len(groups) >= VALIDATION_GROUPS else [])
    # Training is served first: of two groups the larger one is learnt from, the other judges.
    for split in sorted(wanted, key=lambda one: SHARE[one], reverse=True):
        if split in given.values() or not rest:
            continue
        both = [name for name in rest if min(groups[name]) > 0]
        chosen = min(
            both or rest,
            key=lambda name: (abs(sum(groups[name]) / total - SHARE[split]), rest.index(name)),
        )
        given[chosen] = split
        rest.remove(chosen)
    have = {split: sum(sum(groups[n]) for n, s in given.items() if s is split) for split in Split}
    for name in rest:
        split = max(wanted, key=lambda one: SHARE[one] * total - have[one])
        given[name] = split
        have[split] += sum(groups[name])
    if set(given.values()) <= {Split.VAL, Split.TEST} or Split.TEST not in given.values():
        given = _repaired(given, groups, previous)
    return given


def _repaired(
    given: dict[str, Split], groups: Mapping[str, tuple[int, int]], previous: Mapping[str, Split]
) -> dict[str, Split]:
    """When earlier groups vanished: train and held-out must exist. A training group is never
    turned into a held-out one while another choice is left; a held-out one may become training."""
    largest = sorted(groups, key=lambda name: -sum(groups[name]))
    if Split.TEST not in given.values():
        order = sorted(
            largest, key=lambda name: (previous.get(name) is Split.TRAIN, sum(groups[name]))
        )
        given = {**given, order[0]: Split.TEST}
    if Split.TRAIN not in given.values():
        free = [name for name in largest if given[name] is Split.VAL] or [
            name for name in largest if given[name] is Split.TEST
        ][:1]
        given = {**given, free[0]: Split.TRAIN}
        if Split.TEST not in given.values():
            other = next(name for name in reversed(largest) if name != free[0])
            given[other] = Split.TEST
    return given


def split_validation_blocks(
    frames: Sequence[_Timed], splits: Sequence[Split | None]
) -> list[Split | None]:
    """Where no group is left for validation: one stretch of every training session.

    The stretch is the latest of those whose share of push_offs is nearest to the session's.
    """
    result = list(splits)
    for rows in _sessions(frames, [i for i, split in enumerate(splits) if split is Split.TRAIN]):
        length = max(1, round(len(rows) * (SHARE[Split.VAL] + 0.05)))
        is_push_off = [frames[row].label is Label.PUSH_OFF for row in rows]
        wanted = sum(is_push_off) * length / len(rows)
        start = min(
            range(len(rows) - length, -1, -1),
            key=lambda at: abs(sum(is_push_off[at : at + length]) - wanted),
        )
        for place in range(start, start + length):
            result[rows[place]] = Split.VAL
        _open_gap(frames, rows, result, [start, start + length])
    return result


def split_by_time(
    frames: Sequence[_Timed], before: Sequence[object], min_per_class: int
) -> list[Split | None]:
    """Stretches of each session: training, validation, held-out, with gaps. Optimistic.

    Cuts that `before` (frames of the last manifest) made in a session are kept. New ones lie as
    near to the wished shares as leaves `min_per_class` of both classes on both sides.
    """
    result: list[Split | None] = [None] * len(frames)
    for rows in _sessions(frames, range(len(frames))):
        cuts = _earlier_cuts(frames, rows, before) or _new_cuts(frames, rows, min_per_class)
        for place, row in enumerate(rows):
            result[row] = (
                Split.TRAIN if place < cuts[0] else Split.VAL if place < cuts[1] else Split.TEST
            )
        _open_gap(frames, rows, result, cuts)
    return result


def _sessions(frames: Sequence[_Timed], rows: Sequence[int]) -> list[list[int]]:
    """Row numbers of each session in order of time, or of task where no time is known."""
    sessions: dict[str, list[int]] = {}
    for row in rows:
        sessions.setdefault(frames[row].video_id, []).append(row)
    return [sorted(rows, key=lambda row: _moment(frames[row])) for rows in sessions.values()]


def _moment(frame: _Timed) -> tuple[float, int]:
    return (frame.time_s if frame.time_s is not None else float(frame.task_id), frame.task_id)


def _open_gap(
    frames: Sequence[_Timed], rows: Sequence[int], splits: list[Split | None], cuts: Sequence[int]
) -> None:
    """Drop the frames just before a cut, so that no near copy stands on both sides of it."""
    for cut in cuts:
        if cut >= len(rows):
            continue
        first = frames[rows[cut]]
        for place in range(cut - 1, -1, -1):
            frame = frames[rows[place]]
            timed = first.time_s is not None and frame.time_s is not None
            if (first.time_s - frame.time_s >= BOUNDARY_GAP_S) if timed else (place < cut - 1):
                break
            splits[rows[place]] = None


def _earlier_cuts(
    frames: Sequence[_Timed], rows: Sequence[int], before: Sequence[object]
) -> list[int] | None:
    """Places of the cuts the last manifest made in this session, if it did."""
    session = frames[rows[0]].video_id
    old = [frame for frame in before if frame.video_id == session]
    starts = []
    for split in (Split.VAL, Split.TEST):
        moments = [_moment(frame) for frame in old if frame.split is split]
        if not moments:
            return None
        starts.append(min(moments))
    if max((_moment(f) for f in old if f.split is Split.TRAIN), default=starts[0]) > starts[0]:
        return None  # it was divided in another way
    return [sum(_moment(frames[row]) < start for row in rows) for start in starts]


def _new_cuts(frames: Sequence[_Timed], rows: Sequence[int], min_per_class: int) -> list[int]:
    labels = [frames[row].label for row in rows]
    ideal = (SHARE[Split.TRAIN] - 0.05, SHARE[Split.TRAIN] + 0.1)
    shares = [share / 100 for share in range(30, 95, 5)]
    choices = sorted(
        ((a, b) for a in shares for b in shares if b > a),
        key=lambda pair: abs(pair[0] - ideal[0]) + abs(pair[1] - ideal[1]),
    )
    for a, b in choices:
        cuts = [round(len(rows) * a), round(len(rows) * b)]
        trial: list[Split | None] = [None] * len(frames)
        for place, row in enumerate(rows):
            trial[row] = (
                Split.TRAIN if place < cuts[0] else Split.VAL if place < cuts[1] else Split.TEST
            )
        _open_gap(frames, rows, trial, cuts)
        kept = [(trial[row], label) for row, label in zip(rows, labels, strict=True)]
        if all(
            kept.count((split, label)) >= (1 if split is Split.VAL else min_per_class)
            for split in Split
            for label in Label
        ):
            return cuts
    return [round(len(rows) * ideal[0]), round(len(rows) * ideal[1])]
