import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.measure.ground_calibration import (
    CameraSetup,
    from_ground_points,
    from_scale,
    from_two_points,
)
from pushoff.events.measure.lens import Lens

CORNERS = [[-2.5, -0.6], [2.5, -0.6], [-2.5, 0.6], [2.5, 0.6]]
few = settings(max_examples=40, deadline=None)


def seen(ground, distance_m=6.0, high_m=0.6, roll_rad=0.01, lens=None):
    """Pixels of (N, 2) ground points in a pinhole `high_m` over the ground, as the rig's."""
    ground = np.asarray(ground, float).reshape(-1, 2)
    depth = distance_m + ground[:, 1:]
    flat = np.c_[ground[:, :1], np.full_like(depth, high_m)] / depth * 1475.0
    turn = np.array([[np.cos(roll_rad), np.sin(roll_rad)], [-np.sin(roll_rad), np.cos(roll_rad)]])
    pixels = flat @ turn + [1352.0, 900.0]
    return lens.distort(pixels) if lens else pixels


lenses = st.builds(
    Lens,
    fx_px=st.floats(1300, 1600),
    fy_px=st.floats(1300, 1600),
    cx_px=st.floats(1300, 1400),
    cy_px=st.floats(700, 900),
    k1=st.floats(-0.08, 0.08),
    k2=st.floats(-0.01, 0.01),
    p1=st.floats(-0.002, 0.002),
    p2=st.floats(-0.002, 0.002),
    k3=st.floats(-0.002, 0.002),
)
cameras = st.fixed_dictionaries(
    {
        "distance_m": st.floats(5, 10),
        "high_m": st.floats(0.5, 0.7),
        "roll_rad": st.floats(-0.02, 0.02),
        "lens": st.none() | lenses,
    }
)
spots = st.tuples(st.floats(-4, 4), st.floats(-1, 1))


@few
@given(camera=cameras, spot=spots)
def test_four_points_give_a_pinholes_metres(camera, spot):
    """The homography of four runway points maps any other ground point, in both directions."""
    calibration = from_ground_points(
        seen(CORNERS, **camera), CORNERS, CameraSetup(lens=camera["lens"])
    )
    assert np.allclose(calibration.to_ground(seen(spot, **camera)), [spot], atol=1e-6)
    flat = calibration.ground_to_px @ [*spot, 1.0]
    pixel = (flat[:2] / flat[2])[None]
    distorted = camera["lens"].distort(pixel) if camera["lens"] else pixel
    assert np.allclose(calibration.to_ground(distorted), [spot], atol=1e-6)
    assert calibration.reprojection_px < 1e-6


@few
@given(seed=st.integers(0, 2**32 - 1))
def test_spare_points_are_a_check(seed):
    """With eight points the reprojection error shows how inaccurately they were clicked."""
    ground = np.array([[x, z] for x in (-3, -1, 1, 3) for z in (-0.6, 0.6)])
    noise = np.random.default_rng(seed).normal(size=(8, 2))
    calibration = from_ground_points(seen(ground) + noise, ground)
    assert 0.05 < calibration.reprojection_px < 2.5
    assert np.abs(calibration.to_ground(seen([0, 0]))).max() < 0.25


def test_pixels_above_the_horizon():
    """A pixel in the sky has no ground coordinates."""
    calibration = from_ground_points(seen(CORNERS), CORNERS)
    assert np.isnan(calibration.to_ground([[1352, 500]])).all()


@few
@given(a=spots, b=spots, moved=st.tuples(st.floats(-900, 900), st.floats(-900, 900)))
def test_a_scale_is_the_same_everywhere(a, b, moved):
    """Two points of known distance have that distance anywhere in the picture."""
    pixels = 300 * np.array([a, b])
    length = np.hypot(*(pixels[1] - pixels[0]))
    if length < 40:
        return
    calibration = from_two_points(pixels, 2.0)
    there, back = calibration.to_ground(pixels + moved)
    assert np.hypot(*(there - back)) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("setup", "distance_m"),
    [
        (CameraSetup(camera_distance_m=7.0), 7.0),
        (CameraSetup(lens=Lens(1475, 1475, 1352, 760)), 6.0),
        (CameraSetup(width_px=2704), 6.0),
        (CameraSetup(), 5.0),
    ],
)
def test_camera_distance(setup, distance_m):
    """As given, else from the lens, else from an assumed lens, else the shortest usual one."""
    assert from_scale(1475 / 6, setup).distance_m == pytest.approx(distance_m, rel=1e-3)


@pytest.mark.parametrize(
    ("pixels", "ground", "code"),
    [
        (seen(CORNERS[:3]), CORNERS[:3], "point_count"),
        (seen(CORNERS), CORNERS[:3], "point_count"),
        ([[0, 0], [1, 1], [2, 2], [3, 3]], CORNERS, "points_on_line"),
        (seen(CORNERS), [[0, 0], [1, 1], [2, 2], [3, 3]], "points_on_line"),
        ([[5, 5]] * 4, CORNERS, "points_on_line"),
        (
            seen([[0, 0], [1, 0], [2, 0], [1, 1]]),
            [[0, 0], [1, 0], [2, 0], [1, 1]],
            "points_on_line",
        ),
        (seen(CORNERS)[[0, 1, 3, 2]], CORNERS, "points_crossed"),
        (
            seen([*CORNERS, [0, -0.6], [0, 0.6]]),
            [*CORNERS, [0, -0.6], [0.5, 0.6]],
            "points_not_flat",
        ),
        ([*seen(CORNERS)[:3], [np.nan, 0]], CORNERS, "invalid_value"),
        (seen(CORNERS), [[0, 0], [1, np.inf], [2, 2], [3, 3]], "invalid_value"),
    ],
)
def test_invalid_points(pixels, ground, code):
    """Too few, collinear, mixed up or impossible points are refused."""
    with pytest.raises(BadInput) as refused:
        from_ground_points(pixels, ground)
    assert code == refused.value.code


def test_the_worst_point_is_named():
    """The message says which point does not fit, and by how much."""
    ground = [*CORNERS, [0, -0.6], [0.5, 0.6]]
    with pytest.raises(BadInput, match=r"point 6 is 5. px"):
        from_ground_points(seen([*CORNERS, [0, -0.6], [0, 0.6]]), ground)


def test_another_size_is_refused():
    """A calibration of another picture size is refused; one without a size fits any."""
    from_scale(246).check_picture(640, 360)
    sized = from_scale(246, CameraSetup(width_px=2704, height_px=1520))
    sized.check_picture(2704, 1520)
    with pytest.raises(BadInput, match="2704 x 1520 px, but this video is 1920 x 1080") as refused:
        sized.check_picture(1920, 1080)
    assert refused.value.code == "calibration_size"


@few
@given(
    far=st.floats(1, 300),
    which=st.sampled_from([0, 1]),
    axis=st.sampled_from([0, 1]),
    ground=st.booleans(),
)
def test_points_outside_the_picture(far, which, axis, ground):
    """Points of a larger picture are refused, whether two points or the runway's; points on the
    very edge are valid."""
    corners = [[0.0, 1520.0], [2704.0, 1520.0], [2200.0, 800.0], [500.0, 800.0]]

    def calibrated():
        if ground:
            return from_ground_points(corners, [[0, 0], [5, 0], [5, 1], [0, 1]])
        return from_two_points(corners[:2], 5.0)

    calibrated().check_picture(2704, 1520)
    corners[which][axis] += -far if which == axis == 0 else far
    with pytest.raises(BadInput) as refused:
        calibrated().check_picture(2704, 1520)
    assert refused.value.code == "calibration_point_outside"


def test_a_scale_has_no_points_to_check():
    """Pixels per metre do not depend on the picture's size."""
    from_scale(246).check_picture(320, 180)
