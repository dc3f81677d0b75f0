"""The exercises fitted to the push-offs of one drill."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.drill.fitted_drill import MAX_UNCLEAR_FEET_SHARE, exercise_names, fit_drill
from pushoff.values import Exercise
from tests.unit.events.drills import events, quick, text

WITH_A_HOLE = [0.5, 0.5, 1.0, 0.5, 0.5]


@quick
@given(st.text("LRlr?", max_size=8))
def test_mostly_unclear_feet_are_not_fitted(feet):
    """With more unclear feet than MAX_UNCLEAR_FEET_SHARE allows nothing is named or corrected."""
    drill = fit_drill(events(feet), (), after_approach=False)
    unclear = sum(foot in "lr?" for foot in feet)
    assert drill.unclear == unclear
    assert drill.too_unclear == (unclear > MAX_UNCLEAR_FEET_SHARE * len(feet))
    assert (drill.fit is None) == (drill.too_unclear or len(feet) < 2)
    if drill.fit is None:
        assert drill.corrected == drill.detected and not drill.candidates
        assert drill.confidence == 0.0 and drill.correction_reason == ""


def test_a_double_interval_may_hide_a_push_off():
    """Hop-steps with a hole get the missed foot back, and a reason that names the place."""
    drill = fit_drill(events("LLRLLRR", WITH_A_HOLE), (), after_approach=False)
    assert text(drill.detected) == "LLRLLRR"
    assert drill.missing_at == 3 and text(drill.corrected) == "LLRRLLRR"
    assert drill.corrected_detected == drill.detected
    assert "missed after push-off 3" in drill.correction_reason
    assert drill.candidates[0] is Exercise.HOP_STEPS


def test_a_requested_exercise_is_compared_with_the_candidates():
    """None where nothing was requested or nothing can be told."""
    hops = fit_drill(events("LLLLL"), (), after_approach=False)
    assert hops.fits(Exercise.HOPS) is True and hops.fits(Exercise.STEPS) is False
    assert hops.fits(None) is None
    assert fit_drill(events("L"), (), after_approach=False).fits(Exercise.HOPS) is None
    assert 0.5 < hops.confidence <= 1


def test_a_repeated_triple_is_called_cyclic():
    """Only the order of a competition is a Triple without a note."""
    assert fit_drill(events("RLLRLL"), (), after_approach=False).cyclic
    assert not fit_drill(events("LLR"), (), after_approach=True).cyclic
    assert exercise_names([Exercise.HOPS, Exercise.TRIPLE], cyclic=True) == [
        "Hops", "Triple (cyclic)",
    ]  # fmt: skip
