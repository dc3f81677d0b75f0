import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.scoring import (
    MAP_TOLERANCES,
    average_precision,
    score_clips,
)
from tests.unit.events.scoring_samples import events, few, quick, truth

ASKED = (
    "clips truth found tolerance_frames precision recall f1 map median_abs_ms signed_mean_ms "
    "foot_accuracy sequence_exact per_clip"
).split()


def scored(found, true, tolerance=1, **how):
    return score_clips({"a": found}, {"a": true}, tolerance, **how)


@quick
@given(found=few, true=few, sure=st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_more_tolerance_is_never_worse(found, true, sure):
    """Neither F1 nor average precision decreases with a larger tolerance."""
    seen, known = events(found, sure=sure[: len(found)]), truth(true)
    f1 = [scored(seen, known, tolerance).f1 for tolerance in range(8)]
    precision = [average_precision({"a": seen}, {"a": known}, k) for k in range(8)]
    assert f1 == sorted(f1)
    assert precision == sorted(precision)
    assert all(0 <= one <= 1 for one in (*f1, *precision))


@quick
@given(found=few, true=few)
def test_perfect_means_the_same_frames(found, true):
    """At tolerance 0 F1 and precision and recall are 1 for the true frames, and for no others."""
    score = scored(events(found), truth(true), 0)
    assert (score.f1 == 1) == (found == true)
    assert (score.precision == score.recall == 1) == (found == true)
    assert score.clips[0].f1 == score.f1


@quick
@given(
    found=st.lists(st.integers(0, 299), max_size=8).map(sorted),
    true=st.lists(st.integers(0, 299), max_size=8).map(sorted),
    a=st.integers(0, 299),
    b=st.integers(0, 299),
)
def test_only_the_complete_range_counts(found, true, a, b):
    """True events outside of it, and predictions further out than any tolerance, do not count."""
    first, last = min(a, b), max(a, b)
    bounds = {"complete_from": first, "complete_to": last}

    def within(frames, more=0):
        return [at for at in frames if first - more <= at <= last + more]

    whole = scored(events(found), truth(true, **bounds), 2)
    cut = scored(events(within(found, max(MAP_TOLERANCES))), truth(within(true), **bounds), 2)
    assert whole == cut
    assert whole.as_dict()["truth"] == len(within(true))


@quick
@given(found=few, true=few, a=st.integers(0, 25), b=st.integers(0, 25), k=st.integers(0, 6))
def test_an_event_just_outside_never_harms(found, true, a, b, k):
    """F1 is never less than without any prediction outside the complete range."""
    known = truth(true, complete_from=min(a, b), complete_to=max(a, b))
    cut = [at for at in found if known.complete_from <= at <= known.complete_to]
    assert scored(events(cut), known, k).f1 <= scored(events(found), known, k).f1


@quick
@given(found=few, true=few, ends=st.lists(st.integers(0, 25), min_size=4, max_size=4).map(sorted))
def test_a_wider_range_loses_no_pair(found, true, ends):
    """A larger complete range never removes a matched event."""
    outer, first, last, end = ends
    narrow = truth(true, complete_from=first, complete_to=last)
    wide = truth(true, complete_from=outer, complete_to=end)
    for k in (0, 1, 4):
        assert scored(events(found), narrow, k).clips[0].matched <= (
            scored(events(found), wide, k).clips[0].matched
        )


@pytest.mark.parametrize("outside", [9, 21])
def test_one_frame_over_the_edge_is_found(outside):
    """A push-off at the end of the complete range, predicted a frame outside, is not missed;
    another event outside is not a false alarm."""
    edge = outside + 1 if outside < 10 else outside - 1
    known = truth([edge], complete_from=10, complete_to=20)
    assert scored(events([outside]), known, 1).f1 == 1
    assert scored(events([outside]), known, 1).average_precision[1] == 1
    strict = scored(events([outside]), known, 0)
    assert (strict.f1, strict.clips[0].found) == (0, 0)
    assert scored(events(sorted([5, edge, outside, 30])), known, 1).f1 == 1


feet_found = st.lists(st.sampled_from(["left", "right", None]), max_size=6)


@quick
@given(said=feet_found, meant=feet_found, shift=st.integers(0, 3))
def test_the_edit_score_is_a_share(said, meant, shift):
    """Between 0 and 1, and 1 for the true feet, unknown ones excluded."""
    found = events([20 * i + shift for i in range(len(said))], said)
    score = scored(found, truth([20 * i for i in range(len(meant))], meant), 3).clips[0]
    assert 0 <= score.edit_score <= 1
    same = len(said) == len(meant) and all(b in (a, None) for a, b in zip(said, meant, strict=True))
    assert score.sequence_exact == same
    assert not same or score.edit_score == 1
    assert 0 <= score.feet_correct <= score.feet_known <= score.matched


def test_feet_are_counted_where_they_are_known():
    """An unknown predicted foot is wrong, an unknown true foot does not count, nor does a miss."""
    known = truth([10, 40, 70, 100], ["left", "right", None, "left"])
    score = scored(events([10, 40, 70], ["left", None, "right"]), known)
    clip = score.clips[0]
    assert (clip.feet_correct, clip.feet_known, clip.sequence_exact) == (1, 2, False)
    assert clip.edit_score == pytest.approx(1 - 2 / 4)
    assert score.as_dict()["foot_accuracy"] == 0.5


def test_errors_are_found_minus_true():
    """Late is positive, in the camera's milliseconds."""
    words = scored(events([12, 39, 71]), truth([10, 40, 70]), 2).as_dict()
    assert words["per_clip"][0]["signed_errors_ms"] == [20.0, -10.0, 10.0]
    assert words["per_clip"][0]["signed_errors_frames"] == [2, -1, 1]
    assert words["median_abs_ms"] == 10.0
    assert words["signed_mean_ms"] == pytest.approx(6.67)


def test_no_milliseconds_of_an_unknown_rate():
    """Slow motion of an unknown rate is scored in frames, never in seconds."""
    known = truth([10, 40], slow_motion=True, capture_known=False)
    words = scored(events([11, 41]), known).as_dict()
    assert words["f1"] == 1
    assert words["per_clip"][0]["signed_errors_frames"] == [1, 1]
    assert words["median_abs_ms"] is words["signed_mean_ms"] is None


def test_a_labels_own_uncertainty_can_be_granted():
    """Only with `own_uncertainty`, and only for the event it belongs to."""
    known = truth([10, 100], uncertainty_frames=(3, 0))
    found = events([14, 104])
    assert scored(found, known, 1).recall == 0
    assert scored(found, known, 1, own_uncertainty=True).recall == 0.5


def test_average_precision_by_hand():
    """One of two events first, then a false alarm, then the other: (1 + 2/3) / 2."""
    found = {"a": events([10, 50, 90], sure=[0.9, 0.8, 0.7])}
    assert average_precision(found, {"a": truth([10, 90])}, 0) == pytest.approx((1 + 2 / 3) / 2)


def test_later_hits_lift_the_precision_before_them():
    """A false alarm first, then both: at either recall the best later precision, 2/3."""
    found = {"a": events([50, 10, 90], sure=[0.9, 0.8, 0.7])}
    assert average_precision(found, {"a": truth([10, 90])}, 0) == pytest.approx(2 / 3)


def test_average_precision_ranks_over_clips():
    """Events rank by probability over all clips; each true event is matched once."""
    found = {"a": events([10, 11], sure=[0.5, 0.9]), "b": events([200], sure=[0.7])}
    clips = {"a": truth([10]), "b": truth([30])}
    assert average_precision(found, clips, 1) == pytest.approx(1 / 2)
    assert average_precision(found, clips, 0) == pytest.approx((1 / 3) / 2)


@quick
@given(found=few, true=few, known=st.booleans(), tolerance=st.integers(0, 5))
def test_what_is_printed(found, true, known, tolerance):
    """Plain JSON with the keys of `evaluate --json` and no others, numbers or null, never NaN."""
    true_feet = [("left", None)[at % 2] for at in true]
    score = score_clips(
        {"a": events(found)},
        {"a": truth(true, true_feet, capture_known=known), "b": truth([])},
        tolerance,
    )
    words = json.loads(json.dumps(score.as_dict(), allow_nan=False))
    assert list(words) == ASKED
    assert list(words["map"]) == [str(k) for k in MAP_TOLERANCES] == ["0", "1", "2", "4"]
    assert (words["clips"], words["tolerance_frames"]) == (2, tolerance)
    assert [clip["clip"] for clip in words["per_clip"]] == ["a", "b"]
    assert sum(clip["matched"] for clip in words["per_clip"]) <= min(len(found), len(true))


def test_nothing_there_and_nothing_found_is_right():
    """An empty clip without predictions is perfect; one false alarm in it is not."""
    empty = scored([], truth([]))
    assert (empty.f1, empty.precision, empty.recall) == (1, 1, 1)
    assert set(empty.average_precision.values()) == {1}
    assert (empty.clips[0].sequence_exact, empty.clips[0].edit_score) == (True, 1)
    alarm = scored(events([5]), truth([]))
    assert (alarm.f1, alarm.precision, alarm.recall) == (0, 0, 0)
    assert set(alarm.average_precision.values()) == {0}


def test_a_clip_nobody_read_has_only_missed():
    """A clip without predictions counts in full; predictions without a true clip do not count."""
    score = score_clips({"b": events([5])}, {"a": truth([10])}, 1)
    assert (score.recall, score.f1, score.as_dict()["truth"]) == (0, 0, 1)
    assert len(score.clips) == 1
    none = score_clips({}, {}, 1).as_dict()
    assert (none["clips"], none["sequence_exact"], none["foot_accuracy"]) == (0, None, None)


def test_the_order_of_found_events_does_not_matter():
    """Events are sorted before they are matched."""
    found, known = events([10, 40, 70], ["left", "right", "left"]), truth([10, 41, 70])
    assert scored(found[::-1], known) == scored(found, known)
    assert scored([replace(one) for one in found], known) == scored(found, known)
