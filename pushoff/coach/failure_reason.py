"""Why a session failed: a code for decisions and a text for the coach."""

from dataclasses import dataclass

from pushoff.errors import ModelRefused, PushoffError, VideoRefused


@dataclass(frozen=True)
class FailureReason:
    """What is stored of a failure."""

    code: str
    """A VideoProblem, `model_refused`, `analysis_failed`, or `analysis_interrupted` for a job that
    ended without a reason. Pages decide by it."""
    text: str
    """One or two sentences for the coach."""


def describe_refusal(error: PushoffError) -> FailureReason:
    """The reason for an error that a retry does not fix.

    A VideoRefused has an explanation of its own. Other errors concern models and stored files, not
    the coach's video, so each class has a fixed sentence; the log has the details.
    """
    if isinstance(error, VideoRefused):
        return FailureReason(error.code, error.explanation)
    if isinstance(error, ModelRefused):
        return FailureReason(
            "model_refused", "The model cannot be used. Ask the operator to roll it back."
        )
    return FailureReason(
        "analysis_failed",
        "The video could not be analysed. Try again; if it fails again, contact the operator.",
    )
