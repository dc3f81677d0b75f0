"""Everything that can go wrong, as one tree.

A message says what is wrong, with the value, and what to do. Code never looks into a message: it
asks for the class, or for `code` where one class has several cases.

PushoffError
├── BadInput                  what was given cannot be used; giving it again will not help
│   ├── SettingWrong          a setting is missing, a placeholder or out of range
│   ├── VideoRefused          a video that cannot or must not be decoded
│   ├── LabelConfigWrong      a label config without push_off / not_push_off over an image
│   ├── ExportWrong           an export that is cut off, edited or not an export
│   ├── ModelRefused          model files whose hash, shape, numbers or smoke run are wrong
│   ├── NoSuchSession         there is none, or whoever asks may not see it
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
│   └── StorageFailed         the disk or bucket is full, read-only or broken
└── Superseded                a newer run has taken over; this one's results must not be kept
"""


class PushoffError(Exception):
    """Anything this product raises on purpose.

    `code` names the case where a class has several, in snake_case; it never changes with the
    wording. `remedy` is what to do, a sentence of its own; it ends the message.
    """

    def __init__(self, message: str = "", *, code: str = "", remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}" if remedy else message)
        self.message = message
        self.code = code
        self.remedy = remedy


class BadInput(PushoffError):
    """What was given cannot be used; giving it again will not help."""


class SettingWrong(BadInput):
    """A setting is missing, a placeholder or out of range."""


class VideoRefused(BadInput):
    """A video that cannot or must not be decoded."""


class LabelConfigWrong(BadInput):
    """A label config without push_off / not_push_off choices over an image."""


class ExportWrong(BadInput):
    """An export that is cut off, edited or not an export."""


class ModelRefused(BadInput):
    """Model files whose hash, shape, numbers or smoke run are wrong."""


class NoSuchSession(BadInput):
    """There is no such session, or whoever asks may not see it."""


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

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class QueueUnavailable(Upstream):
    """Redis cannot be reached or cannot write."""


class RegistryUnavailable(Upstream):
    """MLflow cannot be reached."""


class StorageFailed(Upstream):
    """The disk or bucket is full, read-only or broken."""


class Superseded(PushoffError):
    """A newer run has taken over; this one's results must not be kept."""
