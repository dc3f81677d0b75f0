"""From videos with known push-offs to an event model, and what it is worth on videos it never saw.

Read from top to bottom: fit, hold out in turn, learn offset and confidence from what was held out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.matching import match, scored_events, tolerances, within_complete_range
from pushoff.events.scoring import EventScore, score_clips
from pushoff.events.spotting import SpottingConfig
from pushoff.events.values import Foot, PushOffEvent
from pushoff.learning.event.feature_extractor import FeatureExtractor
from pushoff.learning.event.fit_head import HeadConfig, TrainingExample, fit_head
from pushoff.learning.event.model import Confidence, EventModel, EventModelSettings
from pushoff.learning.event.out_of_distribution import fit_novelty_detector
from pushoff.learning.event.prior_shift import training_priors
from pushoff.learning.event.temporal_head import head_shape
from pushoff.util.progress import OnProgress, Progress, ignore_progress

FOLDS = 6
"""Parts that are held out in turn when a model is made; `make results` leaves out single clips."""
_SPREAD_MS = 12.0
"""An event's spread before anything was measured: annotators differ by 5 to 15 ms."""


@dataclass(frozen=True, eq=False)
class LabelledVideo:
    """A lesson whose events are known, so it can also be held out and scored."""

    name: str
    group: str
    """Videos of one group (athlete) are never on both sides."""
    lesson: TrainingExample
    truth: GroundTruth | None
    """None for videos known only by single labelled frames: learnt from, never scored."""
    footage: str = "real"
    """`real` or `synthetic`."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a spotter is made; a baseline is another recipe."""

    views: tuple[str, ...] = (
        "colours",
        "colours",
        "colours-low",
        "motion",
        "motion-low",
        "rise",
    )
    """The view of each head. Colours tell the exact frame, motion and the trunk's rise carry over
    to other places; the lower parts help with both and need fewer videos
    (docs/benchmarks.md, "Push-off events")."""
    width: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    fit: HeadConfig = field(default_factory=HeadConfig)
    spotting: SpottingConfig = field(default_factory=SpottingConfig)
    least_share: float = 0.85
    """A video is read as having at least this much of the training videos' usual share of contact
    and push-off, see `pushoff.learning.event.prior_shift`; 0 reads it as it is."""


def fit_event_model(
    trunk: FeatureExtractor, videos: Sequence[LabelledVideo], recipe: TrainingConfig, seed: int = 1
) -> EventModel:
    """A spotter that learnt from all of `videos`, with neutral confidence. Raises TooFewLabels."""
    lessons = [video.lesson for video in videos]
    if not any(lesson.targets.events for lesson in lessons):
        raise TooFewLabels(f"no push-off is known in the {len(videos)} videos: label some first")
    shapes = [head_shape(view, recipe.width, recipe.dilations) for view in recipe.views]
    heads = [
        fit_head(lessons, view, seed + number, recipe.fit, shapes[number])
        for number, view in enumerate(recipe.views)
    ]
    # single labelled frames say nothing of flights: a path through contacts and flights needs both
    flights = any((lesson.targets.contact == 0).any() for lesson in lessons)
    spotting = recipe.spotting if flights else replace(recipe.spotting, decoder="peaks")
    settings = EventModelSettings(
        width=recipe.width,
        dilations=recipe.dilations,
        heads=recipe.views,
        least_shares=training_priors(lessons, recipe.least_share if flights else 0.0),
        spotting=spotting,
        confidence=Confidence(),
        spread_ms=_SPREAD_MS,
        knows_approach=any((lesson.targets.approach == 1).any() for lesson in lessons)
        and any((lesson.targets.approach == 0).any() for lesson in lessons),
        trained_on=tuple(sorted(video.lesson.video.sha256[:16] for video in videos)),
        held_out={},
    )
    return EventModel(trunk, heads, settings)


def group_near_duplicates(videos: Sequence[LabelledVideo]) -> list[LabelledVideo]:
    """The videos, groups that share a video made one: a copy under another name is no fresh proof."""
    first: dict[str, str] = {}
    merged: dict[str, str] = {}

    def group_of(group: str) -> str:
        while group in merged:
            group = merged[group]
        return group

    for video in videos:
        here = group_of(video.group)
        there = group_of(first.setdefault(video.lesson.video.sha256, video.group))
        if here != there:
            merged[here] = there
    return [replace(video, group=group_of(video.group)) for video in videos]


def without_near_duplicates(
    videos: Sequence[LabelledVideo], of: Sequence[LabelledVideo]
) -> list[LabelledVideo]:
    """The videos that are not among `of` under any name, by SHA-256."""
    left_out = {video.lesson.video.sha256 for video in of}
    return [video for video in videos if video.lesson.video.sha256 not in left_out]


def folds_of(videos: Sequence[LabelledVideo], count: int | None) -> list[list[str]]:
    """Groups held out together: at most `count` parts (None: each group alone), sizes balanced."""
    sizes: dict[str, int] = defaultdict(int)
    for video in videos:
        if video.truth:
            sizes[video.group] += len(video.truth.push_off_frames) + 1
    groups = sorted(sizes, key=lambda group: (-sizes[group], group))
    parts: list[list[str]] = [[] for _ in range(min(count or len(groups), len(groups)))]
    for group in groups:
        min(parts, key=lambda part: sum(sizes[one] for one in part)).append(group)
    return parts


def held_out_events(
    trunk: FeatureExtractor,
    videos: Sequence[LabelledVideo],
    recipe: TrainingConfig,
    *,
    parts: int | None = FOLDS,
    seed: int = 1,
    on_progress: OnProgress = ignore_progress,
) -> dict[str, list[PushOffEvent]]:
    """The events of every video with known events, each found by a model that never saw its group.

    Raises TooFewLabels when there are fewer than two groups.
    """
    folds = folds_of(videos, parts)
    if len(folds) < 2:
        raise TooFewLabels("videos of at least two athletes (or two videos) are needed to hold out")
    found: dict[str, list[PushOffEvent]] = {}
    for number, part in enumerate(folds, 1):
        on_progress(Progress("holding out", number, len(folds), "task"))
        spotter = fit_event_model(
            trunk, [one for one in videos if one.group not in part], recipe, seed
        )
        for video in videos:
            if video.group in part and video.truth:
                found[video.name] = spotter.events(video.lesson.video)
    return found


def train_and_evaluate(
    trunk: FeatureExtractor,
    videos: Sequence[LabelledVideo],
    recipe: TrainingConfig,
    *,
    tolerance_frames: int,
    seed: int = 1,
    on_progress: OnProgress = ignore_progress,
) -> tuple[EventModel, EventScore | None]:
    """A spotter from all videos, its offset, spread and confidence learnt on held-out ones.

    Where only one group has push-offs nothing can be held out; the score is then None.
    """
    truths = {video.name: video.truth for video in videos if video.truth}
    on_progress(Progress("fitting", 0, 1, "task"))
    spotter = fit_event_model(trunk, videos, recipe, seed)
    spotter.familiar = fit_novelty_detector([(video.group, video.lesson.video) for video in videos])
    teaching = {video.group for video in videos if video.lesson.targets.events}
    if len(folds_of(videos, FOLDS)) < 2 or len(teaching) < 2:
        return spotter, None
    found = held_out_events(trunk, videos, recipe, seed=seed, on_progress=on_progress)
    offset_ms, spread_ms = timing(found, truths)
    shifted = replace(spotter.settings.spotting, offset_ms=offset_ms)
    confidence = fit_confidence(found, truths, tolerance_frames)
    score = score_clips(corrected(found), truths, tolerance_frames)
    settings = replace(
        spotter.settings,
        spotting=shifted,
        confidence=confidence,
        spread_ms=spread_ms,
        held_out=score.as_dict(),
    )
    return EventModel(trunk, spotter.heads, settings, spotter.familiar), score


def corrected(found: Mapping[str, Sequence[PushOffEvent]]) -> dict[str, list[PushOffEvent]]:
    """The events with the feet that the whole sequence says, as a report shows them."""
    answer = {}
    for name, events in found.items():
        feet = classify_sequence(events).feet
        answer[name] = [_with_foot(*one) for one in zip(events, feet, strict=True)]
    return answer


def _with_foot(event: PushOffEvent, foot: Foot | None) -> PushOffEvent:
    if foot is None or foot is event.foot:
        return event
    sure = max(event.left_probability, 1 - event.left_probability, 0.51)
    return replace(event, left_probability=sure if foot is Foot.LEFT else 1 - sure)


def timing(
    found: Mapping[str, Sequence[PushOffEvent]], truths: Mapping[str, GroundTruth]
) -> tuple[float, float]:
    """(offset, spread) in ms of pairs within 33 ms or a frame, of videos whose rate is known.

    The offset is what must be added: minus the median signed error, so that a few wrong ones
    do not move it. Few pairs pull both to their neutral values.
    """
    errors = []
    for name, truth in truths.items():
        if not truth.capture_known:
            continue
        frames = [event.frame for event in found.get(name, ())]
        reach = max(round(0.034 * truth.capture_fps), 1)
        for i, j in match(frames, truth.push_off_frames, reach).pairs:
            errors.append((frames[i] - truth.push_off_frames[j]) * 1000 / truth.capture_fps)
    if not errors:
        return 0.0, _SPREAD_MS
    weight = len(errors) / (len(errors) + 10)
    spread = float(np.sqrt(weight * np.var(errors) + (1 - weight) * _SPREAD_MS**2))
    return -weight * float(np.median(errors)), spread


def fit_confidence(
    found: Mapping[str, Sequence[PushOffEvent]], truths: Mapping[str, GroundTruth], tolerance: int
) -> Confidence:
    """A logistic curve from an event's clearness to being right, by penalised Newton steps.

    Ten made-up events at the neutral curve keep a few real ones from making it steep.
    """
    clear, right = [], []
    for name, truth in truths.items():
        events = scored_events(found.get(name, ()), truth, tolerance, own_uncertainty=True)
        known = within_complete_range(truth)
        reach = tolerances(known, tolerance, own_uncertainty=True)
        hits = match([event.frame for event in events], known.push_off_frames, reach).pairs
        matched = {i for i, _ in hits}
        clear += [event.probability for event in events]
        right += [float(i in matched) for i in range(len(events))]
    if not clear:
        return Confidence()
    p = np.clip(clear, 1e-3, 1 - 1e-3)
    x = np.stack([np.log(p / (1 - p)), np.ones(len(p))], axis=1)
    y, neutral = np.array(right), np.array([1.0, 0.0])
    weights = neutral.copy()
    for _ in range(50):
        q = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - q) - 2.0 * (weights - neutral)
        curvature = (x * (q * (1 - q))[:, None]).T @ x + 2.0 * np.eye(2)
        weights = weights + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    names = ", ".join(sorted(truths))
    footage = "/".join(sorted({truth.footage for truth in truths.values()}))
    return Confidence(float(max(weights[0], 0.05)), float(weights[1]), f"{footage}: {names}")
