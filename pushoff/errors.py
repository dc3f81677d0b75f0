"""Everything that can go wrong, as one tree.

A message says what is wrong, with the value, and what to do. Code never looks into a message: it
asks for the class, or for `code` where one class has several cases. The codes of VideoRefused are
VideoProblem.

PushoffError
├── BadInput                  what was given cannot be used; giving it again will not help
│   ├── SettingWrong          a setting is missing, a placeholder or out of range
│   ├── VideoRefused          a video that cannot or must not be decoded
│   ├── LabelConfigWrong      a label config without push_off / not_push_off over an image
│   ├── ExportWrong           an export that is cut off, edited or not an export
│   ├── ModelRefused          model files whose hash, shape, numbers or smoke run are wrong
│   ├── NoSuchSession         there is none, or whoever asks may not see it
│   ├── NotificationRefused   a mail server or webhook refuses a message for good
│   └── Unsafe                a path, URL or job outside what is allowed
├── NotEnough                 the request is fine, the labels are not there yet
│   ├── TooFewLabels          too few labels, one class only, or a single session
│   └── NoSuchModel           no champion, no previous champion, or an unknown version
├── MediaError                one image could not be used; the others go on
│   ├── MediaRefused          its address, size or format is not allowed
│   └── MediaUnavailable      it is not there right now; asking again may help
├── Upstream                  another service does not answer as it should
│   ├── StudioUnreachable     Label Studio cannot be reached
│   ├── StudioRefused         Label Studio answered no (credentials, 403 on private addresses, ...)
│   ├── QueueUnavailable      Redis cannot be reached or cannot write
│   ├── RegistryUnavailable   MLflow cannot be reached
│   ├── NotificationFailed    a mail server or webhook does not take a message right now
│   └── StorageFailed         the disk or bucket is full, read-only or broken
└── Superseded                a newer run has taken over; this one's results must not be kept
"""

from enum import StrEnum


class PushoffError(Exception):
    """Anything this product raises on purpose.

    `code` names the case where a class has several, in snake_case; it never changes with the
    wording. `remedy` is what to do, a sentence of its own; it ends the message.
    """

    def __init__(self, message: str = "", *, code: str = "", remedy: str = "") -> None:
        self.message = message
        self.code = code
        self.remedy = remedy
        super().__init__(self.explanation)

    @property
    def explanation(self) -> str:
        """Message and remedy, each a sentence: what a page shows."""
        if not (self.message and self.remedy):
            return self.message or self.remedy
        stop = "" if self.message.endswith((".", "!", "?")) else "."
        return f"{self.message}{stop} {self.remedy}"


class BadInput(PushoffError):
    """What was given cannot be used; giving it again will not help."""


class SettingWrong(BadInput):
    """A setting is missing, a placeholder or out of range."""


class VideoProblem(StrEnum):
    """Why a video was refused: the code of a VideoRefused."""

    CANNOT_OPEN = "cannot_open"
    """The file is not there, or may not be read."""
    NOT_A_VIDEO = "not_a_video"
    """Not an MP4, MOV, MKV or AVI file."""
    EXTERNAL_DATA = "external_data"
    """An MP4 whose frames are in another file or at an address."""
    ENCRYPTED = "encrypted"
    CUT_OFF = "cut_off"
    """The file ends before its own index says, or has no index."""
    INCOMPLETE_UPLOAD = "incomplete_upload"
    """Some of the uploaded files are missing."""
    TOO_MANY_STREAMS = "too_many_streams"
    NO_VIDEO_STREAM = "no_video_stream"
    """Only sound or data."""
    UNSUPPORTED_CODEC = "unsupported_codec"
    FRAME_TOO_LARGE = "frame_too_large"
    """More pixels a side than are decoded, in the index or in a frame itself."""
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_LONG = "too_long"
    NO_FRAMES = "no_frames"
    """No frame could be decoded."""
    FRAME_RATE_UNKNOWN = "frame_rate_unknown"
    """The file does not say its frame rate."""
    CAPTURE_RATE_UNKNOWN = "capture_rate_unknown"
    """The file is slow motion: the camera's frame rate has to be given."""
    CAPTURE_RATE_IMPLAUSIBLE = "capture_rate_implausible"
    """The given frame rate of the camera cannot be right."""
    DIFFERENT_RECORDINGS = "different_recordings"
    """Chapters that differ in codec, size or frame rate."""
    CHAPTERS_NOT_JOINED = "chapters_not_joined"
    DAMAGED = "damaged"
    """The decoder reports invalid data."""
    OUT_OF_MEMORY = "out_of_memory"
    """Decoding needs more memory than the decoder's limit."""
    DECODING_TIMEOUT = "decoding_timeout"
    """The decoder used up its CPU time, or sent nothing for too long."""
    DECODER_CRASHED = "decoder_crashed"
    """The decoder's process ended before its work, or sent an invalid message."""
    PREVIEW_DAMAGED = "preview_damaged"
    """The stored preview cannot be decoded; analysing the video again makes a new one."""


CAPTURE_RATE_PROBLEMS = frozenset(
    {VideoProblem.CAPTURE_RATE_UNKNOWN, VideoProblem.CAPTURE_RATE_IMPLAUSIBLE}
)
"""Giving the camera's frame rate solves these."""


class VideoRefused(BadInput):
    """A video that cannot or must not be decoded.

    `video_name` is the file's name; it begins the text, but not the `explanation`, because files
    in storage have names that their owners do not know.
    """

    def __init__(
        self, message: str, *, code: VideoProblem, remedy: str, video_name: str = ""
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.video_name = video_name

    def __str__(self) -> str:
        return f"{self.video_name}: {self.explanation}" if self.video_name else self.explanation


class LabelConfigWrong(BadInput):
    """A label config without push_off / not_push_off choices over an image."""


class ExportWrong(BadInput):
    """An export that is cut off, edited or not an export."""


class ModelRefused(BadInput):
    """Model files whose hash, shape, numbers or smoke run are wrong."""


class NoSuchSession(BadInput):
    """There is no such session, or whoever asks may not see it."""


class NotificationRefused(BadInput):
    """A mail server or webhook refuses a message for good."""


class Unsafe(BadInput):
    """A path, URL or job outside what is allowed."""


class NotEnough(PushoffError):
    """The request is fine, the labels or models are not there yet."""


class TooFewLabels(NotEnough):
    """Too few labels, one class only, or a single session."""


class NoSuchModel(NotEnough):
    """No champion, no previous champion, or an unknown version."""


class MediaError(PushoffError):
    """One image could not be used; the others go on."""


class MediaRefused(MediaError):
    """Its address, size or format is not allowed."""


class MediaUnavailable(MediaError):
    """It is not there right now; asking again may help."""


class Upstream(PushoffError):
    """Another service does not answer as it should."""


class StudioUnreachable(Upstream):
    """Label Studio cannot be reached."""


class StudioRefused(Upstream):
    """Label Studio answered no."""

    def __init__(
        self, message: str, status: int | None = None, *, code: str = "", remedy: str = ""
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.status = status


class QueueUnavailable(Upstream):
    """Redis cannot be reached or cannot write."""


class RegistryUnavailable(Upstream):
    """MLflow cannot be reached."""


class NotificationFailed(Upstream):
    """A mail server or webhook does not take a message right now."""


class StorageFailed(Upstream):
    """The disk or bucket is full, read-only or broken."""


class Superseded(PushoffError):
    """A newer run has taken over; this one's results must not be kept."""
