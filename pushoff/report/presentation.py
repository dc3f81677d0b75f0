"""What every page about a report shows: its rows, chips, film strips and numbers in words."""

import math

from pushoff.events.report import SessionReport
from pushoff.events.values import PushOffEvent

STRIP_STEP_S = 1 / 60
"""From picture to picture of a film strip: four frames at 240/s, in which a toe visibly leaves."""
STRIP_REACH = 2
"""Pictures before the last contact, and as many after it."""
_NO_RATE_STEP = 4
"""Frames from picture to picture where nobody knows the camera's rate."""
_NB = "\N{NO-BREAK SPACE}"


def strip_frames(report: SessionReport) -> tuple[tuple[int, ...], ...]:
    """For each push-off the frames its film strip shows, none outside the video."""
    around = [_step(report) * k for k in range(-STRIP_REACH, STRIP_REACH + 1)]
    return tuple(
        tuple(event.frame + by for by in around if 0 <= event.frame + by < report.frames)
        for event in report.events
    )


def film_strips(report: SessionReport) -> list[dict]:
    """For each push-off its row, and the pictures of its film strip: frame, caption and kind."""
    step = _step(report)
    return [
        {
            **push_off_row(report, index),
            "pictures": [
                {
                    "frame": frame,
                    "caption": _offset(report, frame - report.events[index].frame),
                    "kind": _nearness(abs(frame - report.events[index].frame), step),
                }
                for frame in frames
            ],
        }
        for index, frames in enumerate(strip_frames(report))
    ]


def _nearness(frames: int, step: int) -> str:
    if frames == 0:
        return "here"
    return "far" if frames > step else "near"


def _step(report: SessionReport) -> int:
    """Frames from picture to picture."""
    rate = report.capture_fps
    return _NO_RATE_STEP if rate is None else max(round(STRIP_STEP_S * rate), 1)


def push_off_row(report: SessionReport, index: int) -> dict:
    """One push-off as the table shows it."""
    event, foot = report.events[index], report.sequence.feet[index]
    note = ""
    if foot is not event.foot:
        note = f"looked {event.foot.value}" if event.foot else "filled in"
    odds = percent(event.foot_probability) if event.foot else ""
    return {
        "event": event,
        "label": report.labels[index],
        "foot": foot.value if foot else "unknown",
        "foot_note": note,
        "foot_told": ", ".join(filter(None, (note, odds))),
        "kind": report.kind(index),
        "seconds": report.event_time_s(event),
        "when": _when(report, event),
    }


def _when(report: SessionReport, event: PushOffEvent) -> str:
    time = report.event_time_s(event)
    return f"frame {event.frame}" if time is None else f"{time[0]:.3f}{_NB}s"


def foot_badges(report: SessionReport) -> list[tuple[str, str]]:
    """(kind, letter) in order of time; an overlooked push-off stands among them in brackets."""
    sequence, told = report.sequence, []
    before = dict.fromkeys(sequence.approach, "approach")
    for index, foot in enumerate(sequence.feet):
        if index in sequence.possible:
            continue
        at = sequence.drill.index(index) if index in sequence.drill else None
        if at is not None and at == sequence.missing_at:
            overlooked = sequence.corrected[at]
            told.append(("missing", f"({overlooked.letter if overlooked else '?'})"))
        letter = foot.letter if foot else "?"
        told.append((before.get(index, letter if foot else "unknown"), letter))
    return told


def _offset(report: SessionReport, frames: int) -> str:
    """How far from the last contact, in milliseconds where they are known."""
    if frames == 0:
        return "last contact"
    if report.capture_fps is None:
        many = "s" * (abs(frames) != 1)
        return f"{abs(frames)} frame{many} {'before' if frames < 0 else 'after'}"
    ms = 1000 * abs(frames) / report.capture_fps
    return f"{ms:.0f}{_NB}ms {'before' if frames < 0 else 'after'}"


def interval_rows(report: SessionReport) -> dict:
    """The rows between push-offs, and which columns have anything to show."""
    label = {e.frame: text for e, text in zip(report.events, report.labels, strict=True)}
    found = report.distances.phases
    rows = []
    for phase in found:
        end = "landing" if phase.to_frame is None else label[phase.to_frame]
        name = phase.name if phase.name in ("hop", "step", "jump") else ""
        rows.append({"phase": phase, "span": f"{label[phase.from_frame]} to {end}", "name": name})
    return {
        "rows": rows,
        "seconds": any(phase.interval_s is not None for phase in found),
        "metres": any(phase.distance_m is not None for phase in found),
        "speeds": any(phase.speed_m_s is not None for phase in found),
        "shares": any(phase.share_percent is not None for phase in found),
    }


def percent(probability: float) -> str:
    """`97 %`; never 100 % or 0 %, which no detector can promise."""
    return f"{min(max(round(100 * probability), 1), 99)}{_NB}%"


def format_uncertain(value: float | None, error: float | None, unit: str) -> str:
    """`2.41 ± 0.08 m`: as many digits as one standard deviation gives a meaning to."""
    if value is None or error is None:
        return "not known"
    power = math.floor(math.log10(error)) if error > 0 else -3
    digits = min(max(-power + (error < 2 * 10.0**power), 0), 3)  # 0.17, but 0.2 and not 0.23
    return f"{value:.{digits}f}{_NB}±{_NB}{error:.{digits}f}{_NB}{unit}".rstrip()
