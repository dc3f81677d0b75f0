"""Statistics of replays: area under the learning curve and labels needed, against baselines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pushoff.active.queue import RANDOM
from pushoff.active.simulation.every_kth import EVERY_K
from pushoff.active.simulation.replay import Curve

TARGETS = (0.9, 0.99)
"""Shares of the score with all labels; the second is for data sets where the first is easy."""
_T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
)  # fmt: skip
"""Student's t, two-sided 95 %, for 1 to 20 degrees of freedom; the last is used beyond that."""


@dataclass(frozen=True)
class Interval:
    """A mean over seeds and its 95 % confidence interval (Student's t)."""

    mean: float
    low: float
    high: float

    def as_list(self) -> list[float]:
        """[mean, low, high], rounded."""
        return [round(float(value), 4) for value in (self.mean, self.low, self.high)]


@dataclass(frozen=True)
class Needed:
    """Labels needed to reach a share of the score with all labels."""

    labels: Interval
    """A replay that never reaches it counts with its budget."""
    reached: int
    """Number of replays that reached it."""
    to_random: Interval | None
    """Ratio to random with the same seed, geometric mean; None for random itself or without it."""
    to_every_k: Interval | None
    bound_to_random: str
    """The ratio is a bound: `<=` where random did not always reach the share, `>=` where the
    strategy did not, `?` where neither did; empty where it is exact."""
    bound_to_every_k: str


@dataclass(frozen=True)
class Summary:
    """One strategy over all seeds."""

    strategy: str
    seeds: int
    area: Interval
    """Normalised area under the learning curve, 0 to 1."""
    area_to_random: Interval | None
    """Paired difference to random; None for random itself or without it."""
    area_to_every_k: Interval | None
    event_area: Interval | None
    """The same for event scores; None without videos."""
    event_area_to_random: Interval | None
    needed: dict[float, Needed]
    """For each of TARGETS."""
    query_ms: float
    """Median time per query."""


def interval(values: Sequence[float]) -> Interval:
    """Mean and 95 % interval of independent values; infinite for a single value."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return Interval(mean, -np.inf, np.inf)
    spread = float(np.std(values, ddof=1)) / len(values) ** 0.5
    half = _T_95[min(len(values) - 2, len(_T_95) - 1)] * spread
    return Interval(mean, mean - half, mean + half)


def summarise(curves: Sequence[Curve]) -> list[Summary]:
    """Each strategy of the curves, largest area first."""
    by_name: dict[str, dict[int, Curve]] = {}
    for curve in curves:
        by_name.setdefault(curve.strategy, {})[curve.seed] = curve
    summaries = [_summary(name, own, by_name) for name, own in by_name.items()]
    return sorted(summaries, key=lambda summary: -summary.area.mean)


def area(curve: Curve, scores: Sequence[float]) -> float:
    """Normalised area under `scores` over the curve's labels, by the trapezoidal rule."""
    if len(curve.labels) < 2:
        return float(scores[0])
    return float(np.trapezoid(scores, curve.labels) / (curve.labels[-1] - curve.labels[0]))


def labels_to(curve: Curve, share: float) -> int | None:
    """Labels at which the curve first reaches `share` of the full score; None if it never does."""
    for labels, score in zip(curve.labels, curve.scores, strict=True):
        if score >= share * curve.full_score:
            return labels
    return None


def _summary(name: str, own: dict[int, Curve], by_name: dict[str, dict[int, Curve]]) -> Summary:
    curves = list(own.values())
    videos = all(curve.event_scores for curve in curves)

    def against(baseline: str, events: bool = False) -> Interval | None:
        of_baseline = by_name.get(baseline, {})
        seeds = sorted(own.keys() & of_baseline.keys())
        if name == baseline or not seeds or (events and not videos):
            return None
        pairs = [(own[seed], of_baseline[seed]) for seed in seeds]
        areas = [
            [area(curve, curve.event_scores if events else curve.scores) for curve in pair]
            for pair in pairs
        ]
        return interval([ours - reference for ours, reference in areas])

    return Summary(
        strategy=name,
        seeds=len(curves),
        area=interval([area(curve, curve.scores) for curve in curves]),
        area_to_random=against(RANDOM),
        area_to_every_k=against(EVERY_K),
        event_area=interval([area(c, c.event_scores) for c in curves]) if videos else None,
        event_area_to_random=against(RANDOM, events=True),
        needed={share: _needed(name, own, by_name, share) for share in TARGETS},
        query_ms=1000 * float(np.median([s for curve in curves for s in curve.query_s])),
    )


def _needed(
    name: str, own: dict[int, Curve], by_name: dict[str, dict[int, Curve]], share: float
) -> Needed:
    def ratio(baseline: str) -> Interval | None:
        of_baseline = by_name.get(baseline, {})
        seeds = sorted(own.keys() & of_baseline.keys())
        if name == baseline or not seeds:
            return None
        logs = interval([np.log(_or_budget(own[s], share) / _or_budget(of_baseline[s], share))
                         for s in seeds])  # fmt: skip
        return Interval(*(float(np.exp(log)) for log in (logs.mean, logs.low, logs.high)))

    def all_reach(curves: dict[int, Curve]) -> bool:
        return all(labels_to(curve, share) is not None for curve in curves.values())

    def bound(baseline: str) -> str:
        reach = all_reach(own), all_reach(by_name.get(baseline, {}))
        return {(True, True): "", (True, False): "<=", (False, True): ">="}.get(reach, "?")

    return Needed(
        labels=interval([_or_budget(curve, share) for curve in own.values()]),
        reached=sum(labels_to(curve, share) is not None for curve in own.values()),
        to_random=ratio(RANDOM),
        to_every_k=ratio(EVERY_K),
        bound_to_random=bound(RANDOM),
        bound_to_every_k=bound(EVERY_K),
    )


def _or_budget(curve: Curve, share: float) -> int:
    return labels_to(curve, share) or curve.labels[-1]


def as_json(summaries: Sequence[Summary], curves: Sequence[Curve]) -> dict[str, Any]:
    """Summaries and curves as JSON values."""

    def plain(value: Interval | None) -> list[float] | None:
        return value.as_list() if value else None

    return {
        "strategies": [
            {
                "strategy": summary.strategy,
                "seeds": summary.seeds,
                "area": plain(summary.area),
                "area_to_random": plain(summary.area_to_random),
                "area_to_every_k": plain(summary.area_to_every_k),
                "event_area": plain(summary.event_area),
                "event_area_to_random": plain(summary.event_area_to_random),
                "labels_needed": {
                    str(share): {
                        "labels": plain(needed.labels),
                        "reached": needed.reached,
                        "to_random": plain(needed.to_random),
                        "to_every_k": plain(needed.to_every_k),
                        "bound_to_random": needed.bound_to_random,
                        "bound_to_every_k": needed.bound_to_every_k,
                    }
                    for share, needed in summary.needed.items()
                },
                "query_ms": round(summary.query_ms, 2),
            }
            for summary in summaries
        ],
        "curves": [
            {
                "strategy": curve.strategy,
                "seed": curve.seed,
                "labels": list(curve.labels),
                "scores": [round(score, 4) for score in curve.scores],
                "event_scores": [round(score, 4) for score in curve.event_scores],
                "positives": list(curve.push_offs),
                "full_score": round(curve.full_score, 4),
                "full_event_score": None
                if curve.full_event_score is None
                else round(curve.full_event_score, 4),
            }
            for curve in curves
        ],
    }
