from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pushoff.learning.model.prior_shift import adjust_to_prior, training_priors
from tests.unit.learning.event_samples import (
    CONTACT,
    FLIGHT,
    frame_labelled_video,
    known_video,
)

LOGITS = arrays(np.float64, st.integers(1, 80), elements=st.floats(-20, 20))


@given(LOGITS, st.floats(0, 0.99), st.data())
def test_adjustment_keeps_the_order(logits, least, data):
    """No probability falls, no frame overtakes another, none rises by more than two logits."""
    athlete = data.draw(arrays(bool, len(logits)))
    plain, found = adjust_to_prior(logits, athlete, 0.0), adjust_to_prior(logits, athlete, least)
    assert (found >= plain).all()
    assert (found <= adjust_to_prior(logits + 2.0, athlete, 0.0) + 1e-9).all()
    order = np.argsort(logits)
    assert (np.diff(found[order]) >= 0).all()


def test_a_low_mean_is_raised_to_the_prior():
    """A mean below the prior is raised to it; a higher one stays."""
    athlete = np.ones(70, bool)
    curve = np.where(np.arange(70) % 7 == 0, -1.0, -4.0)
    assert adjust_to_prior(curve, athlete, 0.1).mean() == pytest.approx(0.1, abs=1e-6)
    sure = np.where(np.arange(70) % 7 == 0, 4.0, -4.0)
    assert adjust_to_prior(sure, athlete, 0.1) == pytest.approx(1 / (1 + np.exp(-sure)))


def test_certain_frames_stay():
    """A video in which every frame is certainly no push-off stays without events."""
    assert adjust_to_prior(np.full(50, -9.0), np.ones(50, bool), 0.3).max() < 0.01


def test_without_an_athlete_nothing_is_adjusted():
    """Frames without an athlete do not count."""
    assert adjust_to_prior(np.full(9, -1.0), np.zeros(9, bool), 0.9) == pytest.approx(
        1 / (1 + np.e)
    )


def test_priors_are_measured_between_push_offs():
    """The shares of push-off and contact in whole cycles, times the prior share."""
    example = known_video("a", "a").example()
    cycle = CONTACT + FLIGHT
    assert training_priors([example], 0.5) == pytest.approx((0.5 / cycle, 0.5 * CONTACT / cycle))
    assert training_priors([example], 0.0) == (0.0, 0.0)
    assert training_priors([], 0.7) == (0.0, 0.0)


def test_a_long_crouch_does_not_change_the_priors():
    """Seconds on the ground before the start do not count."""
    example = known_video("a", "a").example()
    targets = example.targets
    contact = targets.contact.copy()
    contact[: targets.events[0]] = 1
    crouched = replace(example, targets=replace(targets, contact=contact))
    assert training_priors([crouched], 0.7) == training_priors([example], 0.7)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_push_offs_give_no_prior(count):
    """Without a whole cycle the share is unknown, so nothing is adjusted."""
    assert (0.0, 0.0) == training_priors([known_video("a", "a", count).example()], 0.7)


def test_a_few_answers_are_no_share_of_the_video():
    """The queue asks for likely push-offs: among the answers they are far more than in the video,
    so nothing is adjusted; a marked video says its shares."""
    answered = frame_labelled_video("v", "v")
    answers = answered.example().targets.push_off
    assert answers[answers >= 0].mean() > 2 / (CONTACT + FLIGHT)
    assert 0.0 == training_priors([answered.example()], 1.0)[0]
    marked = training_priors([known_video("a", "a").example()], 1.0)
    assert marked[0] == pytest.approx(1 / (CONTACT + FLIGHT))
