"""Held-out frames divided into push-offs with their neighbourhood, and what was found of each.

A labelled push-off is a run of frames labelled push_off: at 240/s one push-off has up to four such
frames, and the queue asks for some of them. A picture that belongs to no video is a push-off, or
none, by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.events.matching import Matching, match
from pushoff.learning.evaluation.held_out import NO_VIDEO, HeldOutFrames

TOLERANCE_FRAMES = 1
"""Frames by which a push-off that was found may be off. Annotators disagree by 5 to 15 ms
(docs/domain.md, "Timing agreement"), and neighbouring frames at 30/s look alike."""
MAX_GAP_FRAMES = 4
"""Frames labelled push_off that are farther apart are two push-offs: 17 ms at 240/s. At 30/s it is
0.13 s, and two take-offs of one athlete are at least 0.2 s apart."""


@dataclass(frozen=True, eq=False)
class PushOffBlocks:
    """N frames in B blocks, each of one push-off and the frames of its group nearest to it.

    The frames of a video without a labelled push-off are one block.
    """

    of_frame: np.ndarray
    """(N,) int. The block of each frame."""
    groups: np.ndarray
    """(B,) int. The number of each block's group, in order of name."""
    has_push_off: np.ndarray
    """(B,) bool."""

    @property
    def push_offs_per_group(self) -> np.ndarray:
        """(G,) int."""
        return np.bincount(self.groups, self.has_push_off).astype(int)


def labelled_push_offs(frame_indices: Sequence[int], labels: Sequence[int]) -> list[int]:
    """Positions of the last frame of each run of push_off frames, of one video in order of frame.

    A run ends before a frame labelled not_push_off and before a gap of more than MAX_GAP_FRAMES.
    """
    return [
        i
        for i, label in enumerate(labels)
        if label == 1
        and (
            i + 1 == len(labels)
            or labels[i + 1] == 0
            or frame_indices[i + 1] - frame_indices[i] > MAX_GAP_FRAMES
        )
    ]


def possible_ends(
    frame_indices: Sequence[int], labels: Sequence[int], reach: int
) -> list[tuple[int, int]]:
    """The first and the last frame in which each of `labelled_push_offs` may have ended.

    A frame labelled push_off is one of the last `reach` + 1 of a contact (`push_off_reach`). So the
    contact may go on after the last labelled one, but no longer than `reach` frames after the first
    one, and not to a frame that is labelled otherwise.
    """
    ends = labelled_push_offs(frame_indices, labels)
    ranges = []
    for number, last in enumerate(ends):
        first = ends[number - 1] + 1 if number else 0
        while labels[first] == 0:
            first += 1
        latest = frame_indices[first] + reach
        if last + 1 < len(labels):
            latest = min(latest, frame_indices[last + 1] - 1)
        end = int(frame_indices[last])
        ranges.append((end, max(end, int(latest))))
    return ranges


def match_ends(found: Sequence[int], ends: Sequence[tuple[int, int]], tolerance: int) -> Matching:
    """Match found push-offs with those of `possible_ends`, at most `tolerance` frames outside."""
    # twice the frames, so that the middle of two is a whole number
    middles = [first + last for first, last in ends]
    limits = [last - first + 2 * tolerance for first, last in ends]
    return match([2 * frame for frame in found], middles, limits)


def push_off_blocks(frames: HeldOutFrames) -> PushOffBlocks:
    """The blocks of the frames. They depend on labels alone, not on predictions."""
    names = {name: number for number, name in enumerate(sorted(set(frames.groups)))}
    of_frame = np.zeros(len(frames.labels), int)
    blocks: list[tuple[int, bool]] = []  # group, has a push-off
    for row in np.flatnonzero(frames.frame_indices == NO_VIDEO):
        of_frame[row] = len(blocks)
        blocks.append((names[frames.groups[row]], bool(frames.labels[row])))
    for rows in _rows_by_video(frames).values():
        last_rows = rows[labelled_push_offs(frames.frame_indices[rows], frames.labels[rows])]
        groups = np.array([names[frames.groups[row]] for row in rows])
        for group in np.unique(groups):
            own = rows[groups == group]
            ends = np.intersect1d(last_rows, own)
            distances = np.abs(frames.frame_indices[own][:, None] - frames.frame_indices[ends])
            nearest = distances.argmin(axis=1) if len(ends) else 0  # (own,)
            of_frame[own] = len(blocks) + nearest
            blocks += [(int(group), len(ends) > 0)] * max(len(ends), 1)
    return PushOffBlocks(
        of_frame,
        np.array([group for group, _ in blocks], int),
        np.array([has_push_off for _, has_push_off in blocks], bool),
    )


def count_found(frames: HeldOutFrames, blocks: PushOffBlocks) -> np.ndarray:
    """(B, 3) int: found, found where there is none, and missed push-offs of each block.

    A push-off is found when the model places one within TOLERANCE_FRAMES of where it may have
    ended, one to one. One that matches none is wrong only if its own frame was answered
    not_push_off: what nobody answered does not count. A picture that belongs to no video has no
    neighbours, so there the suggestion has to be exact.
    """
    counts = np.zeros((len(blocks.groups), 3), int)
    for row in np.flatnonzero(frames.frame_indices == NO_VIDEO):
        outcome = (frames.labels[row] == 1, bool(frames.suggested[row]))
        if any(outcome):
            column = {(True, True): 0, (False, True): 1, (True, False): 2}[outcome]
            counts[blocks.of_frame[row], column] += 1
    for video_id, rows in _rows_by_video(frames).items():
        indices, labels = frames.frame_indices[rows], frames.labels[rows]
        ends = labelled_push_offs(indices, labels)
        found = sorted(set(frames.push_offs[video_id]))
        ranges = possible_ends(indices.tolist(), labels.tolist(), frames.reaches.get(video_id, 0))
        matching = match_ends(found, ranges, TOLERANCE_FRAMES)
        for _, end in matching.pairs:
            counts[blocks.of_frame[rows[ends[end]]], 0] += 1
        for end in matching.missed:
            counts[blocks.of_frame[rows[ends[end]]], 2] += 1
        refused = dict(zip(indices[labels == 0].tolist(), rows[labels == 0], strict=True))
        for event in matching.false_alarms:
            if found[event] in refused:
                counts[blocks.of_frame[refused[found[event]]], 1] += 1
    return counts


def _rows_by_video(frames: HeldOutFrames) -> dict[str, np.ndarray]:
    """Row numbers of each video in order of frame, without pictures of no video."""
    rows: dict[str, list[int]] = {}
    for row in np.argsort(frames.frame_indices, kind="stable").tolist():
        if frames.frame_indices[row] != NO_VIDEO:
            rows.setdefault(frames.video_ids[row], []).append(row)
    return {video_id: np.array(found) for video_id, found in rows.items()}
