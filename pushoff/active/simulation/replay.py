"""Replay labelling on a fully labelled data set, to compare the cost of strategies."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.queue import STRATEGIES, QueueConfig, order_pool
from pushoff.active.simulation.every_kth import EVERY_K, every_kth
from pushoff.active.simulation.labelled_set import LabelledSet
from pushoff.active.strategies.ranking import Strategy
from pushoff.errors import TooFewLabels
from pushoff.events.scoring import average_precision as event_precision
from pushoff.events.values import PushOffEvent
from pushoff.learning.heads.logistic_head import fit_logistic_head

TEST_SHARE = 1 / 3
"""Share of the athletes that are held out."""
EVENT_TOLERANCE_FRAMES = 1
STRENGTH = 0.03
"""Inverse regularisation of the head: the middle one of those a refit tries."""

Chooser = Callable[[Pool, int, int], np.ndarray]
"""(pool, count, seed) -> rows to label next."""


@dataclass(frozen=True)
class ReplayConfig:
    """Length of a replay."""

    start: int = 10
    """Labels before the first model."""
    batch: int = 10
    """Labels between two models."""
    budget: int = 300
    """Maximum number of labels."""

    def label_counts(self, available: int) -> list[int]:
        """Number of labels at each point of the curve, with `available` frames."""
        last = min(self.budget, available)
        return [*range(min(self.start, last), last, self.batch), last]


@dataclass(frozen=True, eq=False)
class Curve:
    """One replay: the score of a strategy over the number of labels."""

    strategy: str
    seed: int
    labels: tuple[int, ...]
    scores: tuple[float, ...]
    """Average precision of frames on the held-out athletes."""
    event_scores: tuple[float, ...]
    """Average precision of events within one frame there; empty without whole videos."""
    full_score: float
    """With all labels of the other athletes."""
    full_event_score: float | None
    query_s: tuple[float, ...]
    """Seconds per query."""
    push_offs: tuple[int, ...]
    """Labels of the positive class."""


def strategy_chooser(config: QueueConfig) -> Chooser:
    """The first rows of the queue, as the product orders it."""
    return partial(_first_of_queue, config, STRATEGIES[config.strategy])


def every_kth_chooser(config: QueueConfig, every: int = 16) -> Chooser:
    """The baseline `every_kth`, with the spacing, balance and random share of `config`."""
    return partial(_first_of_queue, config, partial(every_kth, every=every))


def choosers_of(names: Sequence[str]) -> dict[str, Chooser]:
    """Choosers of strategies and the baseline `every-k` by name; all of them without a name.

    Raises BadInput for an unknown name.
    """
    return {
        name: every_kth_chooser(QueueConfig())
        if name == EVERY_K
        else strategy_chooser(QueueConfig(name))
        for name in names or (*STRATEGIES, EVERY_K)
    }


def _first_of_queue(
    config: QueueConfig, strategy: Strategy, pool: Pool, count: int, seed: int
) -> np.ndarray:
    return order_pool(pool, replace(config, seed=seed, batch_size=count), strategy).rows[:count]


def split(data: LabelledSet, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows to label, rows to test on): TEST_SHARE of the athletes, both classes on both sides.

    Raises TooFewLabels when there is no such split.
    """
    athletes = sorted(set(data.groups))
    rng = np.random.default_rng([seed, 1])
    group = np.array(data.groups)
    for _ in range(200):
        held_out = rng.permutation(athletes)[: max(round(TEST_SHARE * len(athletes)), 1)]
        test = np.isin(group, held_out)
        if all(len(set(data.labels[side])) == 2 for side in (test, ~test)):
            return np.flatnonzero(~test), np.flatnonzero(test)
    raise TooFewLabels(
        f"{data.name}: {len(athletes)} athletes cannot be split so that both classes are on both "
        "sides: add athletes"
    )


def replay(
    data: LabelledSet, strategy: str, choose: Chooser, config: ReplayConfig, seed: int
) -> Curve:
    """Replay one strategy from the first label to the budget.

    The held-out athletes depend on the seed alone, so they are the same for every strategy. While a
    class has no label there is no model, and the score is that of a constant prediction. Runs on
    one thread, which avoids thread oversubscription in small fits. Raises TooFewLabels.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return _replay(data, strategy, choose, config, seed)


def _replay(
    data: LabelledSet, strategy: str, choose: Chooser, config: ReplayConfig, seed: int
) -> Curve:
    rows, test = split(data, seed)
    labelled = np.zeros(len(rows), bool)
    points = _Points()
    counts = config.label_counts(len(rows))
    probabilities = None
    for count in counts:
        left = np.flatnonzero(~labelled)
        known = data.part(rows[labelled])
        unlabelled = data.part(rows[left])
        pool = Pool(
            features=unlabelled.features,
            probabilities=None if probabilities is None else probabilities[left],
            video_ids=unlabelled.video_ids,
            groups=unlabelled.groups,
            times_s=unlabelled.times_s,
            labelled=known,
        )
        began = time.perf_counter()
        chosen = choose(pool, count - int(labelled.sum()), seed)
        points.query_s.append(time.perf_counter() - began)
        labelled[left[chosen]] = True
        score, event_score, probabilities = _fit_and_score(data, rows, labelled, test)
        points.scores.append(score)
        points.event_scores += [] if event_score is None else [event_score]
        points.push_offs.append(int(data.labels[rows[labelled]].sum()))
    full, full_event, _ = _fit_and_score(data, rows, np.ones(len(rows), bool), test)
    return Curve(
        strategy=strategy,
        seed=seed,
        labels=tuple(counts),
        scores=tuple(points.scores),
        event_scores=tuple(points.event_scores),
        full_score=full,
        full_event_score=full_event,
        query_s=tuple(points.query_s),
        push_offs=tuple(points.push_offs),
    )


def replay_all(
    data: LabelledSet,
    choosers: Mapping[str, Chooser],
    config: ReplayConfig,
    seeds: Sequence[int],
    on_start: Callable[[str, int], None] = lambda strategy, seed: None,
) -> list[Curve]:
    """Every strategy with every seed; `on_start` is called before each. Raises TooFewLabels."""
    curves = []
    for seed in seeds:
        for strategy, choose in choosers.items():
            on_start(strategy, seed)
            curves.append(replay(data, strategy, choose, config, seed))
    return curves


@dataclass
class _Points:
    """The points of a curve while it grows."""

    scores: list[float] = field(default_factory=list)
    event_scores: list[float] = field(default_factory=list)
    query_s: list[float] = field(default_factory=list)
    push_offs: list[int] = field(default_factory=list)


def _fit_and_score(
    data: LabelledSet, rows: np.ndarray, labelled: np.ndarray, test: np.ndarray
) -> tuple[float, float | None, np.ndarray | None]:
    """Frame score, event score (None without videos) and probabilities of all `rows`."""
    from sklearn.metrics import average_precision_score

    known = rows[labelled]
    if len(set(data.labels[known].tolist())) < 2:
        return float(data.labels[test].mean()), 0.0 if data.videos else None, None
    head = fit_logistic_head(data.head_features[known], data.labels[known], strength=STRENGTH)
    p = head.probabilities(data.head_features[test])
    score = float(average_precision_score(data.labels[test], p))
    return score, _event_score(data, test, p), head.probabilities(data.head_features[rows])


def _event_score(data: LabelledSet, test: np.ndarray, p: np.ndarray) -> float | None:
    """Average precision of the curve's peaks as events of the held-out videos; None without any."""
    video_ids = np.array(data.video_ids)[test]
    held_out = {name: data.videos[name] for name in sorted(set(video_ids)) if name in data.videos}
    if not held_out:
        return None
    events = {}
    for name in held_out:
        of_video = np.flatnonzero(video_ids == name)
        padded = np.concatenate([[-1.0], p[of_video], [-1.0]])
        curve = padded[1:-1]
        peaks = np.flatnonzero((curve > padded[:-2]) & (curve >= padded[2:]))
        rows = test[of_video[peaks]]
        events[name] = [
            PushOffEvent(int(data.frames[row]), float(data.times_s[row]), float(curve[peak]), 0.5)
            for row, peak in zip(rows, peaks, strict=True)
        ]
    return event_precision(events, held_out, EVENT_TOLERANCE_FRAMES)
