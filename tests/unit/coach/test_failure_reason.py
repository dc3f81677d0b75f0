"""What a coach reads about a session that failed."""

import pytest

from pushoff.coach.failure_reason import describe_refusal
from pushoff.errors import (
    BadInput,
    ModelRefused,
    PushoffError,
    VideoProblem,
    VideoRefused,
)


def test_a_refused_video_explains_itself_without_its_name_in_storage() -> None:
    """The code, the message and the remedy; the coach does not know the file as `000`."""
    refusal = VideoRefused(
        "The file is incomplete.",
        code=VideoProblem.CUT_OFF,
        remedy="Upload it again.",
        video_name="000",
    )
    reason = describe_refusal(refusal)
    assert reason.code == VideoProblem.CUT_OFF
    assert reason.text == "The file is incomplete. Upload it again."
    assert str(refusal) == "000: The file is incomplete. Upload it again."


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            ModelRefused("/data/model-cache/3: the SHA-256 is not the one on the card"),
            "model_refused",
        ),
        (BadInput("the times of the frames do not rise (ValueError: x)"), "analysis_failed"),
    ],
)
def test_other_errors_have_a_fixed_sentence(error: PushoffError, code: str) -> None:
    """No path, command or library error reaches the coach."""
    reason = describe_refusal(error)
    assert reason.code == code
    assert str(error) not in reason.text
    assert reason.text.endswith(".")
