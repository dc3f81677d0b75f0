"""What a held-out score claims: where the score on other groups of the same kind will lie.

An interval of the mean would be too narrow for that claim: the new groups are a sample, too. So it
is a prediction interval for a second sample of the same size, whose error is the first one's times
sqrt(2) (Hahn and Meeker, 1991, "Statistical intervals", chapter 4), and it is the wider of two:

* score +- t sqrt(2) s, where s is the standard error by bootstrap over groups and push-offs. A
  bootstrap over few groups is too narrow, and Student's t with groups - 1 degrees of freedom
  repairs that (Cameron and Miller, 2015, "A practitioner's guide to cluster-robust inference").
* Wilson's interval (1927) of as many outcomes, right or wrong, as there are push-offs. The number
  of positives is also what the error of an average precision depends on: Boyd, Eng and Page (2013),
  "Area under the precision-recall curve". It holds where everything was right and s is 0. Push-offs
  of one group count less (Kish, 1965, "Survey sampling": the design effect).

`tests/unit/learning/evaluation/test_intervals.py` simulates how often the claim holds.
"""

import math
from collections.abc import Sequence

import numpy as np

from pushoff.values import Interval

WITHIN_GROUP_CORRELATION = 0.05
"""Of whether two push-offs of one group are found, at least: groups that happen to be alike do not
prove that groups are. Without it, five groups of a true correlation of 0.25 were covered in 84 % of
simulated draws."""
_NORMAL = 1.959964
_STUDENT_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 7: 2.365, 10: 2.228, 30: 2.042}
"""97.5 % quantile by degrees of freedom."""


def score_interval(
    score: float, standard_error: float, push_offs_per_group: Sequence[int] | np.ndarray
) -> Interval:
    """The 95 % interval of a score from 0 to 1, clipped to that range.

    `standard_error` by bootstrap. One group, or none, says nothing about others: 0 to 1.
    """
    push_offs = float(np.sum(push_offs_per_group))
    groups = effective_groups(push_offs_per_group)
    if groups <= 1:
        return Interval(0.0, 1.0)
    reach = student_t(groups - 1) * math.sqrt(2) * standard_error
    design_effect = 1 + (push_offs / groups - 1) * WITHIN_GROUP_CORRELATION
    low, high = wilson(score, push_offs / max(design_effect, 1.0) / 2)
    half_outcome = 0.5 / push_offs  # the score on a second sample is a step of outcomes, too
    return Interval(
        low=max(min(low - half_outcome, score - reach), 0.0),
        high=min(max(high + half_outcome, score + reach), 1.0),
    )


def effective_groups(push_offs_per_group: Sequence[int] | np.ndarray) -> float:
    """The number of equally large groups that say as much (Kish, 1965); 0.0 without push-offs.

    Nine athletes of whom one has nearly all push-offs are little more than one.
    """
    counts = np.asarray(push_offs_per_group, float)
    return float(counts.sum() ** 2 / np.sum(counts**2)) if counts.any() else 0.0


def wilson(share: float, outcomes: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of outcomes, whose number need not be whole."""
    z2 = _NORMAL**2 / outcomes
    centre = (share + z2 / 2) / (1 + z2)
    reach = math.sqrt(z2 * share * (1 - share) + z2**2 / 4) / (1 + z2)
    return centre - reach, centre + reach


def student_t(degrees: float) -> float:
    """97.5 % quantile of Student's t, within 3 %; below one degree of freedom that of one."""
    inverse = [0.0, *(1 / known for known in sorted(_STUDENT_T, reverse=True))]
    logs = [math.log(_NORMAL), *(math.log(_STUDENT_T[known]) for known in sorted(_STUDENT_T)[::-1])]
    return float(math.exp(np.interp(1 / degrees, inverse, logs)))
