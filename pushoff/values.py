"""Value types that all packages share: frozen, with units in the names.

Times are presentation times; they are never computed as index / rate.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Literal

import numpy as np


class Label(IntEnum):
    """The label of a frame. The number is the class index of every model."""

    NOT_PUSH_OFF = 0
    PUSH_OFF = 1

    @property
    def choice(self) -> str:
        """The name in Label Studio's choices: `push_off` or `not_push_off`."""
        return self.name.lower()


class Exercise(str, Enum):
    """The drill a coach asked for, as spelled on the command line and in task data."""

    HOPS = "hops"
    STEPS = "steps"
    HOP_STEPS = "hop-steps"
    TWO_HOPS_TWO_STEPS = "2-hops-2-steps"
    TRIPLE = "triple"


class Split(str, Enum):
    """The use of a frame: fitting, early stopping and threshold, or the promotion decision."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


@dataclass(frozen=True)
class Box:
    """A rectangle in image pixels, origin at the top left, right and bottom exclusive."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int

    def as_list(self) -> list[int]:
        """[x, y, width, height], as in task data."""
        return [self.x_px, self.y_px, self.width_px, self.height_px]


@dataclass(frozen=True)
class FrameRef:
    """One frame of one video."""

    video_id: str
    index: int
    """Zero-based, in decode (presentation) order."""
    time_s: float
    """Presentation time in camera seconds: a slow-motion file's, divided by its slow-down."""


@dataclass(frozen=True)
class VideoInfo:
    """Properties of a video file, read before any frame is decoded."""

    width_px: int
    """As shown, after rotation."""
    height_px: int
    frame_rate: Fraction
    """The file's average rate (a slow-motion file says 30)."""
    capture_rate: Fraction
    """The camera's rate (240)."""
    duration_s: float
    """As the file plays."""
    rotation_deg: int
    """Clockwise rotation that makes the decoded picture upright."""
    declared_frames: int | None
    """The container's own count, if it has one."""
    codec: str

    @property
    def slow_down(self) -> Fraction:
        """How many times slower than real time the file plays: 8 for 240/s shown at 30/s."""
        return self.capture_rate / self.frame_rate


@dataclass(frozen=True, eq=False)
class Frame:
    """One decoded picture."""

    ref: FrameRef
    image: np.ndarray
    """(H, W, 3) uint8 RGB, upright."""


@dataclass(frozen=True)
class Video:
    """One stored video of one athlete, named by the first 16 hex digits of the file's SHA-256."""

    video_id: str
    athlete: str
    exercise: Exercise
    capture_fps: float | None
    footage: str = "real"
    """`real` or `synthetic`; reported with every number that is measured on it."""
    project_id: int | None = None
    """The Label Studio project of its tasks."""


FrameKey = tuple[int, float | None]
"""(task id, camera seconds): names a frame within a project, also where a task is a video."""


@dataclass(frozen=True)
class LabelledFrame:
    """One human label of one task."""

    task_id: int
    image: str
    """The task's image address, as Label Studio stores it."""
    label: Label
    split_group: str
    """Never divided between splits: the athlete, else the video, else the file name's stem."""
    video_id: str
    """The stored video, or the group for frames uploaded by hand."""
    footage: str
    """`real` or `synthetic`."""
    box: Box | None
    """The athlete in the image; None: not known, the image is searched."""
    time_s: float | None
    from_suggestion: bool
    """The label is the model's suggestion, submitted unchanged."""
    frame_index: int | None = None
    """Zero-based in the video; None when unknown."""
    project_id: int | None = None
    """The Label Studio project it was labelled in; None while that is not recorded."""
    foot: str | None = None
    """`left` or `right`: the foot that pushes off, None where nobody said."""

    @property
    def key(self) -> FrameKey:
        """Names it among all labelled frames."""
        return self.task_id, self.time_s


SplitBy = Literal["athlete", "session", "time"]
"""What is kept apart between training and held-out frames: athletes, else videos, else blocks of
time inside videos, whose scores are optimistic."""

PROVEN_PUSH_OFFS = 20
"""Held-out push-offs from which a model's scores count as proof: with 20 the 95 % interval of an F1
of 0.9 begins at 0.57 at best, with 5 at 0.33 (`pushoff.learning.evaluation.intervals`)."""


@dataclass(frozen=True)
class Interval:
    """95 % interval of a score: where the score on as many push-offs of other groups will lie."""

    low: float
    high: float


@dataclass(frozen=True)
class Suggestion:
    """The label that is preselected for an annotator."""

    label: Label
    probability: float
    """Of push_off, 0 to 1, whatever the label."""

    @property
    def confidence(self) -> float:
        """The probability that `label` is right."""
        return self.probability if self.label is Label.PUSH_OFF else 1 - self.probability


@dataclass(frozen=True)
class Scorecard:
    """What a model scored on labelled frames of groups while each was held out."""

    groups: tuple[str, ...]
    """The groups that were held out: athletes, else video ids."""
    split_by: SplitBy
    """`time`: the scores are optimistic, and called provisional."""
    footage: str
    """`real`, `synthetic` or `mixed`."""
    frames: int
    push_offs: int
    """Held-out push-offs: runs of push_off frames, not frames."""
    precision: float
    """Of the suggestions at the exact frame, as are recall, F1 and confusion."""
    recall: float
    f1: float
    f1_within_1: float
    """Of push-offs, found within one frame."""
    f1_interval: Interval
    """Of `f1_within_1`."""
    average_precision: float
    """Of frames."""
    average_precision_interval: Interval
    brier: float
    calibration_error: float
    """Expected calibration error over ten equal-width bins."""
    confusion: tuple[int, int, int, int]
    """true negatives, false positives, false negatives, true positives."""
    unaided_frames: int = 0
    """Number of held-out frames whose label is not an accepted suggestion."""
    unaided_f1: float | None = None
    """F1 on those alone; None when they are too few."""
    picture_average_precision: float | None = None
    """Of the picture head alone, on the same frames; None where it has no probabilities."""
    picture_calibration_error: float | None = None

    @property
    def independent(self) -> bool:
        """Whether no video was both trained on and held out."""
        return self.split_by != "time"

    @property
    def proven(self) -> bool:
        """Whether enough push-offs were held out, and whole videos of them."""
        return self.independent and self.push_offs >= PROVEN_PUSH_OFFS


@dataclass(frozen=True)
class ModelCard:
    """Everything that is needed to use a model's weights."""

    architecture: str
    """`resnet18` or `resnet34`."""
    size_px: int
    """Side of the square the athlete crop is resized to."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    initial_weights: str
    """`imagenet`, `file:<name>` or `random`."""
    dataset_fingerprint: str
    scorecard: Scorecard | None
    weights_sha256: str
    seed: int
    created_at: str
    code_version: str
    labels: int = 0
    """Number of labelled frames that its heads were fitted on."""
    notes: tuple[str, ...] = field(default=())
    backbone_of: str = ""
    """The version whose backbone its refitted heads sit on, `initial` before any training; empty:
    backbone and head were trained together."""


@dataclass(frozen=True)
class PromotionDecision:
    """Whether the candidate becomes the champion, and why, as a sentence."""

    promote: bool
    reason: str
    proven: bool
    """Whether the candidate's own held-out scores are proof; a version that serves without is
    replaced by the first that is."""
