"""Renders bounding drills with exact truth, so that everything can be tried without a film.

What is measured on these says that the pipeline works, not how well real footage does.
Door: PyAV for writing, cv2 for colour.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from pushoff.values import Exercise
from pushoff.video.body import Look, Painter
from pushoff.video.camera import FIELD_OF_VIEW_DEG, Camera, paint_scene
from pushoff.video.figure import Contact, Motion, Pose

_SAME_FOOT = {
    Exercise.HOPS: (True,),
    Exercise.STEPS: (False,),
    Exercise.HOP_STEPS: (True, False),
    Exercise.TWO_HOPS_TWO_STEPS: (True, True, False, False),
    Exercise.TRIPLE: (True, False, False),
}
"""Whether each next contact is on the same foot; repeated for longer drills."""
_MARGIN_M = 1.0
"""Runway seen before the first and after the last contact."""


@dataclass(frozen=True)
class DrillSpec:
    """One film to render. The same spec gives the same pictures and truth; only the encoder's bytes
    may differ."""

    seed: int = 0
    exercise: Exercise = Exercise.HOP_STEPS
    athlete: str = "athlete-1"
    """Decides looks, height and style, so several films of one athlete resemble each other."""
    place: int = 0
    """Decides the track, its surroundings and how the camera stands; the same for every seed."""
    capture_fps: int = 240
    push_offs: int = 8
    """Of the drill itself, after any approach."""
    approach_steps: int = 0
    """Running steps in view before the drill."""
    width_px: int = 640
    height_px: int = 360
    speed_m_s: float = 3.4
    direction: str = "right"
    """`right` or `left`, as the viewer sees it."""
    shutter_s: float = 1 / 960
    """Exposure: the motion blur."""
    noise: float = 3.0
    """Spread of the sensor noise, grey levels."""
    second_person: bool = True
    """Somebody stands in the background."""
    file_fps: int | None = None
    """The rate the file plays at: 30 makes an eight times slow motion; None is the camera's."""


@dataclass(frozen=True)
class DrillTruth:
    """What really happened in the film."""

    push_off_frames: tuple[int, ...]
    """Last frames with ground contact, zero-based."""
    feet: tuple[str, ...]
    toes_px: tuple[tuple[float, float], ...]
    approach: tuple[bool, ...]
    frames: int
    fps: float
    """The camera's rate."""
    truth_path: Path
    """The same in the form `load_truth` reads, beside the film."""


def render_drill(path: Path, spec: DrillSpec) -> DrillTruth:
    """Write the film to `path` and the truth to `<name>.json` beside it.

    H.264 where PyAV has an encoder for it, else MPEG-4 part 2. Raises OSError when the disk does.
    """
    stage = _Stage(spec)
    rate = spec.file_fps or spec.capture_fps
    with av.open(str(path), "w", format="mp4") as container:
        stream = _add_stream(container, rate)
        stream.width, stream.height, stream.pix_fmt = spec.width_px, spec.height_px, "yuv420p"
        stream.codec_context.thread_count = 1
        for image in stage.pictures():
            planes = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    truth = stage.truth(path.with_suffix(".json"))
    described = stage.described(truth, rate)
    truth.truth_path.write_text(json.dumps({path.name: described}, indent=1))
    return truth


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


class _Stage:
    """Everything drawn by lot from the spec, before the first picture."""

    def __init__(self, spec: DrillSpec) -> None:
        self.spec = spec
        self.rng = np.random.default_rng([spec.seed, zlib.crc32(spec.exercise.value.encode())])
        self.place = np.random.default_rng(spec.place)
        person = np.random.default_rng(zlib.crc32(spec.athlete.encode()))
        self.forward = 1 if spec.direction == "right" else -1
        self.body_m = float(person.uniform(1.62, 1.92))
        pace = (float(person.uniform(0.17, 0.21)), float(person.uniform(0.22, 0.28)))
        contacts = _contacts(spec, self.rng, *pace)
        self.motion = Motion(contacts, self.body_m, spec.speed_m_s)
        self.counted = contacts[1:-1]  # the first and last keep the limbs moving off stage
        first, last = self.counted[0].toe_x_m, self.counted[-1].toe_x_m
        view_m = last - first + 2 * _MARGIN_M
        self.camera = Camera(
            spec.width_px,
            spec.height_px,
            distance_m=view_m / 2 / np.tan(np.radians(FIELD_OF_VIEW_DEG / 2)),
            lens_height_m=float(self.place.uniform(0.5, 0.7)),
            centre_x_m=(first + last) / 2 * self.forward,
            roll_rad=float(self.place.uniform(-0.012, 0.012)),
            distortion=float(self.place.uniform(-0.02, 0.01)),
            horizon_px=spec.height_px * float(self.place.uniform(0.52, 0.62)),
        )
        self.start_s = (first - _MARGIN_M - 0.9) / spec.speed_m_s
        self.end_s = self.counted[-1].up_s + 0.25
        self.frames = int((self.end_s - self.start_s) * spec.capture_fps)
        self.depth_m = self.camera.distance_m + float(self.rng.uniform(-0.3, 0.3))
        look = Look.drawn(person)
        self.athlete = Painter(self.camera, look, self.body_m, self.forward, self.depth_m)

    def pictures(self) -> Iterator[np.ndarray]:
        """(H, W, 3) uint8 RGB, one per frame."""
        spec, rng = self.spec, self.rng
        scene = paint_scene(self.camera, self.place)
        bystander = self._bystander() if spec.second_person else None
        shape = (spec.height_px, spec.width_px, 3)
        noises = [
            (rng.standard_normal(shape, np.float32) * spec.noise).astype(np.int16) for _ in range(6)
        ]
        moments = np.linspace(-0.5, 0.5, 3) * spec.shutter_s
        for index in range(self.frames):
            time_s = self.start_s + index / spec.capture_fps
            image = scene.copy()
            if bystander:
                bystander.paint(image, [_standing(time_s, self._bystander_x, 1.75)])
            self.athlete.paint(image, [self.motion.pose(time_s + moment) for moment in moments])
            light = round(2.5 * np.sin(0.9 * time_s))
            noise = np.roll(noises[index % 6], int(rng.integers(spec.width_px)), axis=1)
            noise += light
            yield np.clip(noise + image, 0, 255).astype(np.uint8)

    def _bystander(self) -> Painter:
        self._bystander_x = float(self.camera.centre_x_m + self.rng.uniform(-4, 4))
        depth = self.camera.distance_m * float(self.rng.uniform(1.4, 1.9))
        return Painter(self.camera, Look.drawn(self.rng), 1.75, 1, depth)

    def _frame(self, time_s: float) -> int:
        return int(np.floor((time_s - self.start_s) * self.spec.capture_fps))

    def truth(self, truth_path: Path) -> DrillTruth:
        """Frames, feet and toes of every contact in view."""
        toes = [
            self.camera.project(np.array([[one.toe_x_m * self.forward, 0.0]]), self.depth_m)[0]
            for one in self.counted
        ]
        return DrillTruth(
            push_off_frames=tuple(self._frame(one.up_s) for one in self.counted),
            feet=tuple(one.foot for one in self.counted),
            toes_px=tuple((round(float(x), 2), round(float(y), 2)) for x, y in toes),
            approach=tuple(one.approach for one in self.counted),
            frames=self.frames,
            fps=float(self.spec.capture_fps),
            truth_path=truth_path,
        )

    def described(self, truth: DrillTruth, rate: int) -> dict:
        """The truth as labelled clips' events.json has it."""
        events = []
        for number, one in enumerate(self.counted):
            common = {"foot": one.foot, "phase": None, "approach": one.approach}
            toe = {"toe_px": truth.toes_px[number], "uncertainty_frames": 0}
            down, up = self._frame(one.down_s) + 1, truth.push_off_frames[number]
            events.append({"frame": down, "type": "touch_down", **common, **toe})
            events.append({"frame": up, "type": "push_off", **common, **toe})
        return {
            "fps": rate,
            "capture_fps": self.spec.capture_fps,
            "frames": self.frames,
            "width": self.spec.width_px,
            "height": self.spec.height_px,
            "direction": self.spec.direction,
            "camera": "fixed",
            "slow_motion": rate != self.spec.capture_fps,
            "complete_from": 0,
            "complete_to": self.frames - 1,
            "note": f"rendered, seed {self.spec.seed}",
            "footage": "synthetic",
            "exercise": self.spec.exercise.value,
            "athlete": self.spec.athlete,
            "events": events,
        }


def _contacts(
    spec: DrillSpec, rng: np.random.Generator, contact_s: float, flight_s: float
) -> tuple[Contact, ...]:
    """One contact off stage, the approach, the drill, one contact off stage."""
    foot, time_s = ("left", "right")[rng.integers(2)], 0.0
    contacts = []
    count = 1 + spec.approach_steps + spec.push_offs + 1
    pattern = _SAME_FOOT[spec.exercise]
    for number in range(count):
        drill = number - 1 - spec.approach_steps
        running = drill < 0
        length = (0.12 if running else contact_s) * rng.uniform(0.92, 1.08)
        front = 0.42 * spec.speed_m_s * length + 0.04
        hip_x = spec.speed_m_s * time_s
        contacts.append(
            Contact(foot, time_s, time_s + length, hip_x + front, running and number > 0)
        )
        flight = (0.13 if running else flight_s) * rng.uniform(0.88, 1.12)
        time_s += length + flight
        same = pattern[drill % len(pattern)] if drill >= 0 else False
        foot = foot if same else {"left": "right", "right": "left"}[foot]
    return tuple(contacts)


def _standing(time_s: float, x_m: float, height_m: float) -> Pose:
    """Somebody who waits, swaying a little."""
    sway = 0.01 * np.sin(1.3 * time_s)
    up = {"hip": 0.53, "shoulder": 0.82, "head": 0.93}
    points = {name: np.array([x_m + sway * high, high * height_m]) for name, high in up.items()}
    for side, apart in (("left", -0.03), ("right", 0.04)):
        x = x_m + apart * height_m
        points |= {
            f"{side}_knee": np.array([x, 0.285 * height_m]),
            f"{side}_ankle": np.array([x, 0.039 * height_m]),
            f"{side}_heel": np.array([x - 0.05, 0.0]),
            f"{side}_toe": np.array([x + 0.2, 0.0]),
            f"{side}_elbow": np.array([x, 0.63 * height_m]),
            f"{side}_hand": np.array([x + 0.06, 0.47 * height_m]),
        }
    return Pose(points)
