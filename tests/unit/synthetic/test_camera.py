import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.measure.lens import Lens
from pushoff.synthetic.backdrop import paint_backdrop, visible_marks
from pushoff.synthetic.camera import Camera

cameras = st.builds(
    lambda k1, k2, yaw, pitch, roll, high: Camera(
        320,
        180,
        Lens(200.0, 200.0, 160.0, 90.0, k1, k2),
        x_m=1.5,
        lens_height_m=high,
        distance_m=6.0,
        yaw_rad=yaw,
        pitch_rad=pitch,
        roll_rad=roll,
    ),
    st.floats(-0.06, 0.03),
    st.floats(0, 0.01),
    st.floats(-0.4, 0.4),
    st.floats(-0.1, 0.1),
    st.floats(-0.05, 0.05),
    st.floats(0.5, 0.7),
)
ground = st.tuples(st.floats(0.0, 3.0), st.floats(-1.0, 4.0))


@settings(max_examples=40, deadline=None)
@given(cameras, ground)
def test_the_homography_and_the_lens_make_the_picture(camera, place):
    """Ground metres through the homography and then the lens are where the camera sees them."""
    x, y, w = camera.homography() @ [place[0], place[1], 1.0]
    expected = camera.project(np.array([[place[0], 0.0, place[1]]]))
    assert camera.lens.distort(np.array([[x / w, y / w]])) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(cameras, ground)
def test_rays_point_at_what_is_projected(camera, place):
    """The ray of the pixel that shows a place leads back to it, lens and turns undone."""
    point = np.array([place[0], 0.0, place[1]])
    x, y = camera.project(point[None])[0]
    if not (0 <= round(x) < 320 and 0 <= round(y) < 180):
        return
    whole = camera.turned(0.0).level_rays()[round(y), round(x)].astype(float)
    cosine, sine = np.cos(camera.yaw_rad), np.sin(camera.yaw_rad)
    right, down, forward = whole
    ray = np.array([cosine * right + sine * forward, down, cosine * forward - sine * right])
    there = (point - [1.5, camera.lens_height_m, -6.0]) * [1, -1, 1]
    angle = np.arccos(ray @ there / np.linalg.norm(ray) / np.linalg.norm(there))
    assert angle < 1.2 / 200  # half a pixel to each side, and the grid's interpolation


def test_up_is_up_and_right_is_right():
    """Higher is further up in the picture, further right further right, nothing behind is seen."""
    camera = Camera(320, 180, Lens(200.0, 200.0, 160.0, 90.0), 0.0, 0.6, 6.0)
    here, above, right, behind = camera.project(
        np.array([[0, 0.0, 0], [0, 1.0, 0], [1, 0.0, 0], [0, 0.0, -9]])
    )
    assert above[1] < here[1] and right[0] > here[0] and here[1] > 90
    assert np.isnan(behind).all()


def test_marks_are_painted_where_they_are_said_to_be():
    """The cones' colour is in the picture at their pixels, for a camera that leans and turns."""
    camera = Camera(
        640, 360, Lens(349.0, 349.0, 320.0, 180.0, -0.05, 0.005), 0.0, 0.6, 5.0, 0.1, 0.05, 0.02
    )
    image = paint_backdrop(camera, np.random.default_rng(3), (0.1, 0.1))(0.1).astype(int)
    cones = [px for px, (_, z) in visible_marks(camera) if z > 0]
    assert len(cones) >= 4
    for x, y in cones:
        red, _, blue = image[round(y) - 3, round(x)]
        assert red - blue > 90, (x, y)
