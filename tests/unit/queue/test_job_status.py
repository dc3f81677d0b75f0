"""Why a job failed, as a code and one line."""

from dataclasses import asdict

import pytest
from rq.exceptions import AbandonedJobError, DeserializationError
from rq.timeouts import JobTimeoutException

from pushoff.errors import QueueUnavailable, TooFewLabels, Unsafe
from pushoff.queue import JobFailure, JobStatus
from pushoff.queue.job_status import NO_MESSAGE, failure_of, killed_by
from pushoff.util.canonical_json import canonical_json


def refused() -> DeserializationError:
    """The error of a job that is not on the list."""
    error = DeserializationError("Job x is refused: 'os.system' is not on the list of jobs")
    error.__cause__ = Unsafe("'os.system' is not on the list of jobs", code="unknown_job")
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QueueUnavailable("Redis does not answer", code="unreachable"), "unreachable"),
        (TooFewLabels("3 labels, 40 are required"), "TooFewLabels"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError"),
        (JobTimeoutException("Task exceeded maximum timeout value (60 seconds)"), "timeout"),
        (AbandonedJobError(), "worker_died"),
        (refused(), "unknown_job"),
        (DeserializationError("no cause"), "refused"),
        (RuntimeError("out of memory\n  at kernel 7\n"), "RuntimeError"),
        (OSError("no such file: film-\udcff.mp4"), "OSError"),
    ],
)
def test_each_error_has_a_code_and_a_message(error, code):
    """Our errors keep their code, others their class; RQ's own have one of ours."""
    failure = failure_of(error)
    assert failure.code == code
    assert failure.message and "\n" not in failure.message
    canonical_json(asdict(failure))  # it is stored as JSON


def test_an_error_without_a_message_is_named():
    """A message is never empty."""
    assert failure_of(ValueError()) == JobFailure("ValueError", "ValueError")
    assert NO_MESSAGE.message and killed_by(None).message


def test_only_a_failure_is_an_error():
    """A job that may still finish has no error; the message of one that failed is its error."""
    assert JobStatus("running").error is None and not JobStatus("running").done
    failed = JobStatus("failed", failure=killed_by(9))
    assert failed.done and failed.error == killed_by(9).message and "9" in failed.error
