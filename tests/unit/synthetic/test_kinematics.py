from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.synthetic.drill import LEAD_IN_CONTACTS, random_spec, sample_contacts
from pushoff.synthetic.gait import Style
from pushoff.synthetic.kinematics import GRAVITY_M_S2, SIDES, Motion

drills = st.builds(
    lambda seed, height, style: Motion(
        sample_contacts(random_spec(seed), np.random.default_rng(seed), height),
        height,
        Style.sample(np.random.default_rng(style)),
    ),
    st.integers(0, 10_000),
    st.floats(1.6, 1.95),
    st.integers(0, 100),
)
few = settings(max_examples=12, deadline=None)


@few
@given(drills)
def test_the_toe_is_pinned_in_stance_and_leaves_after_it(motion):
    """Contact is exact: the toe lies at its place until the push-off and rises at once after it.

    A sprinter's toe rises 17 mm in the first 1/240 s (docs/domain.md, "Toe drift").
    """
    for contact in motion.contacts[1:-2]:
        for time_s in np.linspace(contact.down_s, contact.up_s, 7):
            toe = motion.pose(float(time_s)).points[f"{contact.foot}_toe"]
            assert toe == pytest.approx([contact.toe_x_m, 0.0], abs=1e-9)
        rises = [
            motion.pose(contact.up_s + frames / 240).points[f"{contact.foot}_toe"][1]
            for frames in range(1, 5)
        ]
        assert 0.007 < rises[0] < 0.032
        assert (np.diff(rises) > 0).all()
        hip = motion.pose(contact.up_s).points["hip"]
        assert hip[0] > contact.toe_x_m + 0.1  # the stance leg stretches out behind


@few
@given(drills)
def test_feet_are_above_the_ground_in_flight(motion):
    """A foot without contact never touches the ground, and both are clear in the middle."""
    counted = motion.contacts[LEAD_IN_CONTACTS:-1]
    for time_s in np.arange(counted[0].down_s, counted[-1].up_s, 1 / 120):
        points = motion.pose(float(time_s)).points
        standing = {one.foot for one in counted if one.down_s <= time_s <= one.up_s}
        for side in set(SIDES) - standing:
            assert min(points[f"{side}_toe"][1], points[f"{side}_heel"][1]) > 0
    for before, after in pairwise(counted):
        points = motion.pose((before.up_s + after.down_s) / 2).points
        lowest = min(points[f"{side}_{end}"][1] for side in SIDES for end in ("toe", "heel"))
        assert lowest > 0.015


@few
@given(drills)
def test_hips_fall_freely_in_flight_and_never_jump(motion):
    """In the air the hips have gravity's acceleration; over take-off and landing no step."""
    before, after = motion.contacts[LEAD_IN_CONTACTS], motion.contacts[LEAD_IN_CONTACTS + 1]
    middle, step = (before.up_s + after.down_s) / 2, 0.01
    heights = [motion.hip(middle + k * step)[1] for k in (-1, 0, 1)]
    assert np.diff(heights, 2)[0] / step**2 == pytest.approx(-GRAVITY_M_S2, rel=1e-6)
    for time_s in (before.down_s, before.up_s, after.down_s):
        assert motion.hip(time_s - 1e-6) == pytest.approx(motion.hip(time_s + 1e-6), abs=1e-4)


@few
@given(drills)
def test_the_stance_leg_reaches_the_ground(motion):
    """In stance the ankle is never further from the hips than a straight leg, give or take 2 %."""
    for contact in motion.contacts[1:-1]:
        for time_s in np.linspace(contact.down_s, contact.up_s, 9):
            points = motion.pose(float(time_s)).points
            reach = np.hypot(*(points["hip"] - points[f"{contact.foot}_ankle"]))
            assert reach < 1.02 * (0.245 + 0.246) * motion.height_m


@few
@given(drills)
def test_nobody_jumps_between_frames(motion):
    """Joints move smoothly: nothing travels faster than a sprinter's foot can."""
    start = motion.contacts[LEAD_IN_CONTACTS].down_s
    times = np.arange(start, motion.contacts[LEAD_IN_CONTACTS + 2].up_s, 1 / 240)
    poses = [motion.pose(float(time_s)).points for time_s in times]
    for name in poses[0]:
        path = np.array([pose[name] for pose in poses])
        assert (np.hypot(*np.diff(path, axis=0).T) * 240).max() < 34, name
