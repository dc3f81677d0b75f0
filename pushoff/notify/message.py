"""What is told: one sentence and a link, without any name that a person entered."""

from dataclasses import dataclass
from enum import Enum


class Kind(str, Enum):
    """What happened."""

    SESSION_READY = "session_ready"
    SESSION_FAILED = "session_failed"
    NIGHT_FAILED = "night_failed"
    MODEL_PROMOTED = "model_promoted"


_TEXTS = {
    Kind.SESSION_READY: ("Your video is ready", "Your video is analysed; its report is ready."),
    Kind.SESSION_FAILED: ("Your video failed", "Your video could not be analysed."),
    Kind.NIGHT_FAILED: (
        "A nightly job failed",
        "A job of the night of {subject} failed; the log of the workers says why.",
    ),
    Kind.MODEL_PROMOTED: ("A model was promoted", "Version {subject} of the model was promoted."),
}
"""Title and sentence."""


@dataclass(frozen=True)
class Message:
    """One notification."""

    kind: Kind
    key: str
    """Names what happened: the same event has the same key in every attempt."""
    title: str
    sentence: str
    link: str


def compose(kind: Kind, subject: str, key: str, public_url: str) -> Message:
    """The message. `subject`: a session's id, a date or a version.

    `public_url` is the address of the coach's page, without its path.
    """
    title, sentence = _TEXTS[kind]
    of_session = kind in (Kind.SESSION_READY, Kind.SESSION_FAILED)
    path = f"/coach/sessions/{subject}" if of_session else "/coach/models"
    return Message(
        kind, key, title, sentence.format(subject=subject), public_url.rstrip("/") + path
    )
