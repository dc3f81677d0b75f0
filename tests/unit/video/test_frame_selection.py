import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.values import Box
from pushoff.video.frame_selection import choose_frames, estimate_take_offs
from pushoff.video.tracking.athlete import AthleteTrack
from tests.unit.video.bouncing import COUNT, RATE, bouncing_block


def bounding(count=480, rate=240, found=True, period_s=0.45):
    """A track whose centre bounces; returns it, the times and when it rises fastest."""
    times = np.arange(count) / rate
    height = 40 * np.abs(np.sin(np.pi * times / period_s))
    centres = np.stack([times * 400, 500 - height], axis=1)
    box = Box(100, 100, 200, 200)
    track = AthleteTrack((box,) * count, (found,) * count, centres, (1280, 720), "")
    return track, times, np.arange(0, times[-1], period_s)


def test_take_offs_follow_the_lowest_points():
    """Each bounce yields one moment, less than a contact after its lowest point."""
    track, times, lowest = bounding()
    found = np.sort(times[estimate_take_offs(track, times)])
    for low in lowest[1:]:
        assert np.abs(found - low).min() < 0.09
    assert (np.diff(found) >= 0.2).all()


def test_pictures_decide_where_the_outline_misleads():
    """With pictures it is the trunk's rise that counts, however the outline's middle jumps."""
    track, pictures, _ = bouncing_block()
    jumping = track.centres_px + np.stack(
        [np.zeros(COUNT), 15 * np.sin(2 * np.pi * np.arange(COUNT) / 60)], axis=1
    )
    track = AthleteTrack(track.boxes, track.found, jumping, track.full_size, "")
    times = np.arange(COUNT) / RATE
    fastest = np.array([0.0, 0.4])  # as the block was moved
    found = times[estimate_take_offs(track, times, pictures)]
    assert len(found) == 2
    assert np.abs(found[:, None] - fastest[None]).min(1).max() < 0.04
    misled = times[estimate_take_offs(track, times)]
    assert np.abs(misled[:, None] - fastest[None]).min(1).max() > 0.05


def test_half_of_the_frames_lie_about_take_offs():
    """An annotator meets push-offs early, not one in a hundred."""
    track, times, _ = bounding()
    moments = times[estimate_take_offs(track, times)]
    chosen = times[choose_frames(track, times, 240, 20)]
    near = np.abs(chosen[:, None] - moments[None]).min(1) < 0.02
    assert 0.3 <= near[:10].mean() <= 0.8


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 400),
    rate=st.sampled_from([25.0, 29.97, 60.0, 120.0, 240.0, 480.0]),
    wanted=st.integers(1, 150),
    found=st.booleans(),
)
def test_spacing_and_bounds(count, rate, wanted, found):
    """Never more than asked for, never a frame twice, never neighbours but at a take-off."""
    track, times, _ = bounding(count, rate, found)
    chosen = choose_frames(track, times, rate, wanted)
    assert len(chosen) == len(set(chosen)) <= wanted
    assert chosen
    assert all(0 <= index < count for index in chosen)
    gaps = np.diff(np.sort(times[chosen]))
    assert (gaps >= min(0.0125, 1 / rate) - 0.6 / rate).all()
    moments = times[estimate_take_offs(track, times)]
    for gap, at in zip(gaps, np.sort(times[chosen])[:-1], strict=True):
        if gap < 0.033 - 0.51 / rate:
            assert np.abs(moments - at).min() < 0.05


def test_a_track_without_an_athlete_is_covered_evenly():
    """With nobody found the whole video is offered."""
    track, times, _ = bounding(found=False)
    chosen = np.sort(choose_frames(track, times, 240, 10))
    assert np.diff(chosen).max() < 200


def test_looks_decide_when_there_are_pictures():
    """Of many equal pictures and a few odd ones the odd ones are among the first."""
    track, times, _ = bounding(found=False)
    pictures = np.tile(np.arange(90, dtype=np.uint8)[None, :, None], (480, 1, 160)).copy()
    rng = np.random.default_rng(0)
    for index in (50, 200, 350):
        pictures[index] = rng.integers(0, 255, (90, 160))
    chosen = choose_frames(track, times, 240, 8, thumbnails=pictures)
    assert {50, 200, 350} <= set(chosen[:5])


@pytest.mark.parametrize("rate", [30, 240])
def test_only_frames_with_the_athlete(rate):
    """Frames in which nobody was seen are not put before a person."""
    track, times, _ = bounding(rate=rate)
    seen = tuple(100 <= index < 300 for index in range(480))
    track = AthleteTrack(track.boxes, seen, track.centres_px, track.full_size, "")
    assert all(seen[index] for index in choose_frames(track, times, rate, 30))
