import json
import warnings
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pytest

from pushoff.errors import BadInput
from pushoff.events.ground_truth import load_ground_truth
from pushoff.events.measure.lens import Lens
from pushoff.synthetic.render import DrillSpec, random_spec, render_drill, render_drills
from pushoff.synthetic.world import World
from pushoff.values import Exercise
from pushoff.video.decoding.decode import decode
from pushoff.video.decoding.probe import probe

SHORT = DrillSpec(push_offs=3, capture_fps=60, width_px=320, height_px=180)
TINY = {"width_px": 160, "height_px": 90, "capture_fps": 30, "push_offs": 3, "view_m": None}


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """A folder of four small varied videos and what its events.json says."""
    folder = tmp_path_factory.mktemp("videos")
    specs = [
        random_spec(1, **TINY, panning=False, exercise=Exercise.TRIPLE, direction="left"),
        random_spec(2, **TINY, panning=False, file_fps=10, lateral_offset_m=0.25),
        random_spec(3, **TINY, panning=True, second_person="walking"),
        random_spec(4, **TINY | {"view_m": 7.0, "push_offs": 5}, panning=False),
    ]
    path = render_drills(folder, specs)
    return folder, specs, json.loads(path.read_text())


def test_the_same_spec_gives_the_same_video(tmp_path):
    """Pictures before encoding and truth depend on the spec alone; another seed is another
    video."""
    small = replace(SHORT, capture_fps=20, width_px=160, height_px=90)
    digests = []
    for spec in (small, small, replace(small, seed=1)):
        digests.append(sha256(b"".join(p.tobytes() for p in World(spec).images())).digest())
    assert digests[0] == digests[1] != digests[2]
    truths = [render_drill(tmp_path / f"{name}.mp4", small) for name in "ab"]
    assert truths[0] == replace(truths[1], truth_path=truths[0].truth_path)


def test_the_truth_beside_the_video_is_the_truth(tmp_path):
    """What load_truth reads equals what was rendered, is marked synthetic and fits the video."""
    path = tmp_path / "a.mp4"
    truth = render_drill(path, replace(SHORT, approach_steps=2, file_fps=30))
    read = load_ground_truth(truth.truth_path)
    assert read.push_off_frames == truth.push_off_frames
    assert (read.feet, read.approach) == (truth.feet, (True, True, False, False, False))
    assert (read.footage, read.capture_fps, read.slow_motion) == ("synthetic", 60.0, True)
    info = probe(path, read.capture_fps)
    assert (info.declared_frames, info.slow_down) == (truth.frames, 2)
    assert max(truth.push_off_frames) < truth.frames


def test_a_folder_of_videos_has_one_truth(videos):
    """events.json names every video, with the camera and the athlete that were asked for."""
    folder, specs, described = videos
    assert sorted(described) == sorted(path.name for path in folder.glob("*.mp4"))
    for spec, (name, video) in zip(specs, described.items(), strict=True):
        assert load_ground_truth(folder / "events.json", name).footage == "synthetic"
        assert probe(folder / name, None).declared_frames == video["frames"]
        assert video["camera"] == ("panning" if spec.panning else "fixed")
        assert (video["athlete"], video["exercise"]) == (spec.athlete, spec.exercise.value)
        assert video["speed_m_s"] == spec.speed_m_s
    assert described["synthetic-001.mp4"]["lateral_offset_m"] == 0.25


def test_contacts_alternate_with_flights(videos):
    """Touch-downs and push-offs take turns, each pair by one foot, nearer the camera or not."""
    for video in videos[2].values():
        near = "right" if video["direction"] == "right" else "left"
        events = video["events"]
        frames = [event["frame"] for event in events]
        assert frames == sorted(frames) and 0 <= frames[0] and frames[-1] < video["frames"]
        assert all((event["foot"] == near) == event["near"] for event in events)
        for before, after in pairwise(events):
            assert before["type"] != after["type"]
            assert after["type"] == "touch_down" or before["foot"] == after["foot"]


def test_metres_and_pixels_agree(videos):
    """toe_m through the homography and the lens is toe_px, and so are the ground points."""
    for video in videos[2].values():
        if video["camera"] == "panning":
            assert video["homography"] is None and video["ground_points"] == []
            continue
        terms = {k + "_px" * (k[0] != "k"): value for k, value in video["lens"].items()}
        pairs = [(event["toe_m"], event["toe_px"]) for event in video["events"]]
        pairs += [(point["m"], point["px"]) for point in video["ground_points"]]
        assert len(video["ground_points"]) >= 4
        assert len({z for (_, z), _ in pairs[-len(video["ground_points"]) :]}) == 2
        for metres, pixels in pairs:
            x, y, w = np.array(video["homography"]) @ [*metres, 1.0]
            seen = Lens(**terms).distort(np.array([[x / w, y / w]]))[0]
            assert seen == pytest.approx(pixels, abs=0.05)


def test_a_triple_names_its_phases(videos):
    """The drill's push-offs are hop, step, jump; an approach has no phase."""
    events = videos[2]["synthetic-000.mp4"]["events"]
    ups = [event for event in events if event["type"] == "push_off" and not event["approach"]]
    assert [event["phase"] for event in ups] == ["hop", "step", "jump"]
    assert {event["phase"] for event in events if event["approach"]} <= {None}


def test_a_mirrored_direction_mirrors_the_near_foot():
    """The same drill to the other side has the same feet, and near becomes far."""
    one, other = (World(replace(SHORT, direction=way)) for way in ("right", "left"))
    assert [c.foot for c in one.visible_contacts] == [c.foot for c in other.visible_contacts]
    assert [one.athlete.near, other.athlete.near] == ["right", "left"]
    along = [[world.toe_m(c)[0] for c in world.visible_contacts] for world in (one, other)]
    assert along[0] == pytest.approx(-np.array(along[1]))


@pytest.mark.parametrize("direction", ["left", "right"])
def test_the_athlete_travels_as_told(direction):
    """Toes move across the picture in the spec's direction and stay in view."""
    world = World(replace(SHORT, direction=direction, push_offs=6))
    toes = [world.toe_px(one, world.frame_at(one.up_s)) for one in world.visible_contacts]
    across = np.diff([x for x, _ in toes])
    assert len(toes) == 6
    assert (across > 0).all() if direction == "right" else (across < 0).all()
    assert all(0 < x < 320 and 90 < y < 180 for x, y in toes)


def test_the_shoe_is_at_the_toe_at_push_off(tmp_path):
    """The picture changes where the truth says the toe is, compared with an empty runway."""
    path = tmp_path / "a.mp4"
    truth = render_drill(path, replace(SHORT, noise=0, second_person=None))
    frame = truth.push_off_frames[1]
    pictures = [
        one.image.astype(int)
        for one in decode(path, probe(path, None), indices=[0, frame], gray=True).frames()
    ]
    x, y = (round(value) for value in truth.toes_px[1])
    around = np.abs(pictures[1] - pictures[0])[y - 5 : y + 2, x - 4 : x + 5]
    assert around.max() > 25


@pytest.mark.parametrize("seed", range(12))
def test_a_cut_view_has_the_athlete_come_and_go(seed):
    """Every push-off in the picture is in the truth and no other; the video starts empty."""
    world = World(random_spec(seed, panning=False, view_m=9.0, push_offs=8, second_person=None))
    assert 1 <= len(world.visible_contacts) < 8 + world.spec.approach_steps
    for contact in world.motion.contacts:
        frame = world.frame_at(contact.up_s)
        x, z = world.toe_m(contact)
        pixel = world.camera.project(np.array([[x, 0.0, z]]))[0]
        inside = 0 <= pixel[0] < 640 and 0 <= frame < world.frames
        assert inside == (contact in world.visible_contacts)
    for time_s in (world.start_s, world.end_s):
        hip = world.motion.hip(time_s)
        at = np.array([[hip[0] * world.forward, hip[1], world.offset_m]])
        assert not 0 <= world.camera.project(at)[0, 0] < 640


@pytest.mark.parametrize("view_m", [None, 6.0])
@pytest.mark.parametrize("degrees", [60.0, 85.0, 100.0])
@pytest.mark.parametrize("direction", ["left", "right"])
@pytest.mark.parametrize("venue", [0, 3, 7])
def test_a_single_push_off_is_in_the_picture(venue, direction, degrees, view_m):
    """However near the camera, what lies behind it or below the picture is not drawn."""
    world = World(
        replace(
            SHORT, seed=venue, venue=venue, push_offs=1, capture_fps=15, direction=direction,
            field_of_view_deg=degrees, view_m=view_m,
        )
    )  # fmt: skip
    assert len(world.visible_contacts) == 1
    x, y = world.toe_px(world.visible_contacts[0], 0)
    assert 0 < x < 320 and 90 < y < 180
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sum(1 for _ in world.images()) == world.frames


def test_the_lens_may_fold_a_foot_away():
    """A toe below the picture, where the lens has no answer, throws no shadow and no warning."""
    spec = replace(SHORT, seed=2, venue=2, capture_fps=10, field_of_view_deg=100, k2=0.05)
    world = World(replace(spec, second_person=None))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sum(1 for _ in world.images()) == world.frames


def test_a_camera_beyond_the_line_is_refused():
    """Where the view is too narrow for a camera before the calibrated line, a sentence says so."""
    near = replace(SHORT, push_offs=1, field_of_view_deg=100, lens_height_m=0.2)
    with pytest.raises(BadInput, match="before the calibrated line"):
        World(replace(near, lateral_offset_m=1.0))


@pytest.mark.parametrize("seed", range(6))
def test_a_panning_camera_keeps_the_athlete_in_view(seed):
    """The whole figure is in every picture, whichever way and however fast."""
    world = World(random_spec(seed, panning=True, capture_fps=30))
    for frame in range(0, world.frames, 3):
        pose = world.motion.pose(world.start_s + frame / 30)
        points = np.array([[x * world.forward, y, world.offset_m] for x, y in pose.points.values()])
        seen = world.camera_at(frame).project(points)
        assert (seen > 0).all() and (seen < [640, 360]).all()


def test_company_and_light_change_the_picture_not_the_truth():
    """A second person, exposure and equal legs leave frames and toes as they are."""
    plain = replace(SHORT, second_person=None, noise=0, width_px=160, height_px=90)
    middle = {}
    for name, other in {
        "plain": {},
        "walking": {"second_person": "walking"},
        "running": {"second_person": "running"},
        "dark": {"exposure": 0.6},
        "equal": {"leg_contrast": 0.0},
    }.items():
        world = World(replace(plain, **other))
        toes = [world.toe_px(one, 0) for one in world.visible_contacts]
        for index, picture in enumerate(world.images()):
            if index == world.frames // 2:
                middle[name] = (picture.astype(int), toes, world.frames)
                break
    reference, toes, frames = middle.pop("plain")
    for name, (picture, seen, count) in middle.items():
        assert (seen, count) == (toes, frames)
        assert np.abs(picture - reference).max() > 20, name
    assert middle["dark"][0].mean() < 0.75 * reference.mean()
