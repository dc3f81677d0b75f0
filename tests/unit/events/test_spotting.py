from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.foot_evidence import left_probability
from pushoff.events.spotting import (
    FrameScores,
    SpottingConfig,
    spot_events,
    weighted_probability,
)
from pushoff.events.values import Direction, Foot

quick = settings(max_examples=25, deadline=None)
decoders = pytest.mark.parametrize("decoder", ["durations", "peaks"])
rates = pytest.mark.parametrize("fps", [24, 30, 60, 120, 240, 480])
seeds = st.integers(0, 2**32 - 1)


def reading(contact, push_off, fps=30.0, step=1, **more):
    """Scores of a video with this contact and push-off curve."""
    count = len(contact)
    half = np.full(count, 0.5)
    curves = {"near": half, "approach": half, "athlete": np.ones(count, bool), **more}
    times = np.arange(count) / fps
    return FrameScores(times, np.asarray(push_off, float), np.asarray(contact), step=step, **curves)


def clean(push_offs, fps=30.0, contact_s=0.13, tail_s=0.5):
    """A video in which every contact and its last 1/30 s are certain."""
    step = max(round(fps / 30), 1)
    contact = np.full(max(push_offs) + round(tail_s * fps), 0.04)
    push_off = np.full(len(contact), 0.03)
    for frame in push_offs:
        contact[max(frame + 1 - max(round(contact_s * fps), step), 0) : frame + 1] = 0.96
        push_off[max(frame + 1 - step, 0) : frame + 1] = 0.95
    return reading(contact, push_off, fps, step)


def wild(seed, fps, count=120):
    """Random scores: noisy curves that drift, the athlete visible in parts."""
    rng = np.random.default_rng(seed)
    wave = np.sin(np.arange(count) * rng.uniform(2, 16) / fps + rng.uniform(0, 6))
    contact = 1 / (1 + np.exp(-(3 * wave + rng.normal(0, 1.5, count))))
    push_off = np.clip(contact * rng.random(count) * 1.3, 0, 1)
    gone = np.repeat(rng.random(-(-count // 15)) < 0.25, 15)[:count]
    step = max(round(fps / 30), 1)
    return reading(contact, push_off, fps, step, athlete=~gone, near=rng.random(count))


def frames(read, **how):
    return [event.frame for event in spot_events(read, SpottingConfig(**how))]


@decoders
@rates
@quick
@given(data=st.data())
def test_clean_push_offs_are_found_at_any_rate(decoder, fps, data):
    """At 30/s and 240/s each clear push-off is found once, within a frame, and nothing else."""
    gaps_s = data.draw(st.lists(st.floats(0.225, 0.9), min_size=1, max_size=6))
    truth = [round((0.3 + at) * fps) for at in np.cumsum(gaps_s)]
    found = frames(clean(truth, fps), decoder=decoder)
    assert len(found) == len(truth)
    assert max(abs(a - b) for a, b in zip(found, truth, strict=True)) <= 1


@decoders
@quick
@given(seed=seeds, fps=st.sampled_from([25, 30, 60, 240]), offset_ms=st.floats(-300, 300))
def test_no_event_where_there_cannot_be_one(decoder, seed, fps, offset_ms):
    """Events are inside the video, where the athlete is, in order, at their frames' times."""
    read = wild(seed, fps)
    found = spot_events(read, SpottingConfig(decoder=decoder, offset_ms=offset_ms))
    for event in found:
        assert 0 <= event.frame < len(read.times_s)
        assert read.athlete[event.frame]
        assert event.time_s == read.times_s[event.frame]
        assert 0 <= event.probability <= 1
        assert 0 <= event.left_probability <= 1
    assert all(a.frame < b.frame for a, b in pairwise(found))


@decoders
@quick
@given(seed=seeds, fps=st.sampled_from([30, 60, 240]), gap_ms=st.floats(0, 900))
def test_the_least_gap_holds(decoder, seed, fps, gap_ms):
    """Two push-offs are never closer than the minimum gap, up to a frame's rounding."""
    found = spot_events(wild(seed, fps), SpottingConfig(decoder=decoder, min_gap_ms=gap_ms))
    for before, after in pairwise(found):
        assert after.time_s - before.time_s >= gap_ms / 1000 - 1.01 / fps


@decoders
@quick
@given(seed=seeds, fps=st.sampled_from([30, 240]), ahead=st.integers(1, 70), gone=st.booleans())
def test_a_later_start_shifts_the_events(decoder, seed, fps, ahead, gone):
    """Quiet frames in front, athlete in the picture or not, move every event by their number."""
    rng = np.random.default_rng(seed)
    truth = np.cumsum(rng.integers(round(0.3 * fps), round(0.6 * fps), 4))
    read = clean([int(at) for at in truth], fps)
    noisy = [np.clip(c + rng.normal(0, 0.02, len(c)), 0.001, 0.999) for c in curves(read)]
    short = reading(noisy[0], noisy[1], fps, read.step)
    front = [np.concatenate([np.full(ahead, 0.02), curve]) for curve in noisy]
    seen = np.arange(len(front[0])) >= (ahead if gone else 0)
    long = reading(front[0], front[1], fps, read.step, athlete=seen)
    moved = [frame + ahead for frame in frames(short, decoder=decoder)]
    assert frames(long, decoder=decoder) == moved


def curves(read):
    return read.contact, read.push_off


@decoders
@quick
@given(seed=seeds, fps=st.sampled_from([30, 240]))
def test_the_same_again(decoder, seed, fps):
    """The same scores give the same events and are not modified."""
    read = wild(seed, fps)
    first = spot_events(read, SpottingConfig(decoder=decoder))
    assert spot_events(read, SpottingConfig(decoder=decoder)) == first
    assert np.array_equal(read.push_off, wild(seed, fps).push_off)


@decoders
@pytest.mark.parametrize("fps", [30, 240])
def test_who_is_gone_does_not_push_off(decoder, fps):
    """A push-off where no athlete is visible is dropped; the others stay."""
    truth = [round(at * fps) for at in (0.5, 1.0, 1.5)]
    read = clean(truth, fps)
    gone = np.abs(np.arange(len(read.times_s)) - truth[1]) <= 0.2 * fps
    assert frames(replace(read, athlete=~gone), decoder=decoder) == [truth[0], truth[2]]
    assert frames(replace(read, athlete=gone & ~gone), decoder=decoder) == []


@decoders
@pytest.mark.parametrize("value", [0.0, 0.3, 0.49])
@pytest.mark.parametrize("fps", [60, 240])
def test_a_model_that_knows_nothing_finds_nothing(decoder, value, fps):
    """Curves without an edge have no events."""
    assert frames(reading(*[np.full(300, value)] * 2, fps, fps // 30), decoder=decoder) == []


@decoders
@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_a_video(decoder, count):
    """A video of no or two quiet frames has no push-offs, and no error."""
    assert frames(reading(np.full(count, 0.1), np.full(count, 0.1)), decoder=decoder) == []


@decoders
def test_a_contact_cut_off_by_the_end_is_no_push_off(decoder):
    """A contact that continues to the end of the video has no push-off."""
    read = clean([30, 60], 30)
    contact = read.contact.copy()
    contact[-5:] = 0.96
    assert frames(replace(read, contact=contact), decoder=decoder) == [30, 60]


@decoders
def test_the_surer_of_two_too_close(decoder):
    """Of two candidates within the minimum gap the more probable one stays."""
    read = clean([60, 65], 30)
    push_off = read.push_off.copy()
    push_off[60] = 0.7
    assert frames(replace(read, push_off=push_off), decoder=decoder, min_gap_ms=300) == [65]


@pytest.mark.parametrize("fps", [30, 240])
def test_a_flicker_is_one_push_off(fps):
    """A push-off curve with a short dip is one event for either decoder."""
    read = clean([fps], fps)
    push_off = read.push_off.copy()
    push_off[fps - read.step - 1 : fps - read.step] = 0.6
    for decoder in ("durations", "peaks"):
        assert len(frames(replace(read, push_off=push_off), decoder=decoder)) == 1


@pytest.mark.parametrize(
    ("fps", "offset_ms", "moves"), [(240, 8.4, 2), (240, -12.5, -3), (30, 9, 0)]
)
def test_the_learnt_offset_is_milliseconds(fps, offset_ms, moves):
    """The offset shifts every event by the same time, whatever the rate."""
    truth = [fps, 2 * fps]
    assert frames(clean(truth, fps), offset_ms=offset_ms) == [at + moves for at in truth]


@quick
@given(seed=seeds, fps=st.sampled_from([30, 240]), way=st.sampled_from(Direction))
def test_a_mirrored_video_mirrors_the_feet(seed, fps, way):
    """Mirrored, near and far stay and the direction changes: left becomes right, frames stay."""
    other = Direction.LEFT if way is Direction.RIGHT else Direction.RIGHT
    for event in spot_events(wild(seed, fps)):
        left = left_probability(event.left_probability, way)
        assert left_probability(event.left_probability, other) == pytest.approx(1 - left)
        here = replace(event, left_probability=left).foot
        there = replace(event, left_probability=1 - left).foot
        assert (here and here.other) == there


def test_the_near_foot_is_told_over_the_contact():
    """The leg comes from the frames on the ground; without a direction the foot is unknown."""
    read = clean([20, 40], 30)
    near = np.where(np.arange(len(read.times_s)) <= 20, 0.9, 0.2)
    found = [event.left_probability for event in spot_events(replace(read, near=near))]
    assert found == pytest.approx([0.9, 0.2])
    assert [left_probability(one, Direction.LEFT) for one in found] == found
    assert Direction.RIGHT.near_foot is Foot.RIGHT
    assert left_probability(0.9, None) == 0.5


def test_the_leg_in_the_air_says_nothing():
    """In a contact shorter than a tenth of a second only its own frames decide the leg."""
    read = clean([240], 240, contact_s=0.05)
    near = np.where(read.contact > 0.5, 0.9, 0.0)
    (found,) = spot_events(replace(read, near=near), SpottingConfig(decoder="peaks"))
    assert found.left_probability > 0.8


def test_what_the_model_sees_of_nobody_does_not_blur_the_end():
    """Frames without an athlete count as 0, also for the probability of the event beside them."""
    read = clean([240], 240)
    push_off = read.push_off.copy()
    push_off[241:260] = 0.95
    gone = np.arange(len(push_off)) > 240
    (found,) = spot_events(
        replace(read, push_off=push_off, athlete=~gone), SpottingConfig(decoder="peaks")
    )
    assert found.frame == 240
    assert found.probability == pytest.approx(0.95)


@pytest.mark.parametrize(
    "change",
    [
        {"push_off": np.full(9, 0.5)},
        {"contact": np.array([0.5, np.nan, 0.5])},
        {"near": np.array([0.5, 1.1, 0.5])},
        {"approach": np.array([0.5, -0.1, 0.5])},
        {"athlete": np.ones(2, bool)},
        {"times_s": np.array([0.0, np.inf, 1.0])},
        {"times_s": np.array([0.0, 0.2, 0.1])},
        {"times_s": np.array([0.0, 0.1, 0.1])},
        {"step": 0},
    ],
)
def test_invalid_scores_are_refused(change):
    """Scores that no model can output are refused."""
    good = reading(np.full(3, 0.5), np.full(3, 0.5))
    with pytest.raises(BadInput):
        replace(good, **change)


@pytest.mark.parametrize(
    "how",
    [
        {"decoder": "guess"},
        {"low": 0.6, "high": 0.5},
        {"low": 0.0},
        {"high": 1.0},
        {"high": float("nan")},
        {"smoothing_ms": -1.0},
        {"min_gap_ms": float("nan")},
        {"offset_ms": float("inf")},
        {"contact_weight": 0.0},
        {"contact_weight": 1.1},
        {"contact_weight": float("nan")},
        {"floor": -0.1},
        {"floor": 1.0},
    ],
)
def test_invalid_configs_are_refused(how):
    """Invalid thresholds and durations are refused."""
    with pytest.raises(BadInput):
        SpottingConfig(**how)


PROBABILITIES = st.floats(0, 1)


@given(PROBABILITIES, st.floats(0.01, 1))
def test_a_weight_makes_a_probability_less_certain(p, weight):
    """It keeps its side of 0.5 and mirrors; with weight 1 it stays what it is."""
    found = float(weighted_probability(np.array(p), weight))
    assert 0 <= found <= 1
    assert abs(found - 0.5) <= abs(p - 0.5) + 1e-9
    assert (found - 0.5) * (p - 0.5) >= -1e-9
    assert float(weighted_probability(np.array(1 - p), weight)) == pytest.approx(
        1 - found, abs=1e-6
    )
    assert float(weighted_probability(np.array(p), 1.0)) == pytest.approx(p, abs=1e-8)


@given(PROBABILITIES, PROBABILITIES, st.floats(0.01, 1))
def test_a_weight_keeps_the_order(one, other, weight):
    """What was likelier stays likelier."""
    low, high = sorted((one, other))
    found = weighted_probability(np.array([low, high]), weight)
    assert found[0] <= found[1]


def misplaced(up, by):
    """Certain contacts that end `by` frames from where the push-off curve says so less surely."""
    read = clean([up], 30)
    contact = np.full(len(read.contact), 0.1)
    contact[up - 4 + by : up + 1 + by] = 0.9
    push_off = np.where(np.arange(len(contact)) == up, 0.8, 0.03)
    return replace(read, contact=contact, push_off=push_off)


@pytest.mark.parametrize("weight", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("by", [-1, 0, 1])
def test_at_30_frames_per_second_an_event_is_at_the_peak_of_the_curve(by, weight):
    """The path weighs contact and flight as well, which must not move the event by a frame."""
    read = misplaced(30, by)
    found = spot_events(read, SpottingConfig(contact_weight=weight))
    assert [30] == [event.frame for event in found]
    assert found[0].probability == pytest.approx(0.8)


@quick
@given(seed=seeds, weight=st.floats(0.05, 1))
def test_at_30_frames_per_second_no_neighbour_is_likelier(seed, weight):
    """Of the path's frame and the two beside it the event is at the best: so it is at least as
    likely as one of its neighbours."""
    read = wild(seed, 30)
    p = read.push_off * read.athlete
    for event in spot_events(read, SpottingConfig(contact_weight=weight)):
        before, after = (
            p[i] if 0 <= i < len(p) else 0.0 for i in (event.frame - 1, event.frame + 1)
        )
        assert p[event.frame] >= min(before, after)


def test_an_assumed_contact_can_be_overruled():
    """A wrong contact of little weight does not hide a push-off that the heads are sure of."""
    read = clean([30, 60], 30)
    contact = read.contact.copy()
    contact[20:45] = 0.999  # the rules see one long contact
    wrong = replace(read, contact=contact)
    assert 30 in frames(wrong, contact_weight=0.25)
    assert 30 not in frames(wrong, contact_weight=1.0)
