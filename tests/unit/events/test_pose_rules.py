import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.body import TOES, body_height_px
from pushoff.events.pose_rules import PoseRules, contacts_with_pose_rules
from pushoff.events.values import Direction, Foot

HEIGHT_PX = 300.0
GROUND_PX, START_PX, WIDTH_PX = 600.0, 200.0, 4000.0
CONTACT_S, FLIGHT_S = 0.15, 0.25
SPEED_PX_S = 4 * HEIGHT_PX
LEFT_RIGHT = [0, 4, 5, 6, 1, 2, 3, 8, 7, *(i + 1 if i % 2 else i - 1 for i in range(9, 33))]


def bounding(feet="LRLR", rate=120.0, wait_s=0.6):
    """A body that waits on its first foot, then bounds: (landmarks, times, ends of contacts)."""
    cycle = CONTACT_S + FLIGHT_S
    frames = round((wait_s + len(feet) * cycle) * rate)
    times = np.arange(frames) / rate
    hip_x = START_PX + SPEED_PX_S * np.maximum(times - wait_s, 0)
    points = np.full((frames, 33, 4), 0.9)
    points[:, :, 0] = hip_x[:, None]
    points[:, :, 1] = GROUND_PX - 0.55 * HEIGHT_PX
    points[:, (25, 26), 1] += 0.245 * HEIGHT_PX
    points[:, (27, 28), 1] += 0.491 * HEIGHT_PX
    toes = {"L": 31, "R": 32}
    for name in toes.values():
        points[:, name, 1] = GROUND_PX - 0.3 * HEIGHT_PX
    last = []
    for number, foot in enumerate(feet):
        since = times - wait_s - number * cycle
        down = ((since >= 0) | (number == 0)) & (since < CONTACT_S)
        middle = START_PX + SPEED_PX_S * (number * cycle + CONTACT_S / 2)
        points[down, toes[foot], 0] = middle
        points[down, toes[foot], 1] = GROUND_PX
        last.append(int(np.flatnonzero(down)[-1]))
    return points, times, last


def push_offs_in(*body):
    """The push-offs that the rules find."""
    return [contact.push_off for contact in contacts_with_pose_rules(*body)]


def frames_of(events):
    return [event.frame for event in events]


def test_a_run_of_bounds():
    """Every last frame of contact is found, with its foot and its toe, and nothing else."""
    points, times, last = bounding("LLRLRR")
    events = push_offs_in(points, times, Direction.RIGHT)
    assert frames_of(events) == last
    assert "".join(event.foot.letter for event in events) == "LLRLRR"
    assert [event.toe_px for event in events] == [
        (points[frame, TOES["LR".index(foot)], 0], GROUND_PX)
        for frame, foot in zip(last, "LLRLRR", strict=True)
    ]
    assert all(event.probability == pytest.approx(0.9) for event in events)


@settings(max_examples=12, deadline=None)
@given(
    feet=st.text("LR", min_size=1, max_size=5),
    rate=st.sampled_from([50.0, 59.94, 120.0, 240.0]),
    later_s=st.floats(-5, 500),
)
def test_shifting_the_track_shifts_its_events(feet, rate, later_s):
    """Frames before the track, and a later start time, shift the events and change nothing else."""
    points, times, _ = bounding(feet, rate)
    events = push_offs_in(points, times, Direction.RIGHT)
    padded = np.concatenate([np.repeat(points[:1], 40, axis=0), points])
    clock = later_s + np.arange(len(padded)) / rate
    later = push_offs_in(padded, clock, Direction.RIGHT)
    assert events
    assert frames_of(later) == [frame + 40 for frame in frames_of(events)]
    assert [e.foot for e in later] == [e.foot for e in events]
    for event in later:
        assert event.time_s == clock[event.frame]


@settings(max_examples=12, deadline=None)
@given(feet=st.text("LR", min_size=1, max_size=5), noise_px=st.floats(0, 2), seed=st.integers(0, 9))
def test_a_mirrored_track_mirrors_feet(feet, noise_px, seed):
    """Mirrored, the same frames are push-offs, of the other foot, at the mirrored position."""
    points, times, _ = bounding(feet)
    points[..., :2] += np.random.default_rng(seed).normal(0, noise_px, points[..., :2].shape)
    mirrored = points[:, LEFT_RIGHT].copy()
    mirrored[..., 0] = WIDTH_PX - mirrored[..., 0]
    events = push_offs_in(points, times, Direction.RIGHT)
    others = push_offs_in(mirrored, times, Direction.LEFT)
    assert frames_of(others) == frames_of(events)
    assert [e.foot for e in others] == [e.foot.other if e.foot else None for e in events]
    for event, other in zip(events, others, strict=True):
        assert other.toe_px == pytest.approx((WIDTH_PX - event.toe_px[0], event.toe_px[1]))


@settings(max_examples=12, deadline=None)
@given(swapped=st.sets(st.integers(0, 263), max_size=60))
def test_swapped_legs_cost_the_foot_not_the_push_off(swapped):
    """Legs swapped for a frame do not matter: toes are tracked by position."""
    points, times, last = bounding("LRLR", 120.0)
    chosen = [frame for frame in swapped if frame < len(points)]
    points[chosen] = points[chosen][:, LEFT_RIGHT]
    assert frames_of(push_offs_in(points, times, Direction.RIGHT)) == last


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_size_does_not_matter(scale):
    """Limits are in body heights: a video of another resolution has the same push-offs."""
    points, times, last = bounding()
    points[..., :2] *= scale
    assert frames_of(push_offs_in(points, times, Direction.RIGHT)) == last
    assert body_height_px(points) == pytest.approx(HEIGHT_PX * scale)


def test_nobody_no_events():
    """Without a body, or with one that waits, there are no push-offs."""
    points, times, _ = bounding(feet="", wait_s=2.0)
    assert push_offs_in(points, times, Direction.RIGHT) == []
    assert push_offs_in(np.full_like(points, np.nan), times, Direction.RIGHT) == []


def test_a_foot_nobody_saw_leave():
    """A video that ends, or loses the athlete, during a contact has no push-off there."""
    points, times, last = bounding("LR")
    cut = last[1] - 3
    assert frames_of(push_offs_in(points[:cut], times[:cut], Direction.RIGHT)) == last[:1]
    points[cut:] = np.nan
    assert frames_of(push_offs_in(points, times, Direction.RIGHT)) == last[:1]


def test_the_wrong_direction():
    """Travelling in the other direction has no push-offs."""
    points, times, _ = bounding()
    assert push_offs_in(points, times, Direction.LEFT) == []


def test_the_rules_can_be_changed():
    """A longer minimum contact excludes shorter ones: all but the wait at the start."""
    points, times, last = bounding()
    rules = PoseRules(min_contact_ms=1000 * CONTACT_S + 50)
    assert frames_of(push_offs_in(points, times, Direction.RIGHT, rules)) == last[:1]


@pytest.mark.parametrize(
    ("shape", "times"),
    [
        ((5, 33), np.arange(5)),
        ((5, 17, 2), np.arange(5)),
        ((5, 33, 1), np.arange(5)),
        ((5, 33, 2), np.arange(4)),
        ((5, 33, 2), np.zeros(5)),
        ((5, 33, 2), np.full(5, np.nan)),
        ((2, 33, 2), np.arange(2)),
    ],
)
def test_invalid_landmarks(shape, times):
    """Shapes that do not fit and times that are not ascending are refused."""
    with pytest.raises(BadInput, match=r"landmarks|times"):
        push_offs_in(np.zeros(shape), times, Direction.RIGHT)


def test_feet_are_the_athletes_own():
    """The first of each pair is the left, as in MediaPipe's numbering."""
    points, times, _ = bounding("L")
    (event,) = push_offs_in(points, times, Direction.RIGHT)
    assert event.foot is Foot.LEFT


@settings(max_examples=12, deadline=None)
@given(
    feet=st.text("LR", min_size=2, max_size=5), rate=st.sampled_from([30.0, 59.94, 120.0, 240.0])
)
def test_a_contact_begins_where_the_toe_comes_to_rest(feet, rate):
    """Contacts follow each other, each begins within two frames, or 25 ms, of its touch-down and
    ends in its push-off."""
    points, times, last = bounding(feet, rate)
    contacts = contacts_with_pose_rules(points, times, Direction.RIGHT)
    assert [contact.push_off.frame for contact in contacts] == last
    end = -1
    for number, contact in enumerate(contacts):
        assert end < contact.first_frame <= contact.push_off.frame
        end = contact.push_off.frame
        if number:  # the first one is the wait at the start
            touch_down_s = 0.6 + number * (CONTACT_S + FLIGHT_S)
            late_s = times[contact.first_frame] - touch_down_s
            assert -1e-9 <= late_s <= max(2.01 / rate, 0.026 + 1 / rate)


def test_rules_know_no_contact_without_a_body():
    """Nobody visible, or nobody who travels."""
    points, times, _ = bounding(feet="", wait_s=2.0)
    assert contacts_with_pose_rules(points, times, Direction.RIGHT) == []
    assert contacts_with_pose_rules(np.full_like(points, np.nan), times, Direction.RIGHT) == []
