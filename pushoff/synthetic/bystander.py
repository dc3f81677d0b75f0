"""The second person in a synthetic video, who waits, walks or runs behind the athlete."""

from collections.abc import Callable

import numpy as np

from pushoff.synthetic.drill import DrillSpec, sample_contacts
from pushoff.synthetic.kinematics import SIDES, Motion, Pose
from pushoff.values import Exercise

HEIGHT_M = 1.75
_STEP_HZ = 1.8
_WALK_M_S = 1.35


def bystander_motion(
    kind: str, rng: np.random.Generator, reach_m: float
) -> Callable[[float], Pose]:
    """A function from time in seconds to pose. `kind` is standing, walking or running.

    x is along their own direction of travel, 0 in the middle of the image; `reach_m` is how far the
    image goes to each side where they are.
    """
    if kind == "standing":
        x = float(rng.uniform(-0.8, 0.8)) * reach_m
        return lambda time_s: _standing(time_s, x)
    if kind == "walking":
        start = float(rng.uniform(-1.0, 0.2)) * reach_m
        return lambda time_s: _walking(time_s, start)
    speed = float(rng.uniform(3.0, 5.0))
    steps = int(2.6 * reach_m / (speed * 0.23)) + 2
    spec = DrillSpec(
        exercise=Exercise.STEPS, push_offs=1, approach_steps=min(steps, 40), speed_m_s=speed
    )
    motion = Motion(sample_contacts(spec, rng, HEIGHT_M), HEIGHT_M)
    start_s = motion.contacts[0].up_s
    duration_s = motion.contacts[-1].down_s - start_s
    start = float(rng.uniform(-1.1, -0.2)) * reach_m
    return lambda time_s: _shifted(motion.pose(start_s + min(time_s, duration_s)), start)


def _shifted(pose: Pose, x_m: float) -> Pose:
    return Pose({name: np.add(point, [x_m, 0.0]) for name, point in pose.points.items()})


def _standing(time_s: float, x_m: float) -> Pose:
    """A person who waits, swaying a little."""
    sway = 0.01 * np.sin(1.3 * time_s)
    points = {
        name: np.array([x_m + sway * height, height * HEIGHT_M])
        for name, height in (("hip", 0.53), ("shoulder", 0.82), ("head", 0.93))
    }
    for side, offset in (("left", -0.03), ("right", 0.04)):
        x = x_m + offset * HEIGHT_M
        points |= {
            f"{side}_knee": np.array([x, 0.285 * HEIGHT_M]),
            f"{side}_ankle": np.array([x, 0.039 * HEIGHT_M]),
            f"{side}_heel": np.array([x - 0.05, 0.0]),
            f"{side}_toe": np.array([x + 0.2, 0.0]),
            f"{side}_elbow": np.array([x, 0.63 * HEIGHT_M]),
            f"{side}_hand": np.array([x + 0.06, 0.47 * HEIGHT_M]),
        }
    return Pose(points)


def _walking(time_s: float, start_m: float) -> Pose:
    """A person who walks: legs and arms as pendulums, the lower foot on the ground."""
    legs = {}
    for side, phase in zip(SIDES, (0.0, np.pi), strict=True):
        turn = np.pi * _STEP_HZ * time_s + phase
        thigh = 0.05 + 0.42 * np.sin(turn)
        knee = 0.1 + 0.75 * max(np.cos(turn), 0.0) ** 2
        joint = np.array([0.0, 0.0])
        joints = []
        for angle, length in ((thigh, 0.245), (thigh - knee, 0.246)):
            joint = joint + length * HEIGHT_M * np.array([np.sin(angle), -np.cos(angle)])
            joints.append(joint)
        pitch = 0.6 * (thigh - knee)
        sole = np.array([np.cos(pitch), np.sin(pitch)])
        under = np.array([np.sin(pitch), -np.cos(pitch)]) * 0.039 * HEIGHT_M
        ankle = joints[1]
        toe, heel = ankle + under + 0.2 * sole, ankle + under - 0.065 * sole
        legs[side] = (*joints, heel, toe, thigh)
    lowest = min(min(leg[2][1], leg[3][1]) for leg in legs.values())
    hip = np.array([start_m + _WALK_M_S * time_s, -lowest])
    shoulder = np.add(hip, [0.03, 0.288 * HEIGHT_M])
    points = {"hip": hip, "shoulder": shoulder, "head": np.add(shoulder, [0.03, 0.115 * HEIGHT_M])}
    for side, other in (("left", "right"), ("right", "left")):
        names = (f"{side}_{joint}" for joint in ("knee", "ankle", "heel", "toe"))
        points |= {name: hip + offset for name, offset in zip(names, legs[side][:4], strict=True)}
        swing = 0.7 * legs[other][4] - 0.05
        elbow = shoulder + 0.186 * HEIGHT_M * np.array([np.sin(swing), -np.cos(swing)])
        bend = swing + 0.3
        points[f"{side}_elbow"] = elbow
        points[f"{side}_hand"] = elbow + 0.2 * HEIGHT_M * np.array([np.sin(bend), -np.cos(bend)])
    return Pose(points)
