import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.measure.lens import Lens
from tests.unit.events.measure.test_ground_calibration import few, lenses


@few
@given(lens=lenses, points=st.lists(st.tuples(st.floats(0, 2704), st.floats(0, 1520)), min_size=1))
def test_undistort_inverts_distort(lens, points):
    """Distorting a point and undistorting it gives the point back."""
    points = np.array(points)
    assert np.allclose(lens.undistort(lens.distort(points)), points, atol=1e-5)


def test_no_inverse_where_a_lens_folds():
    """Where strong distortion maps two points onto one, there is no solution."""
    lens = Lens(1000, 1000, 500, 500, k1=-0.5)
    straight = lens.undistort(np.array([[500.0, 500.0], [600.0, 500.0], [1500.0, 500.0]]))
    assert np.isfinite(straight[:2]).all()
    assert np.isnan(straight[2]).all()
