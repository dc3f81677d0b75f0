"""Why a session failed, as its coach reads it."""

from dataclasses import dataclass

from pushoff.errors import ModelRefused, NoSuchModel, PushoffError, VideoRefused


@dataclass(frozen=True)
class FailureReason:
    """What is stored of a failure."""

    code: str
    """A VideoProblem, `no_model`, `model_refused`, `analysis_failed`, or `analysis_interrupted`
    for a job that stopped without a reason of its own. Pages decide by it."""
    text: str
    """One or two sentences for the coach."""


def describe_refusal(error: PushoffError) -> FailureReason:
    """The reason for an error that trying again will not mend.

    A VideoRefused explains itself. Other errors are about our models and files, not about the
    coach's video, so each class has a fixed sentence; the log has the details.
    """
    if isinstance(error, VideoRefused):
        return FailureReason(error.code, error.explanation)
    if isinstance(error, NoSuchModel):
        return FailureReason(
            "no_model", "There is no model for videos yet. Ask the operator to train one."
        )
    if isinstance(error, ModelRefused):
        return FailureReason(
            "model_refused", "The model cannot be used. Ask the operator to roll it back."
        )
    return FailureReason(
        "analysis_failed",
        "The video could not be analysed. Try again; if it fails again, tell the operator.",
    )
