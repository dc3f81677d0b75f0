"""Labelling replayed on a data set whose labels are known: what would each strategy have cost?"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.queue import QueueConfig, order_pool
from pushoff.active.simulation.labelled_set import LabelledSet
from pushoff.errors import TooFewLabels
from pushoff.events.scoring import average_precision as event_precision
from pushoff.events.values import PushOffEvent
from pushoff.learning.frame.logistic_head import fit_frame_head

TEST_SHARE = 1 / 3
"""Of the athletes, held out."""
EVENT_TOLERANCE_FRAMES = 1
STRENGTH = 0.03
"""Inverse penalty of the head, the middle one of those a refit tries on its validation frames."""

Chooser = Callable[[Pool, int, int], np.ndarray]
"""(pool, count, seed) to the rows to label next."""


@dataclass(frozen=True)
class Replay:
    """How long labelling goes on."""

    start: int = 10
    """Labels before there is a model."""
    batch: int = 10
    """Labels between two models."""
    budget: int = 300
    """Labels at most."""

    def label_counts(self, available: int) -> list[int]:
        """Labels there are at each point of the curve, of so many frames."""
        most = min(self.budget, available)
        return [*range(min(self.start, most), most, self.batch), most]


@dataclass(frozen=True, eq=False)
class Curve:
    """One replay: what a strategy had reached after so many labels."""

    strategy: str
    seed: int
    labels: tuple[int, ...]
    scores: tuple[float, ...]
    """Average precision of frames on the held-out athletes."""
    event_scores: tuple[float, ...]
    """Average precision of events within a frame there; empty where frames are no whole videos."""
    full_score: float
    """With every label of the other athletes."""
    full_event_score: float | None
    query_s: tuple[float, ...]
    """Seconds of each choice of frames."""
    push_offs: tuple[int, ...]
    """Of the labels, how many are of the class looked for."""


def strategy_chooser(plan: QueueConfig) -> Chooser:
    """The first of the queue, as the product makes it."""
    return lambda pool, count, seed: order_pool(pool, replace(plan, seed=seed, front=count)).rows[
        :count
    ]


def split(data: LabelledSet, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to label from and rows to test on: TEST_SHARE of the athletes, both classes on both
    sides. Raises TooFewLabels where that cannot be."""
    athletes = sorted(set(data.groups))
    dice = np.random.default_rng([seed, 1])
    group = np.array(data.groups)
    for _ in range(200):
        held_out = dice.permutation(athletes)[: max(round(TEST_SHARE * len(athletes)), 1)]
        test = np.isin(group, held_out)
        if all(len(set(data.labels[side])) == 2 for side in (test, ~test)):
            return np.flatnonzero(~test), np.flatnonzero(test)
    raise TooFewLabels(
        f"{data.name}: {len(athletes)} athletes cannot be divided so that both classes are on both "
        "sides: more athletes are needed"
    )


def replay(data: LabelledSet, strategy: str, choose: Chooser, how: Replay, seed: int) -> Curve:
    """One strategy from the first label to the budget, on athletes held out by the seed alone.

    On one thread: of small fits several threads spend their time waiting for each other.

    The held-out athletes are set aside before anything is labelled and are the same for every
    strategy. As long as one class has no label there is no model: the score is that of guessing.
    Raises TooFewLabels.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _replayed(data, strategy, choose, how, seed)


def _replayed(data: LabelledSet, strategy: str, choose: Chooser, how: Replay, seed: int) -> Curve:
    rows, test = split(data, seed)
    labelled = np.zeros(len(rows), bool)
    curve: dict[str, list] = {"scores": [], "events": [], "query": [], "found": []}
    counts = how.label_counts(len(rows))
    probabilities = None
    for count in counts:
        left = np.flatnonzero(~labelled)
        known = data.part(rows[labelled])
        free = data.part(rows[left])
        pool = Pool(
            features=free.features,
            probabilities=None if probabilities is None else probabilities[left],
            sessions=free.sessions,
            groups=free.groups,
            times_s=free.times_s,
            labelled=known,
        )
        began = time.perf_counter()
        chosen = choose(pool, count - int(labelled.sum()), seed)
        curve["query"].append(time.perf_counter() - began)
        labelled[left[chosen]] = True
        score, event_score, probabilities = _learnt(data, rows, labelled, test)
        curve["scores"].append(score)
        curve["events"] += [] if event_score is None else [event_score]
        curve["found"].append(int(data.labels[rows[labelled]].sum()))
    full, full_event, _ = _learnt(data, rows, np.ones(len(rows), bool), test)
    return Curve(
        strategy=strategy,
        seed=seed,
        labels=tuple(counts),
        scores=tuple(curve["scores"]),
        event_scores=tuple(curve["events"]),
        full_score=full,
        full_event_score=full_event,
        query_s=tuple(curve["query"]),
        push_offs=tuple(curve["found"]),
    )


def replay_all(
    data: LabelledSet,
    choosers: Mapping[str, Chooser],
    how: Replay,
    seeds: Sequence[int],
    say: Callable[[str, int], None] = lambda strategy, seed: None,
) -> list[Curve]:
    """Every strategy with every seed; `say` is told which is next. Raises TooFewLabels."""
    curves = []
    for seed in seeds:
        for strategy, choose in choosers.items():
            say(strategy, seed)
            curves.append(replay(data, strategy, choose, how, seed))
    return curves


def _learnt(
    data: LabelledSet, rows: np.ndarray, labelled: np.ndarray, test: np.ndarray
) -> tuple[float, float | None, np.ndarray | None]:
    """Frame score, event score (None without videos) and probabilities of all `rows`."""
    from sklearn.metrics import average_precision_score

    known = rows[labelled]
    if len(set(data.labels[known].tolist())) < 2:
        return float(data.labels[test].mean()), 0.0 if data.videos else None, None
    head = fit_frame_head(data.seen[known], data.labels[known], strength=STRENGTH)
    p = head.probabilities(data.seen[test])
    score = float(average_precision_score(data.labels[test], p))
    return score, _event_score(data, test, p), head.probabilities(data.seen[rows])


def _event_score(data: LabelledSet, test: np.ndarray, p: np.ndarray) -> float | None:
    """Average precision of the curves' peaks as events, of the held-out videos; None without."""
    sessions = np.array(data.sessions)[test]
    held_out = {name: data.videos[name] for name in sorted(set(sessions)) if name in data.videos}
    if not held_out:
        return None
    found = {}
    for name in held_out:
        here = np.flatnonzero(sessions == name)
        curve = np.concatenate([[-1.0], p[here], [-1.0]])
        inner = curve[1:-1]
        tops = np.flatnonzero((inner > curve[:-2]) & (inner >= curve[2:]))
        rows = test[here[tops]]
        found[name] = [
            PushOffEvent(int(data.frames[row]), float(data.times_s[row]), float(inner[top]), 0.5)
            for row, top in zip(rows, tops, strict=True)
        ]
    return event_precision(found, held_out, EVENT_TOLERANCE_FRAMES)
