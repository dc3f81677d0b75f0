"""The label quality report of a project, and its sentences."""

from dataclasses import dataclass

from pushoff.active.label_quality.agreement import Agreement
from pushoff.active.label_quality.automation_bias import Answers, AutomationBias
from pushoff.active.label_quality.bootstrap import Estimate
from pushoff.active.label_quality.stopping import StopHint
from pushoff.util.plurals import count_noun

BIASED = 0.05
"""Gain of agreement by seeing the suggestion that counts as automation bias, when its interval
excludes 0: one label in twenty."""


@dataclass(frozen=True)
class SuspectedTask:
    """One task of Label Studio whose label is probably wrong."""

    task_id: int
    label: str
    """As the annotator gave it: `push_off` or `not_push_off`."""
    probability: float
    """Of the other label."""
    reason: str
    annotated_at: str
    """Time of the latest annotation, as Label Studio wrote it."""


@dataclass(frozen=True)
class CurvePoint:
    """Held-out F1 with a number of labels."""

    labels: int
    f1: Estimate


@dataclass(frozen=True)
class LabelQualityReport:
    """The quality of one project's labels at one time."""

    project_id: int
    at: str
    """ISO 8601, UTC."""
    export_sha256: str
    """Digest of the export it was computed from."""
    labels: int
    push_offs: int
    accepted: int
    """Labels that are suggestions submitted unchanged."""
    videos: int
    agreement: Agreement
    bias: AutomationBias
    suspects: tuple[SuspectedTask, ...]
    """The most suspicious first; those in the review tab of Label Studio."""
    suspected: int
    """Number of all suspected labels, listed or not."""
    reviewed: tuple[int, ...]
    """Tasks annotated again after they were suspected: they are not listed again."""
    skipped_reason: str
    """Why label errors were not searched for; empty when they were."""
    curve: tuple[CurvePoint, ...]
    """Empty before there are enough labels."""
    gain: Estimate | None
    """Predicted F1 gain of the next hundred labels."""
    hint: StopHint
    footage: str
    """`real`, `synthetic` or `mixed`."""
    random_sample_size: int = 0
    """Labels of frames that were sampled at random, not chosen by the strategy."""
    random_sample_rate: Estimate | None = None
    """Share of push_off among those: unbiased for the frames they were sampled from."""


def to_sentences(report: LabelQualityReport) -> list[tuple[str, str]]:
    """(subject, sentence) pairs, in the order a person reads them."""
    return [
        ("labels", _labels(report)),
        ("agreement", _agreement(report.agreement)),
        ("suspected errors", _suspects(report)),
        ("suggestions", _bias(report.bias)),
        ("learning curve", _curve(report)),
        ("enough labels?", report.hint.reason),
    ]


def format_estimate(estimate: Estimate, digits: int = 2) -> str:
    """`0.81 (0.74 to 0.88)`, or the number alone without an interval."""
    value = f"{estimate.value:.{digits}f}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _labels(report: LabelQualityReport) -> str:
    videos = count_noun(report.videos, "video")
    text = (
        f"{report.labels} {report.footage} frames of {videos} are labelled, {report.push_offs} "
        f"of them push_off. {report.accepted} are suggestions accepted unchanged."
    )
    if report.random_sample_rate:
        text += (
            f" Of {report.random_sample_size} randomly sampled frames "
            f"{format_estimate(report.random_sample_rate)} are push_off: expect the same share "
            "among the unlabelled frames."
        )
    return text


def _agreement(agreement: Agreement) -> str:
    if not agreement.annotators:
        return "Unknown: no annotator has labelled a frame."
    if agreement.annotators < 2:
        return "Unknown: only one annotator so far. Ask a second one to label some of the frames."
    shared = (
        f"{agreement.annotators} annotators have labelled {agreement.shared_tasks} of the same "
        f"frame{'' if agreement.shared_tasks == 1 else 's'}"
    )
    if agreement.alpha is None:
        return (
            f"{shared}: too few, or all of one class. Ask two annotators to label the same frames."
        )
    alpha = format_estimate(agreement.alpha)
    overall = f"{shared}; Krippendorff's alpha is {alpha} (1: full agreement, 0: chance)"
    pairs = [
        f"annotators {pair.annotators[0]} and {pair.annotators[1]} agree on "
        f"{100 * pair.share:.0f} % of {count_noun(pair.tasks, 'frame')}"
        + (f", kappa {format_estimate(pair.kappa)}" if pair.kappa else "")
        for pair in agreement.pairs
    ]
    return "; ".join([overall, *pairs]) + "."


def _suspects(report: LabelQualityReport) -> str:
    if report.skipped_reason:
        return f"Not checked: {report.skipped_reason}"
    if not report.suspected:
        return "None. Models trained on other videos agree with every label."
    all_listed = len(report.suspects) == report.suspected
    listed = "all of them" if all_listed else f"the worst {len(report.suspects)}"
    verb = "is" if report.suspected == 1 else "are"
    return (
        f"{count_noun(report.suspected, 'label')} {verb} contradicted by models trained without "
        f'the video; {listed} in the tab "Review: suspected errors" of Label Studio. Some of these '
        "labels are correct. Once a task is reviewed (changed or confirmed), it disappears from "
        "the list."
    )


def _bias(bias: AutomationBias) -> str:
    text = f"Suggestion shown: {_agrees(bias.shown)}; blind: {_agrees(bias.blind)}"
    if bias.difference is None:
        return f"{text}. Too few of either kind to measure automation bias."
    text += f"; difference {format_estimate(bias.difference)}"
    if bias.seconds_saved:
        text += f"; a suggestion saves {format_estimate(bias.seconds_saved, 1)} s per label"
    low = bias.difference.low
    if low is not None and low > 0 and bias.difference.value >= BIASED:
        return (
            f"{text}. Annotators follow suggestions too readily (automation bias). An admin can "
            "hide more suggestions, or let accepted ones count less."
        )
    return f"{text}. No sign of automation bias."


def _agrees(answers: Answers) -> str:
    text = count_noun(answers.labels, "label")
    if answers.agreement:
        text += f", agreement with the model {format_estimate(answers.agreement)}"
    if answers.seconds:
        text += f", {format_estimate(answers.seconds, 1)} s each"
    return text


def _curve(report: LabelQualityReport) -> str:
    if not report.curve:
        return "None yet."
    points = ", ".join(
        f"{point.f1.value:.3f} with {count_noun(point.labels, 'label')}" for point in report.curve
    )
    return (
        f"F1 on held-out videos by number of labels: {points}; latest value: "
        f"{format_estimate(report.curve[-1].f1, 3)}."
    )
