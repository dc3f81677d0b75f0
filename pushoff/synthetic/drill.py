"""What a synthetic video shows: its spec, the contacts of its drill, and random specs."""

import zlib
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from pushoff.errors import BadInput
from pushoff.synthetic.kinematics import Contact
from pushoff.values import Exercise

SAME_FOOT = {
    Exercise.HOPS: (True,),
    Exercise.STEPS: (False,),
    Exercise.HOP_STEPS: (True, False),
    Exercise.TWO_HOPS_TWO_STEPS: (True, True, False, False),
    Exercise.TRIPLE: (True, False, False),
}
"""Whether each next contact is on the same foot; repeated for longer drills."""
CONTACT_FLIGHT_RANGES_S = {
    Exercise.HOPS: ((0.15, 0.22), (0.24, 0.42)),
    Exercise.STEPS: ((0.13, 0.20), (0.22, 0.40)),
    Exercise.HOP_STEPS: ((0.14, 0.22), (0.24, 0.42)),
    Exercise.TWO_HOPS_TWO_STEPS: ((0.14, 0.22), (0.24, 0.42)),
    Exercise.TRIPLE: ((0.13, 0.19), (0.34, 0.50)),
}
"""Ranges of an athlete's mean contact and flight time, seconds. With the variation from one contact
to the next they fill 0.11-0.25 s and 0.20-0.55 s; a triple jump's contacts are 0.15 and 0.18 s, as
Taylor's, London 2017 (docs/domain.md, "Step and contact times")."""
CONTACT_RANGE_S, FLIGHT_RANGE_S, RUNNING_RANGE_S = (0.11, 0.25), (0.20, 0.55), (0.10, 0.13)
_MAX_STANCE_TRAVEL = 0.62
"""Of the athlete's height: how far the hips travel over one foot before the leg is too short."""
LEAD_IN_CONTACTS = 3
"""Contacts before the first one of the approach or drill."""
_FLIGHT_FACTOR = {True: 1.06, False: 0.95}
"""By whether the next contact is on the same foot: a hop flies longer than a step."""


@dataclass(frozen=True)
class DrillSpec:
    """One video to render. None means sampled at random, from the seed.

    The same spec gives the same images and truth; only the encoder's bytes may differ. Raises
    BadInput on what no athlete or camera can do.
    """

    seed: int = 0
    exercise: Exercise = Exercise.HOP_STEPS
    athlete: str = "athlete-1"
    """Decides appearance, height and style: several videos of one athlete resemble each other."""
    venue: int = 0
    """Decides the track, its surroundings and the camera's position; the same for every seed."""
    capture_fps: int = 240
    push_offs: int = 8
    """Of the drill itself, after any approach."""
    approach_steps: int = 0
    """Running steps before the drill."""
    width_px: int = 640
    height_px: int = 360
    speed_m_s: float = 3.4
    """Of the drill; 5 to 9.5 is what bounding athletes do."""
    direction: str = "right"
    """Of travel, `right` or `left` in the image."""
    shutter_s: float = 1 / 960
    """Exposure time of a frame: the motion blur."""
    noise: float = 3.0
    """Standard deviation of the sensor noise, grey levels."""
    second_person: str | None = "standing"
    """`standing` in the background, `walking` or `running` across it, or None."""
    file_fps: int | None = None
    """The rate at which the file plays: 30 is eight times slow motion; None is the camera's."""
    approach_speed_m_s: float | None = None
    """Of the approach; None is the speed of the drill."""
    contact_s: float | None = None
    """The drill's mean contact time; None is the athlete's own, no longer than the leg allows."""
    flight_s: float | None = None
    """The drill's mean flight time; None is the athlete's own."""
    view_m: float | None = None
    """Runway in view: the athlete enters and leaves the image. None shows every push-off."""
    lateral_offset_m: float | None = None
    """How far beyond the calibrated line the athlete is; sampled within 0.3 m."""
    lens_height_m: float | None = None
    """Of the camera above the ground; sampled from 0.5-0.7 m."""
    roll_deg: float | None = None
    """Roll of the camera; sampled within 0.7 degrees."""
    field_of_view_deg: float = 85.0
    """Horizontal, without distortion; 85 is a GoPro in Linear mode. A panning camera has 40."""
    k1: float | None = None
    """Brown-Conrady distortion, OpenCV's convention; sampled from -0.03 to 0.01."""
    k2: float = 0.0
    exposure: float = 1.0
    """Factor on the brightness; clipped at white."""
    leg_contrast: float = 0.28
    """How much darker the far leg and arm are; at 0 both legs look equal."""
    panning: bool = False
    """The camera follows the athlete: no homography, no ground points."""

    def __post_init__(self) -> None:
        limits = {
            "speed_m_s": (1, 12),
            "approach_speed_m_s": (1, 12),
            "contact_s": (0.05, 0.5),
            "flight_s": (0.02, 0.9),
            "view_m": (6, 60),
            "lateral_offset_m": (-1, 1),
            "lens_height_m": (0.2, 3),
            "roll_deg": (-10, 10),
            "field_of_view_deg": (20, 100),
            "exposure": (0.1, 4),
            "leg_contrast": (0, 0.9),
            "push_offs": (1, 100),
            "approach_steps": (0, 40),
            "capture_fps": (10, 1000),
            "shutter_s": (0, 1 / self.capture_fps if self.capture_fps > 0 else 0),
            "noise": (0, 60),
            "width_px": (64, 4096),
            "height_px": (64, 4096),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadInput(f"{name} is {value}: it must be from {low:g} to {high:g}")
        if self.direction not in ("left", "right"):
            raise BadInput(f"direction is {self.direction!r}: it must be left or right")
        if self.second_person not in (None, "standing", "walking", "running"):
            raise BadInput(
                f"second_person is {self.second_person!r}: it must be standing, walking, "
                "running or None"
            )


def sample_contacts(
    spec: DrillSpec, rng: np.random.Generator, height_m: float
) -> tuple[Contact, ...]:
    """Every contact: a lead-in, the approach, the drill, and two more so that the legs keep moving.

    The approach or drill starts at index `LEAD_IN_CONTACTS`. Raises BadInput when the given contact
    time is longer than the leg can stay on the ground at that speed.
    """
    athlete_rng = np.random.default_rng([1, zlib.crc32(spec.athlete.encode())])
    own_contact, own_flight, own_run, asymmetry = athlete_rng.random(4)
    longest = _MAX_STANCE_TRAVEL * height_m / spec.speed_m_s
    if spec.contact_s is not None and spec.contact_s > longest:
        raise BadInput(
            f"a contact of {spec.contact_s} s at {spec.speed_m_s} m/s is longer than a leg:"
            f" at most {longest:.3f} s"
        )
    contact_range, flight_range = CONTACT_FLIGHT_RANGES_S[spec.exercise]
    contact_s = spec.contact_s or min(np.interp(own_contact, (0, 1), contact_range), longest)
    flight_s = spec.flight_s or np.interp(own_flight, (0, 1), flight_range)
    pattern = SAME_FOOT[spec.exercise]
    foot, time_s, hip_x = ("left", "right")[rng.integers(2)], 0.0, 0.0
    contacts: list[Contact] = []
    for number in range(-LEAD_IN_CONTACTS, spec.approach_steps + spec.push_offs + 2):
        drill = number - spec.approach_steps
        running = drill < 0 and spec.approach_steps > 0
        same = pattern[drill % len(pattern)] if not running else False
        speed = (spec.approach_speed_m_s or spec.speed_m_s) if running else spec.speed_m_s
        if running:
            mean = np.interp(own_run, (0, 1), (0.108, 0.122))
            length = np.clip(mean * rng.uniform(0.94, 1.06), *RUNNING_RANGE_S)
            flight = np.clip(mean * rng.uniform(0.92, 1.08), *RUNNING_RANGE_S)
            length = min(length, _MAX_STANCE_TRAVEL * height_m / speed)
        else:
            # One leg is a little slower than the other, and no two contacts are the same.
            side = 1 + 0.04 * (asymmetry - 0.5) * (1 if foot == "left" else -1)
            length = min(contact_s * side * rng.uniform(0.94, 1.06), longest)
            flight = flight_s * _FLIGHT_FACTOR[same] * rng.uniform(0.92, 1.08)
            if spec.contact_s is None:
                length = min(np.clip(length, *CONTACT_RANGE_S), longest)
            if spec.flight_s is None:
                flight = np.clip(flight, *FLIGHT_RANGE_S)
        travel = 0.97 * speed * length  # braking costs a little in every contact
        toe_x = hip_x + 0.42 * travel + 0.04
        contacts.append(
            Contact(
                foot,
                time_s,
                float(time_s + length),
                float(toe_x),
                (float(hip_x), float(hip_x + travel)),
                running,
            )
        )
        time_s += float(length + flight)
        hip_x += travel + speed * flight
        foot = foot if same else {"left": "right", "right": "left"}[foot]
    origin = contacts[LEAD_IN_CONTACTS].toe_x_m
    return tuple(
        replace(
            contact,
            toe_x_m=contact.toe_x_m - origin,
            hip_m=(contact.hip_m[0] - origin, contact.hip_m[1] - origin),
        )
        for contact in contacts
    )


def random_spec(seed: int, **fixed: Any) -> DrillSpec:
    """A random spec: speed 5-9.5 m/s, any drill, camera, light and second person.

    `fixed` fields of `DrillSpec` are used as given and change no other field. Raises BadInput when
    there is no such field.
    """
    unknown = fixed.keys() - {field.name for field in fields(DrillSpec)}
    if unknown:
        raise BadInput(f"{sorted(unknown)[0]} is not a field of DrillSpec")
    rng = np.random.default_rng([7, seed])
    capture_fps = int(rng.choice([120, 240, 240]))
    speed = float(np.round(rng.uniform(5.0, 9.5), 2))
    panning = bool(rng.random() < 0.15)
    sampled = DrillSpec(
        seed=seed,
        exercise=list(Exercise)[rng.integers(5)],
        athlete=f"athlete-{rng.integers(1, 25)}",
        venue=int(rng.integers(12)),
        capture_fps=capture_fps,
        push_offs=int(rng.integers(4, 9)),
        approach_steps=int(rng.choice([0, 0, 2, 4, 6])),
        speed_m_s=speed,
        direction=("left", "right")[rng.integers(2)],
        shutter_s=float(1 / rng.uniform(480, 2000)),
        noise=float(rng.uniform(1, 7)),
        second_person=(None, "standing", "walking", "running")[rng.integers(4)],
        file_fps=30 if rng.random() < 0.4 else None,
        approach_speed_m_s=float(min(speed * rng.uniform(1.0, 1.12), 10.0)),
        view_m=float(rng.uniform(9, 20)),
        field_of_view_deg=40.0 if panning else float(rng.uniform(60, 90)),
        k1=float(rng.uniform(-0.06, 0.03)),
        k2=float(rng.uniform(0.0, 0.01)),
        roll_deg=float(rng.uniform(-1, 1)),
        exposure=float(rng.uniform(0.7, 1.25)),
        leg_contrast=float(rng.choice([0.0, 0.15, 0.28, 0.4])),
        panning=panning,
    )
    return replace(sampled, **fixed)
