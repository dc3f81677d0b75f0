"""The texts of a report that its page, HTML file and PDF share: titles, rows, images, numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from pushoff.events.drill.explanations import push_off_count
from pushoff.events.measure.phases import Phase
from pushoff.events.report import SessionReport, confidence_word
from pushoff.events.values import PushOffEvent

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
KIND_NAMES = {"push": "Push-off", "run": "Running step", "maybe": "Possible push-off"}
"""By `SessionReport.kind`."""
GROUP_NAMES = {"run": "Running steps", "maybe": "Possible push-offs (not counted)"}
"""Of the film strips apart from the drill's, by `SessionReport.kind`."""
CAMERA_NAMES = {
    "fixed": "fixed",
    "panning": "panning with the athlete",
    "unknown": "movement could not be determined",
}


@dataclass(frozen=True)
class Titles:
    """Titles of the sections, and heads of the table of push-offs."""

    warnings: str = "Warnings"
    push_offs: str = "Push-offs"
    intervals: str = "Times and distances"
    images: str = "Push-offs frame by frame"
    curve: str = "Push-off probability"
    triple_jump: str = "Does it resemble a triple jump?"
    method: str = "Accuracy and method"
    terms: str = "Terms"
    number: str = "No."
    foot: str = "Foot"
    time: str = "Time"
    frame: str = "Frame"
    confidence: str = "Confidence"
    toe: str = "Toe position"
    phase: str = "Phase"


TITLES = Titles()
UNCERTAINTY_NOTE = (
    "± is one standard deviation: the true value is inside this range about two times in three."
)


@dataclass(frozen=True)
class PushOffRow:
    """One push-off as a table shows it."""

    event: PushOffEvent
    label: str
    """`1`, `A1` or `P1`."""
    kind: str
    """`push`, `run` or `maybe`."""
    foot: str
    """`left`, `right` or `unknown`, after correction."""
    foot_note: str
    """What was corrected; empty without a correction."""
    foot_details: str
    """`foot_note`, and the probability of the detected foot."""
    time_s: tuple[float, float] | None
    """Camera seconds and one standard deviation, None where the camera's rate is unknown."""
    when: str
    """Time, or the frame where the rate is unknown."""

    @property
    def title(self) -> str:
        """`Push-off 1`, `Running step A1`, `Possible push-off P1`."""
        return f"{KIND_NAMES[self.kind]} {self.label}"

    @property
    def foot_text(self) -> str:
        """`left (detected as right, 60 %)`"""
        return f"{self.foot} ({self.foot_details})" if self.foot_details else self.foot

    @property
    def time_text(self) -> str:
        """`1.333 ± 0.004 s`"""
        value, error = self.time_s or (None, None)
        return format_uncertain(value, error, "s")

    @property
    def confidence_text(self) -> str:
        """`sure (97 %)`"""
        return confidence_text(self.event.probability)

    @property
    def toe_text(self) -> str:
        """`310, 204 ± 4 px`"""
        toe, error_px = self.event.toe_px, self.event.toe_uncertainty_px
        return f"{toe[0]:.0f}, {toe[1]:.0f} ± {error_px:.0f} px" if toe else "not located"


@dataclass(frozen=True)
class IntervalRow:
    """One phase: from where to where, and a text for each column."""

    span: str
    """`1 to 2`, `3 to landing (jump)`."""
    cells: tuple[str, ...]


@dataclass(frozen=True)
class IntervalTable:
    """The phases, with the columns that have a value in any of them."""

    heads: tuple[str, ...]
    rows: tuple[IntervalRow, ...]


def push_off_rows(report: SessionReport) -> list[PushOffRow]:
    """Every event of the report, in order of time."""
    return [_push_off_row(report, index) for index in range(len(report.events))]


def _push_off_row(report: SessionReport, index: int) -> PushOffRow:
    event, foot = report.events[index], report.sequence.feet[index]
    note = ""
    if foot is not event.foot:
        note = f"detected as {event.foot.value}" if event.foot else "inferred from the sequence"
    probability = percent(event.foot_probability) if event.foot else ""
    time_s = report.event_time_s(event)
    return PushOffRow(
        event=event,
        label=report.labels[index],
        kind=report.kind(index),
        foot=foot.value if foot else "unknown",
        foot_note=note,
        foot_details=", ".join(filter(None, (note, probability))),
        time_s=time_s,
        when=f"frame {event.frame}" if time_s is None else f"{time_s[0]:.3f}{NO_BREAK_SPACE}s",
    )


def foot_badges(report: SessionReport) -> list[tuple[str, str]]:
    """(kind, letter) in order of time; a missed push-off is among them in parentheses."""
    sequence = report.sequence
    badges = []
    for index, foot in enumerate(sequence.feet):
        if index in sequence.possible:
            continue
        if index in sequence.drill and sequence.drill.index(index) == sequence.missing_at:
            missed = sequence.corrected[sequence.missing_at]
            badges.append(("missing", f"({missed.letter if missed else '?'})"))
        letter = foot.letter if foot else "?"
        kind = letter if foot else "unknown"
        badges.append(("approach" if index in sequence.approach else kind, letter))
    return badges


@dataclass(frozen=True)
class _Column:
    head: str
    unit: str
    value: Callable[[Phase], tuple[float | None, float | None]]
    """Of a phase: value and one standard deviation."""


_COLUMNS = (
    _Column("Interval", "s", lambda phase: (phase.interval_s, phase.interval_uncertainty_s)),
    _Column(
        "Cadence (steps per minute)",
        "",
        lambda phase: (phase.cadence_per_min, phase.cadence_uncertainty_per_min),
    ),
    _Column("Distance", "m", lambda phase: (phase.distance_m, phase.distance_uncertainty_m)),
    _Column("Mean speed", "m/s", lambda phase: (phase.speed_m_s, phase.speed_uncertainty_m_s)),
    _Column("Share", "%", lambda phase: (phase.share_percent, phase.share_uncertainty_percent)),
)


def interval_table(report: SessionReport) -> IntervalTable:
    """The phases between push-offs; no heads where nothing was measured."""
    phases = report.distances.phases
    columns = [
        column for column in _COLUMNS if any(column.value(phase)[0] is not None for phase in phases)
    ]
    label = {event.frame: text for event, text in zip(report.events, report.labels, strict=True)}
    rows = []
    for phase in phases:
        end = "landing" if phase.to_frame is None else label[phase.to_frame]
        name = f" ({phase.name})" if phase.name in ("hop", "step", "jump") else ""
        cells = tuple(format_uncertain(*column.value(phase), column.unit) for column in columns)
        rows.append(IntervalRow(f"{label[phase.from_frame]} to {end}{name}", cells))
    return IntervalTable(tuple(column.head for column in columns), tuple(rows))


def total_sentences(report: SessionReport) -> list[str]:
    """The total distance with its ratio, and the cadence, as far as they are known."""
    result = report.distances
    sentences = []
    if result.total_m is not None:
        total = format_uncertain(result.total_m, result.total_uncertainty_m, "m")
        ratio = f"; {result.ratio_text}" if result.ratio_text else ""
        sentences.append(f"Total {total}{ratio}.")
    if result.cadence_per_min is not None:
        cadence = format_uncertain(
            result.cadence_per_min, result.cadence_uncertainty_per_min, "steps per minute"
        )
        sentences.append(f"Cadence from the first push-off to the last: {cadence}.")
    return sentences


def count_sentence(report: SessionReport) -> str:
    """`3 push-offs (L, L, R) and 4 running steps; 1 more is possible (not counted).`"""
    sequence = report.sequence
    drill, running, possible = (
        len(indices) for indices in (sequence.drill, sequence.approach, sequence.possible)
    )
    feet = f" ({sequence.corrected_text.replace(',', ', ')})" if drill else ""
    steps = f" and {running} running step{'s' * (running != 1)}" if running else ""
    verb = "is" if possible == 1 else "are"
    more = f"; {possible} more {verb} possible (not counted)" if possible else ""
    return f"{push_off_count(drill)}{feet}{steps}{more}."


def verdict_sentence(report: SessionReport) -> str:
    """`Hops: sure (97 %), assuming that these push-offs are correct.`, or an empty text."""
    if report.sequence.exercise is None:
        return ""
    confidence = confidence_text(report.sequence.confidence)
    return f"{report.sequence.verdict}: {confidence}, assuming that these push-offs are correct."


def triple_jump_answer(report: SessionReport) -> str:
    """Whether it resembles a triple jump: `Yes`, `No` or `Unknown`."""
    return {True: "Yes", False: "No", None: "Unknown"}[report.sequence.resembles_triple_jump]


def method_rows(report: SessionReport) -> list[tuple[str, str]]:
    """How the report was made: (term, text)."""
    direction = f"; moves to the {report.direction.value}" if report.direction else ""
    frames = f"{report.size_px[0]} × {report.size_px[1]} px, {report.frames} frames"
    file_rate = f"{report.file_fps:.4g} frames/s"
    if report.capture_fps is None or report.duration_s is None:
        rates = f"The file plays at {file_rate}. The camera's frame rate is unknown."
    else:
        rates = (
            f"The file plays at {file_rate}. Recorded at {report.capture_fps:.4g} frames/s; "
            f"{report.duration_s:.2f} s in real time."
        )
    return [
        ("Model", report.model_version),
        ("Score on held-out videos", report.model_score),
        ("Athlete", f"{report.athlete_note}{direction}"),
        ("Camera", CAMERA_NAMES.get(report.camera, report.camera)),
        ("Video", f"{frames}. {rates}"),
    ]


TERMS = (
    (
        "Push-off",
        "the last part of ground contact before take-off; it is marked at the last contact frame.",
    ),
    ("Running step (A1, A2, …)", "a step of the approach or the run-out, not part of the drill."),
    ("Hop", "take-off and landing on the same foot."),
    ("Step", "take-off and landing on different feet."),
    (
        "Possible push-off (P1, P2, …)",
        "probability below 50 %; not used for feet, exercise, times or distances.",
    ),
    (
        "Confidence",
        "the probability that a push-off is at most one frame away from the frame shown. 'One "
        "frame' means a frame of the test videos (1/30 of a second). Sure: at least 95 %. Likely: "
        "at least 75 %. Unsure: less.",
    ),
)
"""(term, meaning)"""


def confidence_text(probability: float) -> str:
    """`sure (97 %)`"""
    return f"{confidence_word(probability)} ({percent(probability)})"


def percent(probability: float) -> str:
    """`97 %`; never 100 % or 0 %, which no detector can promise."""
    return f"{min(max(round(100 * probability), 1), 99)}{NO_BREAK_SPACE}%"


def format_uncertain(value: float | None, error: float | None, unit: str) -> str:
    """`2.41 ± 0.08 m`: as many digits as are significant at one standard deviation `error`."""
    if value is None or error is None:
        return "unknown"
    power = math.floor(math.log10(error)) if error > 0 else -3
    digits = min(max(-power + (error < 2 * 10.0**power), 0), 3)  # 0.17, but 0.2 and not 0.23
    words = (f"{value:.{digits}f}", "±", f"{error:.{digits}f}", unit)
    return NO_BREAK_SPACE.join(words).rstrip()
