"""What the workflows return. A worker stores it as JSON; who waits for the job reads it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@dataclass(frozen=True)
class ComparisonSummary:
    """A candidate's held-out score, and the champion's, both on the frames that both held out.

    Where there is no champion, or no such frame, the candidate's is of all that it held out.
    """

    average_precision: float
    """Of frames."""
    f1_within_1: float
    """Of push-offs, within one frame."""
    champion_average_precision: float | None
    """None when there was no champion, or no frame that both held out."""
    champion_f1_within_1: float | None
    held_out_frames: int
    held_out_push_offs: int
    held_out_groups: int
    """Athletes, else videos."""
    footage: str
    """`real`, `synthetic` or `mixed`."""
    provisional: bool
    """The candidate was also trained on other frames of the videos it is scored on."""
    proven: bool
    """The candidate held out enough push-offs of whole groups to tell."""


@dataclass(frozen=True)
class TrainingOutcome:
    """What became of one attempt to train or refit a model."""

    decision: str
    """Why it was promoted or kept, or why nothing was trained."""
    version: str | None = None
    """The registered model; None where nothing was trained."""
    promoted: bool = False
    labels: int = 0
    """Frames of the data set."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Labels that were left out, by reason."""
    comparison: ComparisonSummary | None = None
    """With the champion, on held-out frames."""


@dataclass(frozen=True)
class RetrainResult:
    """One retrain of a project."""

    project_id: int
    reason: str
    run_number: int
    """The run's fencing number: a higher one supersedes it."""
    outcome: TrainingOutcome


@dataclass(frozen=True)
class PublishResult:
    """What was pushed to a project's unlabelled tasks."""

    project_id: int
    reason: str
    published: str | None
    """The publication's name, Label Studio's `model_version`; None: there was nothing to show."""
    strategy: str
    """How the tasks are ordered."""
    pool: int
    """Unlabelled tasks."""
    pushed: int
    already_there: int
    """Tasks that had their prediction before."""
    unreadable: int
    """Tasks whose image or video could not be read."""
    to_follow: int = 0
    """Tasks behind the head of a long queue: their predictions are pushed later, in the
    background."""


@dataclass(frozen=True)
class RestResult:
    """A part of what follows the head of a long queue."""

    project_id: int
    reason: str
    published: str
    """The publication's name."""
    pushed: int
    to_follow: int
    """Tasks that another job pushes."""


@dataclass(frozen=True)
class RefitResult:
    """One refit of a project's heads, and the queue published after it."""

    outcome: TrainingOutcome
    publication: PublishResult
    seconds: Mapping[str, float]
    """Of each part of the job, by name."""


@dataclass(frozen=True)
class AssessmentResult:
    """A label quality report in short."""

    project_id: int
    reason: str
    labels: int
    suspected: int
    """Labels that are probably wrong."""
    hint: str
    """Whether more labels are worth it."""


@dataclass(frozen=True)
class IngestResult:
    """A video that became tasks."""

    project_id: int
    tasks_created: int
    tasks_already_there: int
    declared_frames: int | None
    """The container's own count, if it has one."""
    decoded_frames: int
    athlete_note: str
    """How the athlete was tracked, with warnings."""


@dataclass(frozen=True)
class SessionResult:
    """How the analysis of a coach's session ended."""

    session_id: str
    state: str
    """`ready` or `failed`; the session's row has the reason."""


@dataclass(frozen=True)
class RefreshResult:
    """What became of one session that an earlier version had analysed."""

    version: str
    """That analyses now, the model's or that of the rules."""
    session_id: str | None
    """The session that was analysed again; None: none was behind."""
    left: int
    """Sessions that are still behind."""


@dataclass(frozen=True)
class CorrectionSyncResult:
    """What syncing a session's corrections changed in Label Studio."""

    session_id: str
    labels: int | None
    """Frames that the corrections label; None where there was nothing to sync with."""
    annotations_created: int = 0
    annotations_deleted: int = 0
    reason: str = ""
    """Why nothing was synced; empty where it was."""


@dataclass(frozen=True)
class DeletionResult:
    """What deleting a session did."""

    session_id: str
    deleted: bool
    """False where it was gone already."""
    video_kept: bool = False
    """Another session has the same video."""


@dataclass(frozen=True)
class ClipResult:
    """What became of a slow-motion clip."""

    clip: str | None
    """Which clip was made; None where none was."""
    reason: str = ""
    """Why none was made."""


@dataclass(frozen=True)
class RequestedJob:
    """A job that another job requested."""

    name: str
    """As in `pushoff.queue.jobs.JOBS`."""
    project_id: int
    job_id: str
    already_running: bool = False
    """A retrain that had read its labels before; one more run follows it."""


@dataclass(frozen=True)
class NightlyResult:
    """What the nightly job requested and cleaned up."""

    projects: tuple[int, ...]
    """Projects for which a retrain, a publish and an assessment were requested."""
    deletions: int
    """Sessions whose deletion was requested."""
    uploads_pruned: int
    """Uploads that nobody finished."""
    cleaned_up: int = 0
    """Old publications, refits and feature arrays that were deleted."""
    jobs: tuple[RequestedJob, ...] = ()
    """The retrain, publish and assessment of each project; one that was waiting already counts."""


@dataclass(frozen=True)
class NotificationResult:
    """To how many a notification was sent."""

    kind: str
    sent: int
    """Mails and webhook calls of this run."""
    already_sent: int = 0
    """Of an earlier run."""


def read_result(kind: type[T], stored: Mapping[str, Any]) -> T:
    """A job's stored result as the value it was. Raises pydantic's ValidationError for another."""
    return TypeAdapter(kind).validate_python(stored)
