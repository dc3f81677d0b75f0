"""The state of a job: how far it is, what it returned, why it failed."""

from dataclasses import dataclass
from typing import Any, Literal

from pushoff.errors import NotEnough, PushoffError, Superseded, Unsafe
from pushoff.util.progress import NO_PROGRESS, Progress

JobState = Literal["queued", "running", "finished", "failed", "cancelled", "unknown"]


@dataclass(frozen=True)
class JobFailure:
    """Why a job did not finish."""

    code: str
    """The error's own code, or its class where it has none; or what ended the job from outside:
    `timeout`, `refused`, `killed`, `worker_died`, `cancelled`, `not_found`, `unknown`."""
    message: str
    """One line for people, without a traceback; white space is made single spaces."""
    harmless: bool = False
    """Labels or models are not there yet, or a newer run took over: nothing is broken."""


@dataclass(frozen=True)
class JobStatus:
    """How a job stands."""

    state: JobState
    """`unknown` when there is no such job (any more)."""
    progress: Progress = NO_PROGRESS
    """What the job reported last."""
    result: Any = None
    """What the job returned, as JSON; `pushoff.workflows.results` has its types."""
    failure: JobFailure | None = None

    @property
    def done(self) -> bool:
        """The state will not change any more."""
        return self.state not in ("queued", "running")

    @property
    def error(self) -> str | None:
        """The failure's message; None while the job may still finish."""
        return self.failure.message if self.failure else None


def failure_of(error: BaseException) -> JobFailure:
    """What a job's exception says to whoever asked for the job."""
    name, text = type(error).__name__, _one_line(str(error))
    if name == "JobTimeoutException":
        return JobFailure("timeout", f"stopped: {text}")
    if name == "DeserializationError":  # `SignedJob` says why in its cause
        cause = error.__cause__
        return JobFailure(cause.code if isinstance(cause, Unsafe) else "refused", text)
    if name == "AbandonedJobError":
        return JobFailure("worker_died", "worker died; retries exhausted")
    code = error.code if isinstance(error, PushoffError) and error.code else name
    return JobFailure(code, text or name, isinstance(error, NotEnough | Superseded))


def killed_by(signal_number: int | None) -> JobFailure:
    """The failure of a job whose process was killed from outside."""
    return JobFailure("killed", f"stopped by signal {signal_number or '?'}, possibly out of memory")


NO_MESSAGE = JobFailure("unknown", "The job failed without an error message; see the worker log")


def _one_line(text: str) -> str:
    """Also without what JSON cannot hold, such as bytes of a file name that are not UTF-8."""
    return " ".join(text.encode(errors="replace").decode().split())
