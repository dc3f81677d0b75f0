"""The best scores of answers that do not look at the frames. NumPy only."""

import numpy as np

from pushoff.values import Scorecard


def baseline_average_precision(card: Scorecard) -> float:
    """Of an order at random: the share of push_off frames."""
    _, _, missed, found = card.confusion
    return (missed + found) / card.frames


def baseline_f1(card: Scorecard) -> float:
    """At the exact frame: of always push_off, never, or at random by frequency.

    Always push_off has 2q / (1 + q), where q is the share of push_off frames; never has 0, and
    guessing with probability q has q, which is less.
    """
    share = baseline_average_precision(card)
    return 2 * share / (1 + share)


def baseline_f1_within_1(card: Scorecard) -> float:
    """Within one frame, of push_off at random with the best probability r, which may be 1.

    Guessing gains from the tolerance. With both neighbours of each push-off answered, it is found
    with 1 - (1 - r)^3, and of the k frames per push-off that are none, r k are wrong less those
    that are found in place of the exact frame.
    """
    if not card.push_offs:
        return 0.0
    true_negatives, false_positives, _, _ = card.confusion
    k = (true_negatives + false_positives) / card.push_offs
    r = np.linspace(0, 1, 101)
    found = 1 - (1 - r) ** 3
    in_place = (1 - r) * (1 - (1 - r) ** 2)
    wrong = np.maximum(r * k - in_place, 0)
    return float(np.max(2 * found / (1 + found + wrong)))  # missed = 1 - found


def beats_baseline(card: Scorecard) -> bool:
    """Whether a model knows more than guessing: in average precision, and in F1 of either kind.

    Where labels lie close around push-offs, guessing does well at the exact frame; where pictures
    belong to no video, both kinds are the same.
    """
    return card.average_precision > baseline_average_precision(card) and (
        card.f1 > baseline_f1(card) or card.f1_within_1 > baseline_f1_within_1(card)
    )
