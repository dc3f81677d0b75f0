"""The report on one video, as values.

What is unknown is None, null or an empty cell, never a guess: no times without the camera's frame
rate, no metres without a calibration. Labels: running steps outside the drill are A1, A2, ...,
possible push-offs (below 50 %) P1, P2, ..., and the drill's push-offs 1, 2, ..., by which the
sentences of the report refer to them.
"""

from dataclasses import dataclass
from itertools import pairwise

from pushoff.errors import BadInput
from pushoff.events.drill.exercise import CLEAR_FOOT
from pushoff.events.drill.explanations import MIN_PUSH_OFFS, name_push_offs, push_off_count
from pushoff.events.drill.sequence import SequenceResult
from pushoff.events.measure.phases import DistanceResult, Phase
from pushoff.events.values import Direction, PushOffEvent

SURE = 0.95
"""Wrong once in twenty, if the calibration holds: less than once in a video of ten push-offs."""
LIKELY = CLEAR_FOOT
"""0.75, wrong once in four: the probability from which a foot counts as clear, too."""


@dataclass(frozen=True)
class Curve:
    """The push-off probability while the athlete is visible, downsampled for drawing."""

    frames: tuple[int, ...]
    """Ascending; the frame of the highest probability of each bin, so that no peak is lost."""
    times_s: tuple[float, ...] | None
    """Camera seconds of those frames, None where the camera's rate is unknown."""
    push_off: tuple[float, ...]
    """Probabilities of those frames."""


@dataclass(frozen=True)
class SessionReport:
    """Everything about one video. Raises BadInput when its parts are not of the same video."""

    video: str
    """The file's name, without its folder."""
    frames: int
    """Number of frames."""
    file_fps: float
    """The file's frame rate."""
    capture_fps: float | None
    """The camera's frame rate; None: unknown, and then no time is given anywhere."""
    duration_s: float | None
    """Camera seconds."""
    size_px: tuple[int, int]
    """(W, H)"""
    camera: str
    """`fixed`, `panning` or `unknown`."""
    direction: Direction | None
    athlete_note: str
    """How the athlete was tracked, one sentence without a full stop."""
    athlete_frames: int
    """Number of frames in which the athlete is visible."""
    warnings: tuple[str, ...]
    """What to check first, a sentence each."""
    out_of_distribution: bool
    """Whether the video is unlike the videos the model was trained on."""
    model_version: str
    model_score: str
    """The model's score on held-out videos, which ones, real or synthetic: one sentence."""
    events: tuple[PushOffEvent, ...]
    """In order of time; `left_probability` is the athlete's own left."""
    sequence: SequenceResult
    distances: DistanceResult
    """Between the push-offs of `sequence.measured`."""
    curve: Curve

    def __post_init__(self) -> None:
        frames = [event.frame for event in self.events]
        if any(not 0 <= frame < self.frames for frame in frames):
            raise BadInput(
                f"push-offs are in frames {frames}, but the video has {self.frames} frames",
                code="event_outside_video",
            )
        if any(after <= before for before, after in pairwise(frames)):
            raise BadInput(
                f"push-offs are in frames {frames}: sort them by time", code="unsorted_events"
            )
        if len(self.sequence.feet) != len(frames):
            raise BadInput(
                f"{len(frames)} push-offs, but feet of {len(self.sequence.feet)}",
                code="sequence_mismatch",
            )
        measured = {frames[i] for i in self.sequence.measured}
        if others := {phase.from_frame for phase in self.distances.phases} - measured:
            raise BadInput(
                f"distances start at frames {sorted(others)}, which are not measured push-offs",
                code="distance_mismatch",
            )
        timed = any(phase.interval_s is not None for phase in self.distances.phases)
        if timed and not self.time_trusted:
            raise BadInput(
                "intervals are in seconds, but the camera's frame rate is unknown",
                code="unknown_frame_rate",
            )

    @property
    def time_trusted(self) -> bool:
        """Whether the camera's frame rate is known, so that frames can be turned into seconds."""
        return self.capture_fps is not None

    @property
    def labels(self) -> tuple[str, ...]:
        """Of each event: `1`, ... in the drill, `A1`, ... running steps, `P1`, ... possible."""
        labels = {index: str(n) for n, index in enumerate(self.sequence.drill, start=1)}
        labels |= {index: f"A{n}" for n, index in enumerate(self.sequence.approach, start=1)}
        labels |= {index: f"P{n}" for n, index in enumerate(self.sequence.possible, start=1)}
        return tuple(labels[index] for index in range(len(self.events)))

    def kind(self, index: int) -> str:
        """Of an event: `push` in the drill, `run` for running steps, `maybe` for possible ones."""
        if index in self.sequence.possible:
            return "maybe"
        return "run" if index in self.sequence.approach else "push"

    @property
    def headline(self) -> str:
        """The exercise in a few words, "Uncertain" where the video is out of distribution.

        Not once a person has set or confirmed every push-off.
        """
        checked = all(event.probability == 1 for event in self.events)
        if self.out_of_distribution and self.events and not checked:
            return f"Uncertain: {self._headline}"
        return self._headline

    @property
    def _headline(self) -> str:
        drill, running = len(self.sequence.drill), len(self.sequence.approach)
        if not self.events:
            return "No push-offs found"
        if not drill and not running:
            return f"No certain push-offs; {len(self.events)} possible"
        if not drill:
            return f"{running} running step{'s' * (running != 1)}; no drill found"
        if drill < MIN_PUSH_OFFS:
            return f"{push_off_count(drill).capitalize()}: too few to identify the exercise"
        verdict = self.sequence.verdict
        if verdict == "unknown":
            return "Exercise not recognised"
        return verdict[0].upper() + verdict[1:]

    @property
    def no_push_offs_reason(self) -> str | None:
        """Why there are no push-offs, in a sentence; None where there are some."""
        if self.events:
            return None
        if not self.athlete_frames:
            return (
                "No athlete was found, so no push-offs could be detected. Reason: "
                f"{self.athlete_note}."
            )
        highest = max(self.curve.push_off, default=0.0)
        return (
            f"The athlete is visible in {self.athlete_frames} of {self.frames} frames, but the "
            f"model found no push-off; the highest probability is {100 * highest:.0f} %."
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """Which push-offs and feet the model is not sure of, a sentence each."""
        labelled = list(zip(self.labels, self.events, strict=True))
        drill = [labelled[index] for index in self.sequence.drill]
        possible = [self.labels[index] for index in self.sequence.possible]
        unsure = [
            label
            for label, event in labelled
            if event.probability < LIKELY and label not in possible
        ]
        unclear = [label for label, event in drill if event.foot_probability < LIKELY]
        sentences = []
        if unsure:
            pronoun = "it" if len(unsure) == 1 else "them"
            sentences.append(
                f"The model is unsure of {name_push_offs(unsure)}. Check {pronoun} in the video."
            )
        if possible:
            subject = name_push_offs(possible)
            if len(possible) == 1:
                sentences.append(
                    f"{subject[0].upper()}{subject[1:]} has a probability below 50 %. It is listed "
                    "as possible and is not used for feet, exercise, times or distances. Check it "
                    "in the video."
                )
            else:
                sentences.append(
                    f"{subject[0].upper()}{subject[1:]} have a probability below 50 %. They are "
                    "listed as possible and are not used for feet, exercise, times or distances. "
                    "Check them in the video."
                )
        if unclear:
            sentences.append(f"The foot is unclear for {name_push_offs(unclear)}. Check the video.")
        return tuple(sentences)

    def phase_after(self, event: PushOffEvent) -> Phase | None:
        """The phase from this push-off to the next that is measured or to the landing, if any."""
        return next((p for p in self.distances.phases if p.from_frame == event.frame), None)

    def event_time_s(self, event: PushOffEvent) -> tuple[float, float] | None:
        """Camera seconds of a push-off and one standard deviation, None without a known rate."""
        rate = self.capture_fps
        return None if rate is None else (event.time_s, event.uncertainty_frames / rate)


def confidence_word(probability: float) -> str:
    """`sure` from 0.95, `likely` from 0.75, else `unsure`."""
    if probability >= SURE:
        return "sure"
    return "likely" if probability >= LIKELY else "unsure"
