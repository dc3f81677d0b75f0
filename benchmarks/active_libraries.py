"""Strategies of scikit-activeml and modAL on the same features and rounds as ours."""

from collections.abc import Callable

import numpy as np
from modAL.batch import uncertainty_batch_sampling
from modAL.models import ActiveLearner
from modAL.uncertainty import margin_sampling
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import CoreSet, TypiClust, UncertaintySampling
from sklearn.base import BaseEstimator, ClassifierMixin

from pushoff.active.pool import Pool
from pushoff.active.simulation.replay import Chooser


class Given(ClassifierMixin, BaseEstimator):
    """A classifier that repeats our model's probabilities of the pool's frames."""

    def __init__(self, probabilities: np.ndarray | None = None) -> None:
        self.probabilities = probabilities

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: None = None) -> "Given":
        """Does nothing."""
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """(N, 2) of the pool's N frames, in their order."""
        if len(X) != len(self.probabilities):
            raise ValueError("asked of other frames than the pool's")
        return np.stack([1 - self.probabilities, self.probabilities], axis=1)


def _or_random(choose: Chooser) -> Chooser:
    """Random before there is a model, as in the libraries' own examples."""

    def chosen(pool: Pool, count: int, seed: int) -> np.ndarray:
        if pool.probabilities is None:
            return np.random.default_rng(seed).permutation(len(pool))[:count]
        return choose(pool, count, seed)

    return chosen


def _x_y(pool: Pool) -> tuple[np.ndarray, np.ndarray]:
    """The pool's features with the labelled ones behind, and labels, NaN of the pool."""
    known = pool.labelled
    width = pool.features.shape[1]
    x = np.concatenate([pool.features, known.features.reshape(-1, width)])
    return x, np.concatenate([np.full(len(pool), np.nan), known.labels])


def _activeml_margin(pool: Pool, count: int, seed: int) -> np.ndarray:
    clf = SklearnClassifier(Given(pool.probabilities), classes=[0, 1])
    x, y = _x_y(pool)
    clf.fit(x, y)
    query = UncertaintySampling(method="margin_sampling", random_state=seed)
    return query.query(x, y, clf, fit_clf=False, candidates=np.arange(len(pool)), batch_size=count)


def _activeml(kind: Callable[..., CoreSet | TypiClust]) -> Chooser:
    def choose(pool: Pool, count: int, seed: int) -> np.ndarray:
        x, y = _x_y(pool)
        candidates = np.arange(len(pool))
        return kind(random_state=seed).query(x, y, candidates=candidates, batch_size=count)

    return choose


def _modal_margin(pool: Pool, count: int, seed: int) -> np.ndarray:
    return margin_sampling(Given(pool.probabilities), pool.features, n_instances=count)[0]


def _modal_ranked(pool: Pool, count: int, seed: int) -> np.ndarray:
    known = pool.labelled
    learner = ActiveLearner(Given(pool.probabilities), X_training=known.features,
                            y_training=known.labels)  # fmt: skip
    return uncertainty_batch_sampling(learner, pool.features, n_instances=count)[0]


LIBRARIES: dict[str, Chooser] = {
    "scikit-activeml margin": _or_random(_activeml_margin),
    "scikit-activeml core-set": _activeml(CoreSet),
    "scikit-activeml TypiClust": _activeml(TypiClust),
    "modAL margin": _or_random(_modal_margin),
    "modAL ranked batch": _or_random(_modal_ranked),
}
"""By name: the next rows of a pool. Only core-set and TypiClust choose without a model."""
