"""Predicted push-offs against true ones, scored as usual in event spotting.

Events are matched one to one within a tolerance in frames; precision, recall and F1 count over all
clips. Average precision ranks the predictions by probability (as jhong93/spot does for mAP at a
tolerance). Frame accuracy is not computed: "never a push-off" would reach 97 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pushoff.events.drill.sequence import edit_distance
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.matching import match, scored_events, tolerances, within_complete_range
from pushoff.events.values import PushOffEvent

MAP_TOLERANCES = (0, 1, 2, 4)
"""Frames. At 240/s one frame is 4 ms, the tolerance of the 0.96 of Einfalt & Lienhart; two is the
tolerance reported first."""


@dataclass(frozen=True)
class ClipScore:
    """The score of one clip."""

    clip: str
    truth: int
    """Number of true events."""
    found: int
    """Number of predicted events."""
    matched: int
    """Number of pairs."""
    signed_errors_frames: tuple[int, ...]
    """Predicted minus true frame of each pair."""
    signed_errors_ms: tuple[float, ...]
    """The same in camera milliseconds; empty where the camera's rate is unknown."""
    feet_correct: int
    feet_known: int
    """Pairs whose true foot is known; an unknown predicted foot counts as wrong."""
    sequence_exact: bool
    """The predicted feet equal the true ones, in order and number."""
    edit_score: float
    """1 - edit distance / length of the longer sequence of feet (F3Set's edit score). An unknown
    true foot counts as the predicted foot of its pair."""

    @property
    def f1(self) -> float:
        """Of this clip alone; 1 without any true or predicted event."""
        total = self.truth + self.found
        return 2 * self.matched / total if total else 1.0


@dataclass(frozen=True)
class EventScore:
    """The score of a set of clips at one tolerance."""

    tolerance_frames: int
    clips: tuple[ClipScore, ...]
    average_precision: Mapping[int, float]
    """At each of MAP_TOLERANCES."""

    @property
    def truth(self) -> int:
        """Number of true events."""
        return sum(clip.truth for clip in self.clips)

    @property
    def found(self) -> int:
        """Number of predicted events."""
        return sum(clip.found for clip in self.clips)

    @property
    def matched(self) -> int:
        """Number of pairs."""
        return sum(clip.matched for clip in self.clips)

    def _share(self, part: int, whole: int) -> float:
        """Of a whole of 0: 1 without any true or predicted event, else 0."""
        if whole:
            return part / whole
        return float(not self.found + self.truth)

    @property
    def precision(self) -> float:
        """Share of predicted events that are true."""
        return self._share(self.matched, self.found)

    @property
    def recall(self) -> float:
        """Share of true events that were predicted."""
        return self._share(self.matched, self.truth)

    @property
    def f1(self) -> float:
        """2 matched / (predicted + true) over all clips together."""
        return self._share(2 * self.matched, self.found + self.truth)

    @property
    def errors_ms(self) -> np.ndarray:
        """(M,) predicted minus true of all pairs of clips with a known rate, milliseconds."""
        return np.array([error for clip in self.clips for error in clip.signed_errors_ms])

    def as_dict(self) -> dict[str, Any]:
        """What `pushoff evaluate --json` prints (docs/file-formats.md, "Evaluation")."""
        errors = self.errors_ms
        feet_known = sum(clip.feet_known for clip in self.clips)
        feet_correct = sum(clip.feet_correct for clip in self.clips)
        exact = [clip.sequence_exact for clip in self.clips]
        return {
            "clips": len(self.clips),
            "truth": self.truth,
            "found": self.found,
            "tolerance_frames": self.tolerance_frames,
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "map": {str(k): round(v, 4) for k, v in sorted(self.average_precision.items())},
            "median_abs_ms": round(float(np.median(np.abs(errors))), 2) if len(errors) else None,
            "signed_mean_ms": round(float(errors.mean()), 2) if len(errors) else None,
            "foot_accuracy": round(feet_correct / feet_known, 4) if feet_known else None,
            "sequence_exact": round(float(np.mean(exact)), 4) if exact else None,
            "per_clip": [
                {
                    "clip": clip.clip,
                    "truth": clip.truth,
                    "found": clip.found,
                    "matched": clip.matched,
                    "f1": round(clip.f1, 4),
                    "signed_errors_frames": list(clip.signed_errors_frames),
                    "signed_errors_ms": [round(error, 2) for error in clip.signed_errors_ms],
                    "feet_correct": clip.feet_correct,
                    "feet_known": clip.feet_known,
                    "sequence_exact": clip.sequence_exact,
                    "edit_score": round(clip.edit_score, 4),
                }
                for clip in self.clips
            ],
        }


def score_clips(
    found: Mapping[str, Sequence[PushOffEvent]],
    truths: Mapping[str, GroundTruth],
    tolerance_frames: int,
    *,
    own_uncertainty: bool = False,
) -> EventScore:
    """Score every clip of `truths`; `found` has the predicted events by clip.

    Events outside a clip's complete range do not count, apart from those that match a true event
    inside (`pushoff.events.matching.scored_events`). With `own_uncertainty` each true event's
    tolerance is larger by its own `uncertainty_frames`.
    """
    clips = tuple(
        _score_clip(name, found.get(name, ()), truth, tolerance_frames, own_uncertainty)
        for name, truth in truths.items()
    )
    precisions = {
        tolerance: average_precision(found, truths, tolerance, own_uncertainty=own_uncertainty)
        for tolerance in MAP_TOLERANCES
    }
    return EventScore(tolerance_frames, clips, precisions)


def average_precision(
    found: Mapping[str, Sequence[PushOffEvent]],
    truths: Mapping[str, GroundTruth],
    tolerance_frames: int,
    *,
    own_uncertainty: bool = False,
) -> float:
    """Area under precision over recall, the events of all clips ranked by probability.

    As in jhong93/spot: from the highest probability down, each prediction takes the nearest true
    event that is still free; precision is made monotone before it is summed. Without a true event
    0, or 1 without a prediction. Outside a clip's complete range the same events count as in
    `score_clips`.
    """
    scored = {
        name: scored_events(found.get(name, ()), truth, tolerance_frames, own_uncertainty)
        for name, truth in truths.items()
    }
    truths = {name: within_complete_range(truth) for name, truth in truths.items()}
    total = sum(len(truth.push_off_frames) for truth in truths.values())
    ranked = sorted(
        (-event.probability, name, event.frame)
        for name, events in scored.items()
        for event in events
    )
    free = {name: set(range(len(truth.push_off_frames))) for name, truth in truths.items()}
    hits = []
    for _, name, frame in ranked:
        truth = truths[name]
        limits = tolerances(truth, tolerance_frames, own_uncertainty)
        distances = {j: abs(frame - truth.push_off_frames[j]) for j in free[name]}
        within = {j: distance for j, distance in distances.items() if distance <= limits[j]}
        if within:
            free[name].discard(min(within, key=lambda j: (within[j], j)))
        if within or truth.knows(frame):
            hits.append(bool(within))
    if not total or not hits:
        return float(not total and not hits)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    monotone = np.maximum.accumulate(precision[::-1])[::-1]
    return float(monotone[np.array(hits)].sum() / total)


def _score_clip(
    name: str,
    found: Sequence[PushOffEvent],
    truth: GroundTruth,
    tolerance: int,
    own_uncertainty: bool,
) -> ClipScore:
    found = scored_events(found, truth, tolerance, own_uncertainty)
    truth = within_complete_range(truth)
    frames = [event.frame for event in found]
    pairs = match(
        frames, truth.push_off_frames, tolerances(truth, tolerance, own_uncertainty)
    ).pairs
    predicted_feet = [event.foot.value if event.foot else "?" for event in found]
    known = [(i, j) for i, j in pairs if truth.feet[j] is not None]
    true_feet = [foot or "?" for foot in truth.feet]
    exact = len(predicted_feet) == len(true_feet) and all(
        true in ("?", predicted) for predicted, true in zip(predicted_feet, true_feet, strict=True)
    )
    for i, j in pairs:
        true_feet[j] = truth.feet[j] or predicted_feet[i]
    longer = max(len(predicted_feet), len(true_feet))
    errors = tuple(frames[i] - truth.push_off_frames[j] for i, j in pairs)
    frame_ms = 1000 / truth.capture_fps
    return ClipScore(
        clip=name,
        truth=len(truth.push_off_frames),
        found=len(found),
        matched=len(pairs),
        signed_errors_frames=errors,
        signed_errors_ms=tuple(e * frame_ms for e in errors) if truth.capture_known else (),
        feet_correct=sum(predicted_feet[i] == truth.feet[j] for i, j in known),
        feet_known=len(known),
        sequence_exact=exact,
        edit_score=1 - edit_distance(predicted_feet, true_feet) / longer if longer else 1.0,
    )
