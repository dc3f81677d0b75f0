from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import (
    CameraSetup,
    from_ground_points,
    from_scale,
    from_two_points,
)
from pushoff.events.values import PushOffEvent
from tests.unit.events.measure.test_ground_calibration import CORNERS, cameras, seen

few = settings(max_examples=30, deadline=None)
rows = st.lists(st.floats(1.2, 3.0), min_size=2, max_size=5)


def pushes(toes_px, toe_error_px=2.0, frame_error=1.0, feet=(0.9, 0.9, 0.1)):
    """Push-offs every half second at 240/s with their toes at (N, 2) pixels."""
    return [
        PushOffEvent(
            frame=100 + 120 * i,
            time_s=(100 + 120 * i) / 240,
            probability=0.9,
            left_probability=feet[i % len(feet)],
            toe_px=None if toe is None else tuple(map(float, toe)),
            toe_uncertainty_px=toe_error_px,
            uncertainty_frames=frame_error,
        )
        for i, toe in enumerate(toes_px)
    ]


def measure(events, calibration=None, **more):
    return measure_distances(events, capture_fps=240, calibration=calibration, **more)


def metres(result):
    return [phase.distance_m for phase in result.phases]


def along(gaps, start=-3.0):
    """(N, 2) ground points on the calibrated line, `gaps` metres apart."""
    x = start + np.cumsum([0, *gaps])
    return np.c_[x, 0 * x]


@few
@given(camera=cameras, gaps=st.lists(st.floats(1.2, 2.0), min_size=2, max_size=3))
def test_metres_of_a_pinhole(camera, gaps):
    """A low camera with roll and lens, calibrated by four points, gives the true distances."""
    setup = CameraSetup(lens=camera["lens"])
    corners = [[-3, -1.2], [3, -1.2], [-3, 1.2], [3, 1.2]]
    calibration = from_ground_points(seen(corners, **camera), corners, setup)
    result = measure(pushes(seen(along(gaps, -2.5), **camera), 0.5, 0.5), calibration)
    assert np.allclose(metres(result), gaps, atol=1e-6)
    assert result.total_m == pytest.approx(sum(gaps), abs=1e-6)


@few
@given(gaps=rows, moved=st.tuples(st.floats(-500, 500), st.floats(-500, 500)), mirror=st.booleans())
def test_where_in_the_picture_does_not_matter(gaps, moved, mirror):
    """With a scale, a shifted or mirrored picture gives the same distances and errors."""
    toes = 246 * along(gaps)
    other = (toes * [-1, 1] if mirror else toes) + moved
    for calibration in (from_scale(246), from_two_points([[0, 0], [0, 615]], 2.5)):
        here = measure(pushes(toes), calibration)
        there = measure(pushes(other), calibration)
        assert np.allclose(metres(here), gaps)
        assert np.allclose(metres(there), gaps)
        assert here.total_uncertainty_m == pytest.approx(there.total_uncertainty_m)


@few
@given(gaps=st.lists(st.floats(1.2, 1.8), min_size=2, max_size=3))
def test_a_mirrored_runway(gaps):
    """A mirrored video with a mirrored calibration gives the same distances and errors."""
    mirror = lambda points: points * [-1, 1] + [2704, 0]  # noqa: E731
    toes = seen(along(gaps, -2.0))
    here = measure(pushes(toes), from_ground_points(seen(CORNERS), CORNERS))
    there = measure(pushes(mirror(toes)), from_ground_points(mirror(seen(CORNERS)), CORNERS))
    assert np.allclose(metres(here), metres(there))
    assert here.total_uncertainty_m == pytest.approx(there.total_uncertainty_m, rel=1e-3)


@few
@given(gaps=rows, times=st.floats(0.5, 4))
def test_a_larger_picture(gaps, times):
    """The same video in more pixels, clicked alike in metres, gives the same distances."""
    setup = CameraSetup(click_px=2.0 * times, camera_distance_m=6.0)
    here = measure(pushes(246 * along(gaps), 2.0), from_scale(246, replace(setup, click_px=2.0)))
    there = measure(pushes(246 * times * along(gaps), 2.0 * times), from_scale(246 * times, setup))
    assert np.allclose(metres(here), metres(there))
    assert here.total_uncertainty_m == pytest.approx(there.total_uncertainty_m, rel=0.01)


@few
@given(
    error=st.floats(0, 6),
    more=st.floats(0.5, 6),
    what=st.sampled_from(["toe_uncertainty_px", "uncertainty_frames"]),
    flat=st.booleans(),
)
def test_worse_toes_and_frames_are_less_certain(error, more, what, flat):
    """The uncertainty is never zero and grows with that of each toe and each frame."""
    exact = from_scale(246, CameraSetup(lateral_offset_m=0, click_px=0))
    calibration = exact if flat else from_ground_points(seen(CORNERS), CORNERS)
    toes = 246 * along([2.5]) if flat else seen(along([2.5], -1.25))
    better, worse = (
        measure([replace(event, **{what: size}) for event in pushes(toes, 1, 0.5)], calibration)
        for size in (error, error + more)
    )
    assert 0 < better.total_uncertainty_m
    if worse.total_uncertainty_m is not None:
        assert better.total_uncertainty_m < worse.total_uncertainty_m


@pytest.mark.parametrize(("distance_m", "lateral_m"), [(5, 0.100), (6, 0.083), (8, 0.062)])
def test_an_athlete_beside_the_line(distance_m, lateral_m):
    """0.2 m beside the line at D metres is an error of 0.2 / D, without effect on the ratio."""
    calibration = from_scale(1475 / distance_m, CameraSetup(camera_distance_m=distance_m))
    result = measure(pushes(1475 / distance_m * along([2.5, 2.5])), calibration)
    assert result.phases[0].parts.lateral_m == pytest.approx(lateral_m, abs=1e-3)
    assert result.phases[0].share_uncertainty_percent < 0.5


def test_an_error_of_the_toe_row():
    """2 px of row are 3.4 cm on 2.5 m at 6 m with a homography, and more as toes differ."""
    calibration = from_ground_points(seen(CORNERS), CORNERS)
    result = measure(pushes(seen(along([2.5], -1.25)), 2.0, 0.0), calibration)
    assert 0.034 < result.phases[0].parts.toe_m < 0.06


@pytest.mark.parametrize(("frames", "low", "high"), [(1, 0.005, 0.012), (3, 0.02, 0.04)])
def test_an_error_of_the_frame(frames, low, high):
    """One or three frames cost what force plates measured, at any camera rate."""
    at_240 = measure(pushes(246 * along([2.5]), 2, frames), from_scale(246))
    at_120 = measure_distances(
        pushes(246 * along([2.5]), 2, frames / 2), capture_fps=120, calibration=from_scale(246)
    )
    assert low < at_240.phases[0].parts.frame_m < high
    assert at_120.phases[0].parts.frame_m == pytest.approx(at_240.phases[0].parts.frame_m, rel=0.3)


def test_the_stated_error_is_the_real_one():
    """Over many videos with known errors, two thirds of the distances lie within one ±."""
    rng = np.random.default_rng(7)
    corners = seen(CORNERS, lens=None)
    for name in ("scale", "ground"):
        deviations = []
        for _ in range(60):
            if name == "ground":
                clicked = corners + 2 * rng.normal(size=(4, 2))
                calibration = from_ground_points(clicked, CORNERS)
                toes = seen(along([2.5], -1.25)) + 2 * rng.normal(size=(2, 2))
            else:
                clicked = [[0, 0], [615, 0]] + 2 * rng.normal(size=(2, 2))
                setup = CameraSetup(camera_distance_m=6)
                calibration = from_two_points(clicked, 2.5, setup)
                scale = 1475 / (6 + 0.2 * rng.normal())
                toes = scale * along([2.5]) + 2 * rng.normal(size=(2, 2))
            phase = measure(pushes(toes, 2, 0), calibration).phases[0]
            deviations.append((phase.distance_m - 2.5) / phase.distance_uncertainty_m)
        assert 0.4 < np.std(deviations) < 1.25, name


def test_hop_step_jump():
    """Three push-offs, same foot, then the other, and a landing give a triple jump's ratio."""
    toes = 246 * along([3.5, 3.0, 3.5])
    result = measure(pushes(toes[:3]), from_scale(246), landing_px=tuple(toes[3]))
    assert result.ratio_text == "hop 35 %, step 30 %, jump 35 %"
    assert result.total_m == pytest.approx(10.0)
    assert result.phases[2].to_frame is None
    assert result.phases[2].interval_s is None
    without = measure(pushes(toes[:3]), from_scale(246))
    assert without.ratio_text == "1 to 2 54 %, 2 to 3 46 %"
    hops = measure(pushes(toes[:3], feet=(0.9,)), from_scale(246), landing_px=tuple(toes[3]))
    assert hops.ratio_text == "1 to 2 35 %, 2 to 3 30 %, 3 to landing 35 %"


def test_intervals_without_calibration():
    """Intervals and cadence need no calibration; a note explains the missing distances."""
    result = measure(pushes([None] * 4))
    phase = result.phases[0]
    assert (phase.interval_s, phase.cadence_per_min) == pytest.approx((0.5, 120.0))
    assert phase.interval_uncertainty_s == pytest.approx(1.47 / 240, rel=0.01)
    assert result.cadence_per_min == pytest.approx(120.0)
    assert result.cadence_uncertainty_per_min < phase.cadence_uncertainty_per_min
    assert (phase.distance_m, phase.speed_m_s, result.total_m) == (None, None, None)
    assert "no calibration" in phase.reason
    assert "Use Calibrate on this frame" in result.notes[0]


def test_speed():
    """Mean speed of a phase is its distance over its interval."""
    phase = measure(pushes(246 * along([2.5])), from_scale(246)).phases[0]
    assert phase.speed_m_s == pytest.approx(5.0)
    relative = phase.distance_uncertainty_m / 2.5
    assert relative < phase.speed_uncertainty_m_s / 5.0 < relative + 0.02


def test_a_missing_toe():
    """Its two distances are missing with the reason; the others remain, the ratio does not."""
    toes = list(246 * along([2.5] * 4))
    toes[1] = None
    result = measure(pushes(toes), from_scale(246))
    assert metres(result) == [None, None, pytest.approx(2.5), pytest.approx(2.5)]
    assert "toe was not located" in result.phases[0].reason
    assert np.isfinite(result.phases[2].distance_uncertainty_m)
    assert (result.total_m, result.ratio_text) == (None, None)


def test_a_toe_in_the_sky():
    """A toe above the horizon, or a length below its own error, gives no distance."""
    calibration = from_ground_points(seen(CORNERS), CORNERS)
    sky = measure(pushes([[1352, 1050], [1352, 400]]), calibration)
    assert "outside the ground" in sky.phases[0].reason
    close = measure(pushes([[1352, 1050], [1355, 1050]]), calibration)
    assert metres(close) == [None]
    assert "uncertain" in close.phases[0].reason


def test_an_unknown_rate():
    """Slow motion of unknown rate has distances but no times, cadence or speeds; a note says so."""
    result = measure(pushes(246 * along([2.5])), from_scale(246), time_trusted=False)
    phase = result.phases[0]
    assert phase.distance_m == pytest.approx(2.5)
    assert (phase.interval_s, phase.speed_m_s, result.cadence_per_min) == (None, None, None)
    assert any("frame rate is unknown" in note for note in result.notes)


def test_a_panning_camera():
    """A camera that moved has times but no distances; a note says so."""
    result = measure(pushes(246 * along([2.5])), from_scale(246), camera_fixed=False)
    assert result.phases[0].distance_m is None
    assert result.phases[0].interval_s == pytest.approx(0.5)
    assert "camera moved" in result.notes[0]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_measure_between(count):
    """No or one push-off gives no phase and one note."""
    result = measure(pushes([[0, 0]] * count), from_scale(246))
    assert result.phases == ()
    assert "Fewer than two push-offs" in result.notes[0]


def test_a_long_interval_has_a_note():
    """Two push-offs far apart in time probably hide a third."""
    first, second = pushes([[0, 0], [600, 0]])
    result = measure([first, replace(second, time_s=first.time_s + 1.5)])
    assert "1.50 s from push-off 1 to 2" in result.notes[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"frame": 100},
        {"time_s": 0.1},
        {"time_s": float("nan")},
        {"toe_uncertainty_px": -1.0},
        {"uncertainty_frames": float("inf")},
        {"toe_px": (float("nan"), 3.0)},
        {"toe_px": (1e300, 3.0)},
    ],
)
def test_invalid_events(wrong):
    """Push-offs out of order and invalid numbers are refused."""
    first, second = pushes([[0, 0], [600, 0]])
    with pytest.raises(BadInput):
        measure([first, replace(second, **wrong)], from_scale(246))
    with pytest.raises(BadInput, match="landing_px"):
        measure([first], from_scale(246), landing_px=(float("nan"), 0.0))


@pytest.mark.parametrize("given_m", [None, 6.0])
def test_an_assumed_camera_distance(given_m):
    """A note says whether the camera's distance was given or assumed."""
    calibration = from_scale(246, CameraSetup(camera_distance_m=given_m, width_px=2704))
    (note,) = measure(pushes(246 * along([2.5, 2.5])), calibration).notes
    assert ("6.0 m from the camera (assumed)." in note) is (given_m is None)
    assert "6.0 m from the camera" in note


def test_nothing_is_measured_across_an_interruption():
    """Where the video does not show what happened between two push-offs there is no interval,
    distance, total, ratio or cadence; the other phases keep theirs."""
    result = measure(pushes(246 * along([2.5, 2.5, 2.5])), from_scale(246), broken_after=(1,))
    first, broken, last = result.phases
    assert (broken.interval_s, broken.distance_m, broken.speed_m_s) == (None, None, None)
    assert "does not show" in broken.reason
    assert first.distance_m == pytest.approx(2.5) == last.distance_m
    assert first.interval_s == pytest.approx(0.5)
    assert (result.total_m, result.ratio_text, result.cadence_per_min) == (None, None, None)


def test_a_camera_that_moved_is_the_reason_with_and_without_a_calibration():
    """A calibration would not help: nobody is asked for one."""
    with_one, without = (
        measure(pushes(246 * along([2.5])), calibration, camera_fixed=False)
        for calibration in (from_scale(246), None)
    )
    assert with_one.notes == without.notes
    assert "moved" in without.notes[0]
