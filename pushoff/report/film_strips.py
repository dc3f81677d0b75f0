"""Film strips: the frames around each push-off, with captions."""

from dataclasses import dataclass

from pushoff.events.report import SessionReport
from pushoff.report.presentation import NO_BREAK_SPACE, PushOffRow, push_off_rows

STRIP_STEP_S = 1 / 60
"""From image to image of a film strip: four frames at 240/s, in which a toe visibly leaves."""
STRIP_REACH = 2
"""Images before the last contact, and as many after it."""
_NO_RATE_STEP = 4
"""Frames from image to image where the camera's rate is unknown."""


@dataclass(frozen=True)
class StripImage:
    """One image of a film strip."""

    frame: int
    caption: str
    """`last contact`, `17 ms before`."""
    kind: str
    """`here`, `near` or `far`, by its distance from the last contact."""


@dataclass(frozen=True)
class FilmStrip:
    """The images around one push-off."""

    row: PushOffRow
    pictures: tuple[StripImage, ...]


def strip_frames(report: SessionReport) -> tuple[tuple[int, ...], ...]:
    """For each push-off the frames of its film strip, none outside the video."""
    offsets = [_strip_step(report) * k for k in range(-STRIP_REACH, STRIP_REACH + 1)]
    return tuple(
        tuple(
            event.frame + offset for offset in offsets if 0 <= event.frame + offset < report.frames
        )
        for event in report.events
    )


def film_strips(report: SessionReport) -> list[FilmStrip]:
    """The film strip of each push-off."""
    step = _strip_step(report)
    return [
        FilmStrip(
            row,
            tuple(
                StripImage(
                    frame=frame,
                    caption=_caption(report, frame - row.event.frame),
                    kind=_distance_class(abs(frame - row.event.frame), step),
                )
                for frame in frames
            ),
        )
        for row, frames in zip(push_off_rows(report), strip_frames(report), strict=True)
    ]


def _strip_step(report: SessionReport) -> int:
    """Frames from image to image."""
    rate = report.capture_fps
    return _NO_RATE_STEP if rate is None else max(round(STRIP_STEP_S * rate), 1)


def _distance_class(frames: int, step: int) -> str:
    if frames == 0:
        return "here"
    return "far" if frames > step else "near"


def _caption(report: SessionReport, frames: int) -> str:
    """The offset from the last contact, in milliseconds where the rate is known."""
    if frames == 0:
        return "last contact"
    side = "before" if frames < 0 else "after"
    if report.capture_fps is None:
        return f"{abs(frames)} frame{'s' * (abs(frames) != 1)} {side}"
    return f"{1000 * abs(frames) / report.capture_fps:.0f}{NO_BREAK_SPACE}ms {side}"
