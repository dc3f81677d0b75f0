"""Which found push-off is which true one, and which found ones count at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import PushOffEvent


@dataclass(frozen=True)
class Matching:
    """Which found event is which true one."""

    pairs: tuple[tuple[int, int], ...]
    """(found, true) positions, in time order."""
    false_alarms: tuple[int, ...]
    """Found positions without a true event."""
    missed: tuple[int, ...]
    """True positions nobody found."""


def match(
    found: Sequence[int],
    truth: Sequence[int],
    reach: Sequence[int] | int,
    spare: Collection[int] = (),
) -> Matching:
    """Pair frames one to one: as many pairs as possible, and of those the closest together.

    `reach` is the tolerance in frames, one for all or one per true event. Both in time order; pairs
    never cross, so dynamic programming finds the best (as in sequence alignment). With one reach
    for all, crossing pairs could not add one: uncrossed they are no farther apart.
    Found positions in `spare` are taken only where they add a pair.
    """
    reaches = [reach] * len(truth) if isinstance(reach, int) else list(reach)
    most = min(len(found), len(truth))
    # a spare one less is worth any distance, a pair more is worth any spare one: whole numbers, so
    # that no tolerance is too large
    farther = max(reaches, default=0) * most + 1
    prize = (max(reaches, default=0) + farther) * most + 1
    best = [[0] * (len(truth) + 1) for _ in range(len(found) + 1)]
    for i, frame in enumerate(found):
        cost = farther if i in spare else 0
        for j, true in enumerate(truth):
            apart = abs(frame - true)
            worth = prize - cost - apart if apart <= reaches[j] else -prize
            best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], best[i][j] + worth)
    pairs, i, j = [], len(found), len(truth)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    seen = {i for i, _ in pairs}, {j for _, j in pairs}
    return Matching(
        pairs=tuple(reversed(pairs)),
        false_alarms=tuple(i for i in range(len(found)) if i not in seen[0]),
        missed=tuple(j for j in range(len(truth)) if j not in seen[1]),
    )


def tolerances(truth: GroundTruth, tolerance_frames: int, own_uncertainty: bool) -> list[int]:
    """Frames by which each true event may be missed."""
    extra = truth.uncertainty_frames if own_uncertainty else (0,) * len(truth.push_off_frames)
    return [tolerance_frames + more for more in extra]


def within_complete_range(truth: GroundTruth) -> GroundTruth:
    """Only the push-offs of the complete range."""
    kept = [truth.complete_from <= at <= truth.complete_to for at in truth.push_off_frames]
    each = ("push_off_frames", "feet", "approach", "uncertainty_frames")
    return replace(truth, **{name: tuple(compress(getattr(truth, name), kept)) for name in each})


def scored_events(
    events: Sequence[PushOffEvent], truth: GroundTruth, tolerance_frames: int, own_uncertainty: bool
) -> list[PushOffEvent]:
    """The found events that count, in time order.

    Those in the complete range, and those just outside of it that pair with a true one inside which
    no event inside could take: read a frame too early or late it is found all the same. What is
    farther out nobody can judge: not every push-off there is known.
    """
    events, known = sorted(events, key=lambda event: event.frame), within_complete_range(truth)
    spare = {
        i
        for i, event in enumerate(events)
        if not truth.complete_from <= event.frame <= truth.complete_to
    }
    pairing = match(
        [event.frame for event in events],
        known.push_off_frames,
        tolerances(known, tolerance_frames, own_uncertainty),
        spare,
    )
    ignored = spare & set(pairing.false_alarms)
    return [event for i, event in enumerate(events) if i not in ignored]
