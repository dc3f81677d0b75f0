"""Training of one event model on labelled videos, all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pushoff.errors import TooFewLabels
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.spotting import SpottingConfig
from pushoff.learning.evaluation.calibration import PlattScaling
from pushoff.learning.heads.fit_head import HeadConfig, TrainingExample, fit_head
from pushoff.learning.model.sequence_head import EventModel, EventModelSettings
from pushoff.learning.model.prior_shift import training_priors
from pushoff.learning.model.temporal_head import head_shape
from pushoff.learning.features.feature_extractor import FeatureExtractor

DEFAULT_SPREAD_MS = 12.0
"""Standard deviation of an event's time before it is measured: annotators differ by 5 to 15 ms."""


@dataclass(frozen=True, eq=False)
class LabelledVideo:
    """A training example that can also be held out and scored."""

    name: str
    split_group: str
    """Videos of one group (athlete) are never in both training and test."""
    example: TrainingExample
    truth: GroundTruth | None
    """None for videos with single labelled frames: trained on, never scored."""
    footage: str = "real"
    """`real` or `synthetic`."""


@dataclass(frozen=True)
class TrainingConfig:
    """Which heads an event model has and how they are trained."""

    views: tuple[str, ...] = (
        "colours",
        "colours",
        "colours-low",
        "motion",
        "motion-low",
        "rise",
    )
    """The view of each head. Colours tell the exact frame, motion and the trunk's rise transfer to
    other places; the lower parts improve both and need fewer videos
    (docs/benchmarks.md, "Push-off events")."""
    width: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    fit: HeadConfig = field(default_factory=HeadConfig)
    spotting: SpottingConfig = field(default_factory=SpottingConfig)
    prior_share: float = 0.85
    """A video is adjusted to at least this share of the training videos' push-off and contact, see
    `pushoff.learning.model.prior_shift`; 0 adjusts nothing."""


def fit_event_model(
    extractor: FeatureExtractor,
    videos: Sequence[LabelledVideo],
    config: TrainingConfig,
    seed: int = 1,
) -> EventModel:
    """An event model trained on all `videos`, not calibrated. Raises TooFewLabels."""
    examples = [video.example for video in videos]
    targets = [example.targets for example in examples]
    if not any(part.events for part in targets):
        raise TooFewLabels(
            f"No push-off is labelled in the {len(videos)} videos.",
            code="no_push_off",
            remedy="Label some first.",
        )
    heads = [
        fit_head(
            examples,
            view,
            seed + number,
            config.fit,
            head_shape(view, config.width, config.dilations),
        )
        for number, view in enumerate(config.views)
    ]
    # single labelled frames say nothing of flights: a path through contacts and flights needs both
    has_flights = any((part.contact == 0).any() for part in targets)
    settings = EventModelSettings(
        width=config.width,
        dilations=config.dilations,
        head_views=config.views,
        priors=training_priors(examples, config.prior_share if has_flights else 0.0),
        spotting=config.spotting if has_flights else replace(config.spotting, decoder="peaks"),
        confidence=PlattScaling(),
        spread_ms=DEFAULT_SPREAD_MS,
        knows_approach=any((part.approach == 1).any() for part in targets)
        and any((part.approach == 0).any() for part in targets),
        trained_on=tuple(sorted(example.features.sha256[:16] for example in examples)),
        held_out={},
    )
    return EventModel(extractor, heads, settings)
