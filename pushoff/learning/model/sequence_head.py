"""The sequence head: temporal heads and a decoder find the push-offs of a whole video.

Door: torch.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from pushoff.errors import ModelRefused
from pushoff.events.ground_truth import push_off_mask
from pushoff.events.spotting import FrameScores, SpottingConfig, spot_events
from pushoff.events.values import Direction, Foot, PushOffEvent
from pushoff.learning.evaluation.calibration import PlattScaling
from pushoff.learning.evaluation.frame_calibration import FrameCalibration
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.learning.model.mixture import mix, weight_of_rules
from pushoff.learning.model.prior_shift import ADJUSTED_OUTPUTS, adjust_to_prior
from pushoff.learning.model.rule_logits import find_contacts, rule_logits
from pushoff.learning.model.temporal_head import OUTPUTS, TemporalHead

MAX_LOGIT = 9.2
"""Logits of one head are clipped here, 1 in 10,000: one certain head must not outvote the rest."""


@dataclass(frozen=True)
class SequenceSettings:
    """Everything of a sequence head that is not a tensor; stored inside the weights file."""

    width: int
    """Of every temporal head, see HeadShape."""
    dilations: tuple[int, ...]
    """Of every temporal head, see HeadShape."""
    head_views: tuple[str, ...]
    """The view each temporal head sees."""
    priors: tuple[float, float]
    """Least shares of push-off and of contact among the frames with an athlete."""
    spotting: SpottingConfig
    spread_ms: float
    """One standard deviation of an event's time, measured on held-out videos."""
    knows_approach: bool
    """Whether the training videos labelled running steps apart from the drill's."""
    rules_weight: float = 0.0
    """Least weight of the pose rules' logits, 0 to 1, against the mean of the temporal heads'; see
    `mixture.weight_of_rules`. 0: the rules are not asked."""
    confidence: PlattScaling = field(default_factory=PlattScaling)
    """From an event's score to the probability that it is right."""
    frame_calibration: FrameCalibration = field(default_factory=FrameCalibration)
    """From a frame's score to the probability that it is push_off."""


@dataclass(frozen=True, eq=False)
class VideoPrediction:
    """What a sequence head finds in a video of N frames."""

    scores: FrameScores
    events: tuple[PushOffEvent, ...]
    """In time order, with calibrated probabilities and the athlete's own feet."""
    suggested: np.ndarray
    """(N,) bool: the frame is at the end of a contact that was found, so push_off is suggested."""
    probabilities: np.ndarray
    """(N,) calibrated probability that the frame is push_off."""


class SequenceHead:
    """Finds push-offs in a video's features. Safe to use from several threads."""

    def __init__(self, heads: Sequence[TemporalHead], settings: SequenceSettings) -> None:
        """`heads`: one for each of `settings.head_views`, in that order."""
        self.settings = settings
        self.heads = [head.eval() for head in heads]

    def predict(self, features: VideoFeatures) -> VideoPrediction:
        """Everything at once. Raises ModelRefused when a probability is not finite."""
        scores = self.score_frames(features)
        events = tuple(self.find_events(features, scores))
        suggested = push_off_mask(features.times_s, [event.frame for event in events])
        return VideoPrediction(
            scores=scores,
            events=events,
            suggested=suggested,
            probabilities=self.settings.frame_calibration.apply(scores.push_off, suggested),
        )

    def score_frames(self, features: VideoFeatures) -> FrameScores:
        """The probabilities of every frame. Raises ModelRefused when they are not finite.

        They are those of the heads' mean logits over every augmentation of the video, mixed with
        the pose rules' and adjusted to the training prior. A video at 240/s is scored as eight
        interleaved ones at 30/s.
        """
        logits = mean_logits(self.heads, self.settings.head_views, features)
        contacts = find_contacts(features) if self.settings.rules_weight else []
        rules = rule_logits(features, contacts)
        if rules is not None:
            alone = spot_events(self._scores(logits, features), self.settings.spotting)
            weight = weight_of_rules(
                self.settings.rules_weight,
                [event.frame for event in alone],
                [contact.push_off.frame for contact in contacts],
                features.step,
            )
            logits = mix(logits, rules, weight, features.step)
        return self._scores(logits, features)

    def _scores(self, logits: np.ndarray, features: VideoFeatures) -> FrameScores:
        """The probabilities of (N, 4) logits, adjusted to the training prior."""
        priors = dict(zip(ADJUSTED_OUTPUTS, self.settings.priors, strict=True))
        curves = {
            name: adjust_to_prior(logits[:, number], features.athlete, priors.get(name, 0.0))
            for number, name in enumerate(OUTPUTS)
        }
        return FrameScores(
            times_s=features.times_s, athlete=features.athlete, step=features.step, **curves
        )

    def find_events(
        self, features: VideoFeatures, scores: FrameScores | None = None
    ) -> list[PushOffEvent]:
        """The push-offs in time order, with calibrated probabilities and the athlete's own feet.

        `scores` are those of `score_frames` where they are known already.
        """
        scores = scores or self.score_frames(features)
        events = spot_events(scores, self.settings.spotting)
        return [self._calibrated(event, features, scores) for event in events]

    def _calibrated(
        self, event: PushOffEvent, features: VideoFeatures, scores: FrameScores
    ) -> PushOffEvent:
        settings = self.settings
        spread_frames = settings.spread_ms / 1000 / scores.interval_s
        return dataclasses.replace(
            event,
            probability=settings.confidence.apply(event.probability),
            left_probability=left_probability(event.left_probability, features.direction),
            approach_probability=event.approach_probability if settings.knows_approach else 0.0,
            uncertainty_frames=max(spread_frames, event.uncertainty_frames),
        )


def mean_logits(
    heads: Sequence[TemporalHead], views: Sequence[str], features: VideoFeatures
) -> np.ndarray:
    """(N, 4) clipped logits in the order of OUTPUTS, averaged over heads and augmentations.

    Raises ModelRefused when they are not finite.
    """
    count, step = len(features.times_s), features.step
    total = np.zeros((count, len(OUTPUTS)))
    with torch.inference_mode():
        for arrays in features.views.values():
            for head, view in zip(heads, views, strict=True):
                inputs = torch.from_numpy(arrays[view].astype(np.float32))  # (N, D)
                for phase in range(min(step, count)):
                    logits = head(inputs[None, phase::step])[0]  # (N / step, 4)
                    total[phase::step] += logits.double().clamp(-MAX_LOGIT, MAX_LOGIT).numpy()
    total /= max(len(heads) * len(features.views), 1)
    if not np.isfinite(total).all():
        raise ModelRefused("The model returns NaN or infinite values: its weights are damaged.")
    return total


def left_probability(near: float, direction: Direction | None) -> float:
    """Probability of the left foot, given that of the near one; 0.5 without a direction.

    An athlete who moves to the viewer's right shows the right side. A mirrored video says the
    opposite.
    """
    if direction is None:
        return 0.5
    return near if direction.near_foot is Foot.LEFT else 1 - near
