"""What is known of a project's labels, and what it says to a person."""

from dataclasses import dataclass

from pushoff.active.label_quality.agreement import Agreement
from pushoff.active.label_quality.automation_bias import Answers, AutomationBias
from pushoff.active.label_quality.bootstrap import Estimate
from pushoff.active.label_quality.stopping import StopHint

BIASED = 0.05
"""Agreement gained by seeing the suggestion from which it is called a bias, when the interval
leaves out 0: one label in twenty."""


@dataclass(frozen=True)
class SuspectedTask:
    """One task of Label Studio whose label is probably wrong."""

    task_id: int
    label: str
    """As people gave it: `push_off` or `not_push_off`."""
    probability: float
    """Of the other label."""
    reason: str
    last_word: str
    """When somebody last spoke of it, as Label Studio wrote it."""


@dataclass(frozen=True)
class CurvePoint:
    """Held-out F1 with so many labels."""

    labels: int
    f1: Estimate


@dataclass(frozen=True)
class LabelQualityReport:
    """One look at one project."""

    project_id: int
    at: str
    """ISO 8601, UTC."""
    export_sha256: str
    """The labels it speaks of."""
    labels: int
    push_offs: int
    accepted: int
    """Labels that are suggestions accepted as they were."""
    sessions: int
    agreement: Agreement
    bias: AutomationBias
    suspects: tuple[SuspectedTask, ...]
    """The most suspicious first; those in the review tab of Label Studio."""
    suspected: int
    """All that are suspected, listed or not."""
    settled: tuple[int, ...]
    """Tasks somebody spoke of again after they were suspected: they are not asked about again."""
    unchecked: str
    """Why labels could not be checked one by the other; empty when they were."""
    curve: tuple[CurvePoint, ...]
    """Empty where it is too early."""
    gain: Estimate | None
    """Expected of the next hundred labels."""
    hint: StopHint
    footage: str
    """`real`, `synthetic` or `mixed`."""
    drawn: int = 0
    """Labels of frames that the dice chose, not the strategy."""
    drawn_push_offs: Estimate | None = None
    """Share of push_off among those: a fair estimate for the frames they were drawn from."""


def to_sentences(one: LabelQualityReport) -> list[tuple[str, str]]:
    """(subject, what is to be said of it) in plain words, in the order a person reads them."""
    return [
        ("labels", _labels(one)),
        ("agreement", _agreement(one.agreement)),
        ("suspected errors", _suspects(one)),
        ("suggestions", _bias(one.bias)),
        ("learning curve", _curve(one)),
        ("stop?", one.hint.reason),
    ]


def interval(one: Estimate, digits: int = 2) -> str:
    """`0.81 (0.74 to 0.88)`, or the number alone where there is no interval."""
    value = f"{one.value:.{digits}f}"
    return value if one.low is None else f"{value} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def _labels(one: LabelQualityReport) -> str:
    said = (
        f"{one.labels} {one.footage} frames of {_count(one.sessions, 'session')} have a label, "
        f"{one.push_offs} of them push_off. {one.accepted} are suggestions accepted as they were."
    )
    if one.drawn_push_offs:
        said += (
            f" Of {one.drawn} frames drawn at random a share of {interval(one.drawn_push_offs)} is "
            "push_off: what is to be expected of the frames that are still open."
        )
    return said


def _agreement(one: Agreement) -> str:
    if not one.annotators:
        return "Not known: no frame has a person's label of its own."
    if one.annotators < 2:
        return "Nobody knows: one person has labelled everything. Let a second label some of it."
    shared = f"{_count(one.annotators, 'person')} share {_count(one.shared_tasks, 'frame')}"
    if one.alpha is None:
        return f"{shared}: too few, or all of one class. Let two people label the same frames."
    said = f"{shared}; Krippendorff's alpha is {interval(one.alpha)}, where 1 is full agreement"
    pairs = [
        f"annotators {pair.annotators[0]} and {pair.annotators[1]} agree on {pair.share:.0%} of "
        f"{pair.tasks}" + (f", kappa {interval(pair.kappa)}" if pair.kappa else "")
        for pair in one.pairs
    ]
    return "; ".join([f"{said} and 0 what chance gives", *pairs]) + "."


def _suspects(one: LabelQualityReport) -> str:
    if one.unchecked:
        return f"Not looked for: {one.unchecked}"
    if not one.suspected:
        return "None: no label is contradicted by models that never saw its video."
    listed = (
        "all of them" if len(one.suspects) == one.suspected else f"the worst {len(one.suspects)}"
    )
    are = "is" if one.suspected == 1 else "are"
    return (
        f"{_count(one.suspected, 'label')} {are} contradicted by models that never saw the video; "
        f'{listed} in the tab "Review: suspected errors" of Label Studio. Some of them are right: '
        "submit those again as they are, and they are not asked about again."
    )


def _bias(one: AutomationBias) -> str:
    shown, blind = one.shown, one.blind
    seen = f"With the suggestion in sight {_agrees(shown)}"
    if one.difference is None:
        return (
            f"{seen}; blind {_agrees(blind)}. Too few of either kind to say what the suggestion "
            "does to people."
        )
    said = f"{seen}; blind {_agrees(blind)}; difference {interval(one.difference)}"
    if one.seconds_saved:
        said += f"; a suggestion saves {interval(one.seconds_saved, 1)} s a label"
    low = one.difference.low
    if low is not None and low > 0 and one.difference.value >= BIASED:
        return f"{said}. People follow the suggestion: ask more of them blind, or count it less."
    return f"{said}. No sign that people follow the suggestion against their eyes."


def _agrees(one: Answers) -> str:
    said = f"{_count(one.labels, 'label')}"
    if one.agreement:
        said += f" {'agrees' if one.labels == 1 else 'agree'} {interval(one.agreement)} of the time"
    if one.seconds:
        said += f", {interval(one.seconds, 1)} s each"
    return said


def _curve(one: LabelQualityReport) -> str:
    if not one.curve:
        return "None yet."
    points = ", ".join(f"{point.f1.value:.3f} with {point.labels}" for point in one.curve)
    return (
        f"Held-out F1 of heads on kept features: {points} labels, the last "
        f"{interval(one.curve[-1].f1, 3)}."
    )


def _count(number: int, what: str) -> str:
    plural = "people" if what == "person" else f"{what}s"
    return f"{number} {what if number == 1 else plural}"
