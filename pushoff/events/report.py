"""What a coach takes home from one video, as values.

What is not known is None, null or an empty cell, never a guess: no seconds without the camera's
frame rate, no metres without a calibration. Running steps outside the drill are labelled A1, A2,
...; what is likelier no push-off than one P1, P2, ...; the drill's push-offs 1, 2, ..., as the
sentences of its readings count them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.drill.exercise import CLEAR_FOOT
from pushoff.events.drill.explanations import ENOUGH_PUSH_OFFS, push_offs
from pushoff.events.drill.sequence import SequenceResult
from pushoff.events.measure.distances import DistanceResult, Phase
from pushoff.events.spotting import FrameScores
from pushoff.events.values import Direction, PushOffEvent
from pushoff.values import VideoInfo

SURE = 0.95
"""Wrong once in twenty, if the calibration holds: fewer than one in a video of ten push-offs."""
LIKELY = CLEAR_FOOT
"""0.75, wrong once in four: also where a foot begins to count as clearly seen."""
CURVE_POINTS = 600
"""More cannot be told apart at the width a page is drawn."""
COARSE_S = 0.015
"""Annotators and force plates agree within 5 to 15 ms (docs/domain.md, "Timing agreement"); a
longer frame hides more than they do."""
OOD_WARNING = (
    "This video looks unlike the videos the model learnt from: another place, camera or clothing. "
    "Expect push-offs that are missing or wrong, also where the model calls itself sure. Label a "
    "video of this kind and train again."
)
NO_SCORE = "This model was not scored on held-out videos: nobody knows how often it is right."


class TrackLike(Protocol):
    """What the report needs of an athlete's track, such as pushoff.video.tracking.athlete.AthleteTrack."""

    note: str
    camera: str
    direction: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """The model's push-off probability while the athlete is in view, thinned for drawing."""

    frames: tuple[int, ...]
    """Rising; the highest frame of each stretch, so that no peak is lost."""
    times_s: tuple[float, ...] | None
    """Camera seconds of those frames, None where the camera's rate is not known."""
    push_off: tuple[float, ...]


@dataclass(frozen=True)
class SessionReport:
    """Everything about one video. Raises BadInput when its parts are not of the same video."""

    video: str
    """The file's name, without its folder."""
    frames: int
    file_fps: float
    """As the file plays."""
    capture_fps: float | None
    """As the camera filmed; None: not known, and then there are no seconds anywhere."""
    duration_s: float | None
    """Camera seconds."""
    size_px: tuple[int, int]
    """(W, H)"""
    camera: str
    """fixed, panning or unknown."""
    direction: Direction | None
    athlete_note: str
    athlete_frames: int
    """In how many frames the athlete was seen."""
    warnings: tuple[str, ...]
    """What to know before trusting the rest, a sentence each."""
    unlike: bool
    """Whether the video looks unlike those the model learnt from."""
    model_version: str
    model_score: str
    """How the model did on videos it never saw, which ones, real or synthetic: one sentence."""
    events: tuple[PushOffEvent, ...]
    """In order of time; `left_probability` is the athlete's own left."""
    sequence: SequenceResult
    distances: DistanceResult
    """Between the drill's push-offs."""
    curve: Curve

    def __post_init__(self) -> None:
        places = [event.frame for event in self.events]
        if any(not 0 <= place < self.frames for place in places):
            raise BadInput(f"push-offs in frames {places}, but the video has {self.frames}")
        if any(b <= a for a, b in pairwise(places)):
            raise BadInput(f"push-offs in frames {places}: sort them by time")
        if len(self.sequence.feet) != len(places):
            raise BadInput(f"{len(places)} push-offs, but feet of {len(self.sequence.feet)}")
        drill = {places[i] for i in self.sequence.drill}
        if odd := {phase.from_frame for phase in self.distances.phases} - drill:
            raise BadInput(f"distances from frames {sorted(odd)}: measure the drill's push-offs")
        seconds = [phase for phase in self.distances.phases if phase.interval_s is not None]
        if seconds and not self.time_trusted:
            raise BadInput("intervals in seconds, but the camera's frame rate is not known")

    @property
    def time_trusted(self) -> bool:
        """Whether frames can be turned into seconds."""
        return self.capture_fps is not None

    @property
    def labels(self) -> tuple[str, ...]:
        """Of each event: `1`, `2`, ... in the drill, `A1`, ... for running steps, `P1`, ... for
        possible push-offs, which count in nothing."""
        order = {at: str(n) for n, at in enumerate(self.sequence.drill, start=1)}
        order |= {at: f"A{n}" for n, at in enumerate(self.sequence.approach, start=1)}
        order |= {at: f"P{n}" for n, at in enumerate(self.sequence.possible, start=1)}
        return tuple(order[i] for i in range(len(self.events)))

    def kind(self, index: int) -> str:
        """Of an event: `push` in the drill, `run` for running steps, `maybe` for possible ones."""
        if index in self.sequence.possible:
            return "maybe"
        return "run" if index in self.sequence.approach else "push"

    @property
    def headline(self) -> str:
        """What it was, in a few words, and whether the model is on unknown ground."""
        if self.unlike and self.events:
            return f"Uncertain: {self._verdict}"
        return self._verdict

    @property
    def _verdict(self) -> str:
        drill, running = len(self.sequence.drill), len(self.sequence.approach)
        if not self.events:
            return "No push-offs found"
        if not drill and not running:
            return f"No push-off is sure enough to count: {len(self.events)} possible"
        if not drill:
            return f"{running} running step{'s' * (running != 1)}, no drill"
        if drill < ENOUGH_PUSH_OFFS:
            return f"{push_offs(drill).capitalize()}: too few to name an exercise"
        verdict = self.sequence.verdict
        if verdict == "unknown":
            return "Exercise not recognised"
        return verdict[0].upper() + verdict[1:]

    @property
    def nothing_found(self) -> str | None:
        """Why there are no push-offs, in a sentence; None where there are some."""
        if self.events:
            return None
        if not self.athlete_frames:
            return (
                f"Nobody could be followed through this video ({self.athlete_note}), and where no "
                "athlete is seen no push-off is named."
            )
        highest = max(self.curve.push_off, default=0.0)
        return (
            f"The athlete was seen in {self.athlete_frames} of {self.frames} frames, but the model "
            f"made out no push-off there; its highest probability is {100 * highest:.0f} %."
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What the model itself is not sure of, a sentence each."""
        pairs = list(zip(self.labels, self.events, strict=True))
        drill = [pairs[i] for i in self.sequence.drill]
        possible = [self.labels[i] for i in self.sequence.possible]
        unsure = [
            label for label, event in pairs if event.probability < LIKELY and label not in possible
        ]
        unclear = [label for label, event in drill if foot_probability(event) < LIKELY]
        told = []
        if unsure:
            told.append(f"The model is unsure of {', '.join(unsure)}: look at the video.")
        if possible:
            told.append(
                f"{', '.join(possible)}: likelier no push-off than one, so listed but counted in "
                "no foot, exercise, time or distance: look at the video."
            )
        if unclear:
            told.append(f"The foot is not clear at {', '.join(unclear)}: look which one it is.")
        return tuple(told)

    def after(self, event: PushOffEvent) -> Phase | None:
        """From this push-off to the next of the drill or to the landing, if it was looked at."""
        return next((p for p in self.distances.phases if p.from_frame == event.frame), None)

    def seconds(self, event: PushOffEvent) -> tuple[float, float] | None:
        """Camera seconds of a push-off and one standard deviation, None without a known rate."""
        rate = self.capture_fps
        return None if rate is None else (event.time_s, event.uncertainty_frames / rate)


def confidence_word(probability: float) -> str:
    """`sure` from 0.95, `likely` from 0.75, else `unsure`."""
    if probability >= SURE:
        return "sure"
    return "likely" if probability >= LIKELY else "unsure"


def foot_probability(event: PushOffEvent) -> float:
    """Of the likelier foot as it was seen, 0.5 to 1."""
    return max(event.left_probability, 1 - event.left_probability)


def build_report(
    *,
    video: str,
    info: VideoInfo,
    time_trusted: bool,
    athlete: TrackLike,
    reading: FrameScores,
    events: Sequence[PushOffEvent],
    sequence: SequenceResult,
    distances: DistanceResult,
    model_version: str,
    model_score: str | None = None,
    warnings: Sequence[str] = (),
    unlike: bool = False,
) -> SessionReport:
    """Put the parts of one video together.

    `time_trusted` False: nobody knows the camera's rate, `info.capture_rate` is not used.
    `distances` is measured between the push-offs of `sequence.drill`. `warnings` come before the
    track's own; before all stands that the video is `unlike` those the model learnt from. Raises
    BadInput when the parts are not of the same video.
    """
    _check_athlete(events, reading)
    capture_fps = float(info.capture_rate) if time_trusted else None
    count, times = len(reading.times_s), reading.times_s
    duration = float(times[-1] - times[0]) + reading.interval_s if count else 0.0
    told = [*([OOD_WARNING] if unlike else []), *warnings, *athlete.warnings]
    if capture_fps is None:
        told.append(
            "The camera's frame rate is not known, so places are given in frames and nothing in "
            "seconds. Say the rate it was filmed at, such as 240/s."
        )
    elif 1 / capture_fps > COARSE_S:
        told.append(
            f"One frame of this video lasts {1000 / capture_fps:.0f} ms: no push-off can be placed "
            "more exactly. Film at 240/s where the camera can."
        )
    return SessionReport(
        video=_printable(video),
        frames=count,
        file_fps=float(info.frame_rate),
        capture_fps=capture_fps,
        duration_s=duration if time_trusted else None,
        size_px=(info.width_px, info.height_px),
        camera=athlete.camera,
        direction=Direction(athlete.direction) if athlete.direction else None,
        athlete_note=athlete.note,
        athlete_frames=int(reading.athlete.sum()),
        warnings=tuple(dict.fromkeys(told)),
        unlike=unlike,
        model_version=model_version,
        model_score=model_score or NO_SCORE,
        events=tuple(events),
        sequence=sequence,
        distances=distances,
        curve=_curve(reading, time_trusted),
    )


def _check_athlete(events: Sequence[PushOffEvent], reading: FrameScores) -> None:
    for frame in (event.frame for event in events):
        if not 0 <= frame < len(reading.athlete) or not reading.athlete[frame]:
            raise BadInput(f"a push-off in frame {frame}, where no athlete is seen: leave it out")


def _curve(reading: FrameScores, time_trusted: bool) -> Curve:
    seen = np.flatnonzero(reading.athlete)
    if not len(seen):
        return Curve((), () if time_trusted else None, ())
    start, stop = int(seen[0]), int(seen[-1]) + 1
    heights = reading.push_off * reading.athlete  # no event is put where nobody is seen
    edges = np.linspace(start, stop, min(CURVE_POINTS, stop - start) + 1).astype(int)
    frames = [int(a + heights[a:b].argmax()) for a, b in pairwise(edges)]
    times = tuple(float(reading.times_s[frame]) for frame in frames) if time_trusted else None
    return Curve(tuple(frames), times, tuple(float(heights[frame]) for frame in frames))


def _printable(name: str) -> str:
    """Without control characters and halves of characters, which no file can be written with."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name)
