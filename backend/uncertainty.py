"""Uncertainty sampling for the score column of Label Studio."""


def annotation_score(probability: float) -> float:
    """The score of a frame, 0 to 1: the one with the smallest is annotated first.

    `probability` is the calibrated one of push_off; the score is its distance from 0.5 as a share
    of the largest: 0 for an undecided prediction, 1 for a certain one.
    """
    return min(abs(2 * probability - 1), 1.0)
