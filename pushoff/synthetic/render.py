"""Renders bounding drills with exact truth, so that everything can be tried without a video.

What is measured on these says that the pipeline works, not how well real footage does.
Door: PyAV for writing, cv2 for colour.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2

from pushoff.synthetic.backdrop import visible_marks
from pushoff.synthetic.drill import DrillSpec, random_spec
from pushoff.synthetic.kinematics import Contact
from pushoff.synthetic.world import World
from pushoff.values import Exercise

__all__ = ["DrillSpec", "DrillTruth", "random_spec", "render_drill", "render_drills"]

_PHASES = ("hop", "step", "jump")


@dataclass(frozen=True)
class DrillTruth:
    """What really happened in the video: every push-off in the picture, in order."""

    push_off_frames: tuple[int, ...]
    """Last frames with ground contact, zero-based."""
    feet: tuple[str, ...]
    toes_px: tuple[tuple[float, float], ...]
    """In the picture of the push-off frame, lens and all."""
    approach: tuple[bool, ...]
    frames: int
    fps: float
    """The camera's rate."""
    truth_path: Path
    """The same in the form `load_truth` reads."""
    toes_m: tuple[tuple[float, float], ...]
    """Ground (x, z): to the viewer's right, and away from the camera from the calibrated line."""
    near: tuple[bool, ...]
    """Whether each foot was the one nearer to the camera."""


def render_drill(path: Path, spec: DrillSpec) -> DrillTruth:
    """Write the video to `path` and the truth to `<name>.json` beside it.

    H.264 where PyAV has an encoder for it, else MPEG-4 part 2. Raises OSError when the disk does,
    BadInput on a spec that no athlete or lens can fulfil.
    """
    stage = _video(path, spec)
    truth = _truth(stage, path.with_suffix(".json"))
    truth.truth_path.write_text(json.dumps({path.name: _described(stage)}, indent=1))
    return truth


def render_drills(folder: Path, specs: Sequence[DrillSpec]) -> Path:
    """Write one video for each spec and one events.json for the folder, whose path is returned.

    The folder is made if need be. Raises as `render_drill` does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    videos = {}
    for number, spec in enumerate(specs):
        path = folder / f"synthetic-{number:03d}.mp4"
        videos[path.name] = _described(_video(path, spec))
    events = folder / "events.json"
    events.write_text(json.dumps(videos, indent=1))
    return events


def _video(path: Path, spec: DrillSpec) -> World:
    stage = World(spec)
    with av.open(str(path), "w", format="mp4") as container:
        stream = _add_stream(container, spec.file_fps or spec.capture_fps)
        stream.width, stream.height, stream.pix_fmt = spec.width_px, spec.height_px, "yuv420p"
        stream.codec_context.thread_count = 1
        for image in stage.pictures():
            planes = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return stage


def _add_stream(container: av.container.OutputContainer, rate: int) -> av.VideoStream:
    for codec, options in (
        (
            "libx264",
            {
                "crf": "21",
                "preset": "veryfast",
                "x264-params": "threads=1:lookahead-threads=1:deterministic=1",
            },
        ),
        ("h264", {}),
    ):
        try:
            return container.add_stream(codec, rate=Fraction(rate), options=options)
        except (ValueError, av.FFmpegError):
            continue
    stream = container.add_stream("mpeg4", rate=Fraction(rate))
    stream.bit_rate = 6_000_000
    return stream


def _truth(stage: World, truth_path: Path) -> DrillTruth:
    ups = [stage.frame(one.up_s) for one in stage.counted]
    return DrillTruth(
        push_off_frames=tuple(ups),
        feet=tuple(one.foot for one in stage.counted),
        toes_px=tuple(stage.toe_px(one, up) for one, up in zip(stage.counted, ups, strict=True)),
        approach=tuple(one.approach for one in stage.counted),
        frames=stage.frames,
        fps=float(stage.spec.capture_fps),
        truth_path=truth_path,
        toes_m=tuple(stage.toe_m(one) for one in stage.counted),
        near=tuple(one.foot == stage.athlete.near for one in stage.counted),
    )


def _described(stage: World) -> dict:
    """The truth as labelled clips' events.json has it, and what only a renderer knows."""
    spec, camera = stage.spec, stage.camera
    rate, lens = spec.file_fps or spec.capture_fps, camera.lens
    seen = [] if spec.panning else visible_marks(camera)
    return {
        "fps": rate,
        "capture_fps": spec.capture_fps,
        "frames": stage.frames,
        "width": spec.width_px,
        "height": spec.height_px,
        "direction": spec.direction,
        "camera": "panning" if spec.panning else "fixed",
        "slow_motion": rate != spec.capture_fps,
        "complete_from": 0,
        "complete_to": stage.frames - 1,
        "note": f"rendered, seed {spec.seed}",
        "footage": "synthetic",
        "exercise": spec.exercise.value,
        "athlete": spec.athlete,
        "speed_m_s": spec.speed_m_s,
        "lateral_offset_m": round(stage.offset_m, 4),
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
        "ground_points": [{"px": list(px), "m": list(metres)} for px, metres in seen],
        "events": [event for one in stage.counted for event in _events(stage, one)],
    }


def _events(stage: World, contact: Contact) -> list[dict]:
    """Touch-down, if the video has it, and push-off of one contact."""
    triple = stage.spec.exercise is Exercise.TRIPLE and contact in stage.drill
    common = {
        "foot": contact.foot,
        "phase": _PHASES[stage.drill.index(contact) % 3] if triple else None,
        "approach": contact.approach,
        "uncertainty_frames": 0,
        "near": contact.foot == stage.athlete.near,
        "toe_m": [round(value, 4) for value in stage.toe_m(contact)],
    }
    down, up = stage.frame(contact.down_s) + 1, stage.frame(contact.up_s)
    return [
        {"frame": frame, "type": kind, **common, "toe_px": list(stage.toe_px(contact, frame))}
        for frame, kind in ((down, "touch_down"), (up, "push_off"))
        if 0 <= frame < stage.frames
    ]
