"""Fits a sequence head on labelled videos, all of them; not calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pushoff.errors import TooFewLabels
from pushoff.events.spotting import SpottingConfig
from pushoff.learning.heads.fit_head import HeadConfig, TrainingExample, fit_head
from pushoff.learning.model.prior_shift import training_priors
from pushoff.learning.model.sequence_head import SequenceHead, SequenceSettings
from pushoff.learning.model.temporal_head import head_shape

DEFAULT_SPREAD_MS = 12.0
"""Standard deviation of an event's time before it is measured: annotators differ by 5 to 15 ms."""


@dataclass(frozen=True)
class SequenceConfig:
    """Which temporal heads a sequence head has and how they are fitted."""

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
    rules_weight: float = 0.5
    """See `SequenceSettings.rules_weight`."""
    prior_share: float = 0.85
    """A video is adjusted to at least this share of the training videos' push-off and contact, see
    `pushoff.learning.model.prior_shift`; 0 adjusts nothing."""


def fit_sequence_head(
    examples: Sequence[TrainingExample], config: SequenceConfig, seed: int = 1
) -> SequenceHead:
    """A sequence head fitted on all `examples`. Raises TooFewLabels, ModelRefused."""
    targets = [example.targets for example in examples]
    if not any(part.events for part in targets):
        raise TooFewLabels(
            f"No push-off is labelled in the {len(examples)} videos.",
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
    settings = SequenceSettings(
        width=config.width,
        dilations=config.dilations,
        head_views=config.views,
        priors=training_priors(examples, config.prior_share if has_flights else 0.0),
        spotting=config.spotting if has_flights else replace(config.spotting, decoder="peaks"),
        spread_ms=DEFAULT_SPREAD_MS,
        knows_approach=any((part.approach == 1).any() for part in targets)
        and any((part.approach == 0).any() for part in targets),
        rules_weight=config.rules_weight,
    )
    return SequenceHead(heads, settings)
