"""Renders bounding drills with exact ground truth. Doors: PyAV for writing, cv2 for colour.

Scores on these videos show that the pipeline works, not how accurate it is on real footage.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.container import OutputContainer

from pushoff.synthetic.backdrop import visible_marks
from pushoff.synthetic.drill import DrillSpec, random_spec
from pushoff.synthetic.kinematics import Contact
from pushoff.synthetic.world import World
from pushoff.values import Exercise

__all__ = ["DrillSpec", "DrillTruth", "random_spec", "render_drill", "render_drills"]

_PHASES = ("hop", "step", "jump")
_X264_OPTIONS = {
    "crf": "21",
    "preset": "veryfast",
    "x264-params": "threads=1:lookahead-threads=1:deterministic=1",
}


@dataclass(frozen=True)
class DrillTruth:
    """The ground truth of a video: every push-off in the image, in order."""

    push_off_frames: tuple[int, ...]
    """Last frames with ground contact, zero-based."""
    feet: tuple[str, ...]
    toes_px: tuple[tuple[float, float], ...]
    """In the push-off frame, with lens distortion."""
    approach: tuple[bool, ...]
    frames: int
    fps: float
    """The camera's rate."""
    truth_path: Path
    """The JSON file with the same for `load_truth`."""
    toes_m: tuple[tuple[float, float], ...]
    """Ground (x, z): to the right in the image, and beyond the calibrated line."""
    near: tuple[bool, ...]
    """Whether each foot is the one nearer to the camera."""


def render_drill(path: Path, spec: DrillSpec) -> DrillTruth:
    """Write the video to `path` and the truth to `<name>.json` beside it.

    H.264 where PyAV has an encoder for it, else MPEG-4 part 2. Raises OSError when it cannot be
    written, BadInput on a spec that no athlete or lens can fulfil.
    """
    world = _write_video(path, spec)
    truth = _truth(world, path.with_suffix(".json"))
    truth.truth_path.write_text(json.dumps({path.name: _truth_entry(world)}, indent=1))
    return truth


def render_drills(folder: Path, specs: Sequence[DrillSpec]) -> Path:
    """Write one video for each spec and one events.json for the folder, whose path is returned.

    The folder is made if need be. Raises as `render_drill` does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    videos = {}
    for number, spec in enumerate(specs):
        path = folder / f"synthetic-{number:03d}.mp4"
        videos[path.name] = _truth_entry(_write_video(path, spec))
    events = folder / "events.json"
    events.write_text(json.dumps(videos, indent=1))
    return events


def _write_video(path: Path, spec: DrillSpec) -> World:
    world = World(spec)
    with av.open(str(path), "w", format="mp4") as container:
        stream = _add_stream(container, spec.file_fps or spec.capture_fps)
        stream.width, stream.height, stream.pix_fmt = spec.width_px, spec.height_px, "yuv420p"
        stream.codec_context.thread_count = 1
        for image in world.images():
            planes: np.ndarray = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return world


def _add_stream(container: OutputContainer, rate: int) -> av.VideoStream:
    """H.264 with the first encoder there is, else MPEG-4 part 2."""
    with suppress(ValueError, av.FFmpegError):
        return container.add_stream("libx264", rate=Fraction(rate), options=_X264_OPTIONS)
    with suppress(ValueError, av.FFmpegError):
        return container.add_stream("h264", rate=Fraction(rate))
    stream = container.add_stream("mpeg4", rate=Fraction(rate))
    stream.bit_rate = 6_000_000
    return stream


def _truth(world: World, truth_path: Path) -> DrillTruth:
    contacts = world.visible_contacts
    push_offs = [world.frame_at(contact.up_s) for contact in contacts]
    return DrillTruth(
        push_off_frames=tuple(push_offs),
        feet=tuple(contact.foot for contact in contacts),
        toes_px=tuple(
            world.toe_px(contact, frame) for contact, frame in zip(contacts, push_offs, strict=True)
        ),
        approach=tuple(contact.approach for contact in contacts),
        frames=world.frames,
        fps=float(world.spec.capture_fps),
        truth_path=truth_path,
        toes_m=tuple(world.toe_m(contact) for contact in contacts),
        near=tuple(contact.foot == world.athlete.near for contact in contacts),
    )


def _truth_entry(world: World) -> dict[str, Any]:
    """One video of an events.json of labelled clips, and what only a renderer knows."""
    spec, camera = world.spec, world.camera
    rate, lens = spec.file_fps or spec.capture_fps, camera.lens
    ground_points = [] if spec.panning else visible_marks(camera)
    return {
        "fps": rate,
        "capture_fps": spec.capture_fps,
        "frames": world.frames,
        "width": spec.width_px,
        "height": spec.height_px,
        "direction": spec.direction,
        "camera": "panning" if spec.panning else "fixed",
        "slow_motion": rate != spec.capture_fps,
        "complete_from": 0,
        "complete_to": world.frames - 1,
        "note": f"rendered, seed {spec.seed}",
        "footage": "synthetic",
        "exercise": spec.exercise.value,
        "athlete": spec.athlete,
        "speed_m_s": spec.speed_m_s,
        "lateral_offset_m": round(world.offset_m, 4),
        "camera_distance_m": round(camera.distance_m, 4),
        "homography": None if spec.panning else camera.homography().tolist(),
        "lens": {
            "fx": lens.fx_px,
            "fy": lens.fy_px,
            "cx": lens.cx_px,
            "cy": lens.cy_px,
            "k1": lens.k1,
            "k2": lens.k2,
        },
        "ground_points": [{"px": list(px), "m": list(metres)} for px, metres in ground_points],
        "events": [
            event for contact in world.visible_contacts for event in _events(world, contact)
        ],
    }


def _events(world: World, contact: Contact) -> list[dict[str, Any]]:
    """Touchdown, if the video shows it, and push-off of one contact."""
    triple = world.spec.exercise is Exercise.TRIPLE and contact in world.drill_contacts
    common = {
        "foot": contact.foot,
        "phase": _PHASES[world.drill_contacts.index(contact) % 3] if triple else None,
        "approach": contact.approach,
        "uncertainty_frames": 0,
        "near": contact.foot == world.athlete.near,
        "toe_m": [round(value, 4) for value in world.toe_m(contact)],
    }
    touchdown = world.frame_at(contact.down_s) + 1
    push_off = world.frame_at(contact.up_s)
    return [
        {"frame": frame, "type": kind, **common, "toe_px": list(world.toe_px(contact, frame))}
        for frame, kind in ((touchdown, "touch_down"), (push_off, "push_off"))
        if 0 <= frame < world.frames
    ]
