from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from pushoff.events.labelling import load_truth
from pushoff.values import Exercise
from pushoff.video.decode import decode
from pushoff.video.figure import Contact, Motion
from pushoff.video.probe import probe
from pushoff.video.synthetic import DrillSpec, _Stage, render_drill

SHORT = DrillSpec(push_offs=3, capture_fps=60, width_px=320, height_px=180)
SAME, OTHER = True, False


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [
        (Exercise.HOPS, (SAME,) * 5),
        (Exercise.STEPS, (OTHER,) * 5),
        (Exercise.HOP_STEPS, (SAME, OTHER, SAME, OTHER, SAME)),
        (Exercise.TWO_HOPS_TWO_STEPS, (SAME, SAME, OTHER, OTHER, SAME)),
        (Exercise.TRIPLE, (SAME, OTHER, OTHER, SAME, OTHER)),
    ],
)
def test_feet_follow_the_exercise(tmp_path, exercise, expected):
    """Each drill changes feet as the article defines it."""
    spec = replace(SHORT, exercise=exercise, push_offs=6, capture_fps=30, width_px=160)
    truth = render_drill(tmp_path / "a.mp4", spec)
    pairs = zip(truth.feet, truth.feet[1:], strict=False)
    assert tuple(one == other for one, other in pairs) == expected


def test_the_same_spec_gives_the_same_film(tmp_path):
    """Pictures before encoding and truth depend on the spec alone; another seed is another film."""
    digests = []
    for spec in (SHORT, SHORT, replace(SHORT, seed=1)):
        digests.append(sha256(b"".join(p.tobytes() for p in _Stage(spec).pictures())).digest())
    assert digests[0] == digests[1] != digests[2]
    films = [render_drill(tmp_path / f"{name}.mp4", SHORT) for name in "ab"]
    assert films[0].push_off_frames == films[1].push_off_frames


def test_the_truth_beside_the_film_is_the_truth(tmp_path):
    """What load_truth reads equals what was rendered, is marked synthetic and fits the film."""
    path = tmp_path / "a.mp4"
    truth = render_drill(path, replace(SHORT, approach_steps=2, file_fps=30))
    read = load_truth(truth.truth_path)
    assert read.push_off_frames == truth.push_off_frames
    assert (read.feet, read.approach) == (truth.feet, (True, True, False, False, False))
    assert (read.footage, read.capture_fps, read.slow_motion) == ("synthetic", 60.0, True)
    info = probe(path, read.capture_fps)
    assert (info.declared_frames, info.slow_down) == (truth.frames, 2)
    assert max(truth.push_off_frames) < truth.frames


@pytest.mark.parametrize("direction", ["left", "right"])
def test_the_athlete_travels_as_told(tmp_path, direction):
    """Toes move across the picture in the spec's direction and stay in view."""
    truth = render_drill(tmp_path / "a.mp4", replace(SHORT, direction=direction))
    across = np.diff([x for x, _ in truth.toes_px])
    assert (across > 0).all() if direction == "right" else (across < 0).all()
    assert all(0 < x < 320 and 90 < y < 180 for x, y in truth.toes_px)


def test_the_shoe_is_at_the_toe_at_push_off(tmp_path):
    """The picture changes where the truth says the toe is, compared with an empty runway."""
    path = tmp_path / "a.mp4"
    truth = render_drill(path, replace(SHORT, noise=0, second_person=False))
    frame = truth.push_off_frames[1]
    pictures = [
        one.image.astype(int)
        for one in decode(path, probe(path, None), indices=[0, frame], gray=True).frames()
    ]
    x, y = (round(value) for value in truth.toes_px[1])
    around = np.abs(pictures[1] - pictures[0])[y - 5 : y + 2, x - 4 : x + 5]
    assert around.max() > 25


def test_the_toe_is_pinned_in_stance_and_leaves_after_it():
    """Contact is exact: the toe lies at its place until the push-off and has left 30 ms later."""
    contacts = tuple(
        Contact(("left", "right")[k % 2], 0.45 * k, 0.45 * k + 0.18, 1.53 * k + 0.3, False)
        for k in range(4)
    )
    motion = Motion(contacts, height_m=1.8, speed_m_s=3.4)
    for contact in contacts[1:3]:
        for time_s in np.linspace(contact.down_s, contact.up_s, 9):
            toe = motion.pose(float(time_s)).points[f"{contact.foot}_toe"]
            assert toe == pytest.approx([contact.toe_x_m, 0.0])
        later = motion.pose(contact.up_s + 0.03).points[f"{contact.foot}_toe"]
        assert later[1] > 0.03
        hip = motion.pose(contact.up_s).points["hip"]
        assert hip[0] > contact.toe_x_m + 0.2  # the stance leg stretches out behind


def test_nobody_jumps_between_frames():
    """Joints move smoothly: nothing travels faster than a foot can."""
    contacts = tuple(
        Contact("left", 0.45 * k, 0.45 * k + 0.18, 1.53 * k + 0.3, False) for k in range(4)
    )
    motion = Motion(contacts, height_m=1.8, speed_m_s=3.4)
    times = np.arange(0.2, 1.3, 1 / 240)
    poses = [motion.pose(float(time_s)).points for time_s in times]
    for name in poses[0]:
        path = np.array([pose[name] for pose in poses])
        speed = np.hypot(*np.diff(path, axis=0).T) * 240
        assert speed.max() < 22, name
