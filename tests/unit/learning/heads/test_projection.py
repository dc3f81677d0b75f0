"""Principal components of several rounds of videos."""

import dataclasses

import numpy as np
import pytest

from pushoff.errors import TooFewLabels
from pushoff.learning.features.video_features import VIEWS
from pushoff.learning.heads.projection import fit_projections
from pushoff.learning.model.temporal_head import MAX_COMPONENTS
from tests.unit.learning.event_samples import known, video_of
from tests.unit.learning.learning_samples import refused

VIDEOS = [video_of(known(count), seed) for seed, count in enumerate((3, 4, 5))]


@pytest.mark.parametrize("view", ["colours", "rise"])
def test_components_have_unit_variance(view):
    """Few directions of many features, without a mean; a view of few features keeps all."""
    components = min(MAX_COMPONENTS, VIEWS[view])
    [fitted] = fit_projections([VIDEOS], view, VIEWS[view], components)
    rows = np.concatenate([views[view] for each in VIDEOS for views in each.views.values()])
    projected = (rows - fitted.mean) @ fitted.matrix
    assert projected.shape[1] == components
    assert np.abs(projected.mean(axis=0)).max() < 0.02
    assert projected.std(axis=0) == pytest.approx(np.ones(components), abs=0.05)
    if components < VIEWS[view]:
        covariance = np.cov(projected.T)
        assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-6


def test_a_round_is_fitted_as_if_it_were_alone():
    """Whichever videos the other rounds have."""
    rounds = [VIDEOS, VIDEOS[1:], [VIDEOS[2], VIDEOS[0]], VIDEOS[:1]]
    for videos, together in zip(rounds, fit_projections(rounds, "motion", 512, 64), strict=True):
        [alone] = fit_projections([videos], "motion", 512, 64)
        assert np.allclose(alone.mean, together.mean)
        assert np.allclose(alone.matrix @ alone.matrix.T, together.matrix @ together.matrix.T)


def test_frames_without_an_athlete_do_not_count():
    """Their features are zeros, which would move the mean."""
    video = VIDEOS[0]
    found = tuple(frame < 20 for frame in range(len(video.times_s)))
    half = dataclasses.replace(video, track=dataclasses.replace(video.track, found=found))
    [fitted] = fit_projections([[half]], "rise", VIEWS["rise"], VIEWS["rise"])
    rows = np.concatenate([views["rise"][:20] for views in video.views.values()])
    assert np.allclose(rows.astype(float).mean(axis=0), fitted.mean)


def test_a_round_without_an_athlete_is_refused():
    """There is nothing to train on, whatever the other rounds have."""
    empty = video_of(known(2), seen=False)
    for rounds in ([[empty]], [VIDEOS, [empty]], [VIDEOS, []]):
        with refused(TooFewLabels, "no_athlete"):
            fit_projections(rounds, "rise", VIEWS["rise"], VIEWS["rise"])
