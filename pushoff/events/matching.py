"""Matching of predicted push-offs with true ones, and which predictions are scored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import PushOffEvent


@dataclass(frozen=True)
class Matching:
    """Which predicted event is which true one."""

    pairs: tuple[tuple[int, int], ...]
    """(predicted, true) indices, in time order."""
    false_alarms: tuple[int, ...]
    """Predicted indices without a true event."""
    missed: tuple[int, ...]
    """True indices without a predicted event."""


def match(
    predicted: Sequence[int],
    truth: Sequence[int],
    tolerance: Sequence[int] | int,
    optional: Collection[int] = (),
) -> Matching:
    """Match frames one to one: as many pairs as possible, and of those the closest together.

    `tolerance` in frames, one for all or one per true event. Both lists are in time order and pairs
    never cross, so dynamic programming finds the optimum (as in sequence alignment). With one
    tolerance for all, crossing pairs could not add a pair: uncrossed they are no farther apart.
    Predicted indices in `optional` are used only where they add a pair.
    """
    limits = [tolerance] * len(truth) if isinstance(tolerance, int) else list(tolerance)
    max_pairs = min(len(predicted), len(truth))
    # One optional event fewer outweighs any distance, and one pair more any optional event. In
    # whole numbers, so that no tolerance is too large.
    optional_cost = max(limits, default=0) * max_pairs + 1
    reward = (max(limits, default=0) + optional_cost) * max_pairs + 1
    best = [[0] * (len(truth) + 1) for _ in range(len(predicted) + 1)]
    for i, frame in enumerate(predicted):
        cost = optional_cost if i in optional else 0
        for j, true_frame in enumerate(truth):
            distance = abs(frame - true_frame)
            gain = reward - cost - distance if distance <= limits[j] else -reward
            best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], best[i][j] + gain)
    pairs = _trace_back(best)
    used_predicted, used_true = {i for i, _ in pairs}, {j for _, j in pairs}
    return Matching(
        pairs=tuple(pairs),
        false_alarms=tuple(i for i in range(len(predicted)) if i not in used_predicted),
        missed=tuple(j for j in range(len(truth)) if j not in used_true),
    )


def _trace_back(best: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The pairs behind the last cell of the table, in time order."""
    pairs = []
    i, j = len(best) - 1, len(best[0]) - 1
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def tolerances(truth: GroundTruth, tolerance_frames: int, own_uncertainty: bool) -> list[int]:
    """The tolerance of each true event in frames."""
    extra = truth.uncertainty_frames if own_uncertainty else (0,) * len(truth.push_off_frames)
    return [tolerance_frames + frames for frames in extra]


def within_complete_range(truth: GroundTruth) -> GroundTruth:
    """Only the push-offs of the complete range, without its unknown stretches."""
    inside = [truth.knows(frame) for frame in truth.push_off_frames]
    return replace(
        truth,
        push_off_frames=tuple(compress(truth.push_off_frames, inside)),
        feet=tuple(compress(truth.feet, inside)),
        approach=tuple(compress(truth.approach, inside)),
        uncertainty_frames=tuple(compress(truth.uncertainty_frames, inside)),
        toes_px=tuple(compress(truth.toes_px, inside)),
    )


def scored_events(
    events: Sequence[PushOffEvent], truth: GroundTruth, tolerance_frames: int, own_uncertainty: bool
) -> list[PushOffEvent]:
    """The predicted events that are scored, in time order.

    Those in the complete range, and those just outside that match a true event inside which no
    event inside could match: predicted a frame early or late it still counts. Events further out
    cannot be judged, because not every push-off there is labelled.
    """
    events, known = sorted(events, key=lambda event: event.frame), within_complete_range(truth)
    outside = {i for i, event in enumerate(events) if not truth.knows(event.frame)}
    matching = match(
        [event.frame for event in events],
        known.push_off_frames,
        tolerances(known, tolerance_frames, own_uncertainty),
        outside,
    )
    ignored = outside & set(matching.false_alarms)
    return [event for i, event in enumerate(events) if i not in ignored]
