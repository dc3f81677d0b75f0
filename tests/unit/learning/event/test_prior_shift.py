from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pushoff.learning.event.prior_shift import adjust_to_prior, training_priors
from tests.unit.learning.event_samples import CONTACT, FLIGHT, known_video

LOGITS = arrays(np.float64, st.integers(1, 80), elements=st.floats(-20, 20))


@given(LOGITS, st.floats(0, 0.99), st.data())
def test_raising_keeps_the_order_and_never_lowers(logits, least, data):
    """Evenly raised: no frame falls, none overtakes another, none by more than two logits."""
    athlete = data.draw(arrays(bool, len(logits)))
    plain, found = adjust_to_prior(logits, athlete, 0.0), adjust_to_prior(logits, athlete, least)
    assert (found >= plain).all()
    assert (found <= adjust_to_prior(logits + 2.0, athlete, 0.0) + 1e-9).all()
    order = np.argsort(logits)
    assert (np.diff(found[order]) >= 0).all()


def test_a_timid_video_gets_its_least_share():
    """A curve far below the usual share is raised to it; a sure one is left alone."""
    athlete = np.ones(70, bool)
    curve = np.where(np.arange(70) % 7 == 0, -1.0, -4.0)
    assert adjust_to_prior(curve, athlete, 0.1).mean() == pytest.approx(0.1, abs=1e-6)
    sure = np.where(np.arange(70) % 7 == 0, 4.0, -4.0)
    assert adjust_to_prior(sure, athlete, 0.1) == pytest.approx(1 / (1 + np.exp(-sure)))


def test_nothing_is_made_out_of_certainty():
    """A video in which every frame is surely none stays without events."""
    assert adjust_to_prior(np.full(50, -9.0), np.ones(50, bool), 0.3).max() < 0.01


def test_without_an_athlete_nothing_is_raised():
    """Frames without anybody say nothing of how timid a model is."""
    assert adjust_to_prior(np.full(9, -1.0), np.zeros(9, bool), 0.9) == pytest.approx(
        1 / (1 + np.e)
    )


def test_usual_shares_are_those_between_push_offs():
    """The share of push-off and contact frames in whole cycles, times what is asked."""
    lesson = known_video("a.mp4", "a").example
    cycle = CONTACT + FLIGHT
    assert training_priors([lesson], 0.5) == pytest.approx((0.5 / cycle, 0.5 * CONTACT / cycle))
    assert training_priors([lesson], 0.0) == (0.0, 0.0)
    assert training_priors([], 0.7) == (0.0, 0.0)


def test_a_long_crouch_does_not_change_the_usual_shares():
    """Seconds on the ground before the start are no part of how the athlete runs."""
    lesson = known_video("a.mp4", "a").example
    targets = lesson.targets
    contact = targets.contact.copy()
    contact[: targets.events[0]] = 1
    crouched = replace(lesson, targets=replace(targets, contact=contact))
    assert training_priors([crouched], 0.7) == training_priors([lesson], 0.7)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_push_offs_tell_no_share(count):
    """Without a whole cycle nothing is known of the usual share, so nothing is raised."""
    assert (0.0, 0.0) == training_priors([known_video("a.mp4", "a", count).example], 0.7)
