"""Fits sequence heads on labelled videos; not calibrated."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pushoff.errors import TooFewLabels
from pushoff.events.spotting import SpottingConfig
from pushoff.learning.evaluation.push_off_blocks import MAX_GAP_FRAMES
from pushoff.learning.heads.fit_head import HeadPlan, fit_heads
from pushoff.learning.heads.head_config import HeadConfig
from pushoff.learning.heads.targets import TrainingExample
from pushoff.learning.model.prior_shift import training_priors
from pushoff.learning.model.sequence_head import SequenceHead, SequenceSettings
from pushoff.learning.model.temporal_head import head_shape
from pushoff.learning.thread_pool import thread_pool

DEFAULT_SPREAD_MS = 12.0
"""Standard deviation of an event's time before it is measured: annotators differ by 5 to 15 ms."""


ASSUMED_CONTACT_WEIGHT = 0.5
"""`SpottingConfig.contact_weight` where contacts are the pose rules'. Of 0.25, 0.5 and 1 the one
with the best F1 within one frame on three kinds of shared clips, so slightly optimistic there."""
MOST_RULES, LEAST_RULES, RULES_FADE = 0.65, 0.5, 0.005
"""Weight of the pose rules without labels, with many, and how much less for each push-off that is
labelled. Of 0.2, 0.35, 0.5, 0.65 and 0.8, 0.65 was best within one frame with 7 and 22 labelled
push-offs, and 0.35 to 0.5 with 39 to 85; on runners to the left 0.35 was worse (F1 within one frame
0.75 against 0.96). Chosen on shared clips, so slightly optimistic there."""


def rules_weight(push_offs: int) -> float:
    """The weight of the pose rules in a head fitted on so many labelled push-offs."""
    return max(LEAST_RULES, MOST_RULES - RULES_FADE * push_offs)


def count_push_offs(frames: Sequence[int]) -> int:
    """How many push-offs ascending push_off frames are: at 240/s one has three of them."""
    return sum(
        frame - previous > MAX_GAP_FRAMES
        for previous, frame in pairwise((-MAX_GAP_FRAMES - 1, *frames))
    )


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
    prior_share: float = 0.85
    """A video is adjusted to at least this share of the training videos' push-off and contact, see
    `pushoff.learning.model.prior_shift`; 0 adjusts nothing."""


def fit_sequence_head(
    examples: Sequence[TrainingExample],
    config: SequenceConfig,
    seed: int = 1,
    *,
    contacts_marked: bool = True,
) -> SequenceHead:
    """A sequence head fitted on all `examples`, as `fit_sequence_heads` does."""
    with thread_pool() as pool:
        [head] = fit_sequence_heads([examples], config, seed, pool, contacts_marked=contacts_marked)
    return head


def fit_sequence_heads(
    rounds: Sequence[Sequence[TrainingExample]],
    config: SequenceConfig,
    seed: int,
    pool: ThreadPoolExecutor,
    *,
    contacts_marked: bool,
) -> Iterator[SequenceHead]:
    """A sequence head fitted on all examples of each round, round by round, in a `thread_pool`.

    All rounds are begun at once; what is fitted beside a head changes it by rounding errors only.
    `contacts_marked`: people marked touch-downs in some of the videos; else contacts are what the
    pose rules say. Raises TooFewLabels, ModelRefused.
    """
    for examples in rounds:
        if not any(example.targets.events for example in examples):
            raise TooFewLabels(
                f"No push-off is labelled in the {len(examples)} videos.",
                code="no_push_off",
                remedy="Label some first.",
            )
    heads = fit_heads(rounds, head_plans(config, seed), config.fit, pool)
    settings = [_settings(examples, config, contacts_marked) for examples in rounds]
    return map(SequenceHead, heads, settings)


def head_plans(config: SequenceConfig, seed: int) -> list[HeadPlan]:
    """The temporal heads of a sequence head, each with a seed of its own."""
    return [
        HeadPlan(view, head_shape(view, config.width, config.dilations), seed + number)
        for number, view in enumerate(config.views)
    ]


def _settings(
    examples: Sequence[TrainingExample], config: SequenceConfig, contacts_marked: bool
) -> SequenceSettings:
    targets = [example.targets for example in examples]
    # single labelled frames say nothing of flights: a path through contacts and flights needs both
    has_flights = any((part.contact == 0).any() for part in targets)
    weight = 1.0 if contacts_marked else ASSUMED_CONTACT_WEIGHT
    spotting = replace(config.spotting, contact_weight=weight)
    return SequenceSettings(
        width=config.width,
        dilations=config.dilations,
        head_views=config.views,
        priors=training_priors(examples, config.prior_share if has_flights else 0.0),
        spotting=spotting if has_flights else replace(spotting, decoder="peaks"),
        spread_ms=DEFAULT_SPREAD_MS,
        knows_approach=any((part.approach == 1).any() for part in targets)
        and any((part.approach == 0).any() for part in targets),
        rules_weight=rules_weight(sum(count_push_offs(part.events) for part in targets)),
    )
