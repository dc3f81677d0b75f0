"""Found push-offs against true ones, scored as the field of event spotting does it.

Found and true events are paired one to one inside a tolerance in frames; precision, recall and F1
count over all clips. Average precision ranks the events found by their probability (as jhong93/spot
does for mAP at a tolerance). Frame accuracy is never computed: "never a push-off" would be 97 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pushoff.events.drill.sequence import edit_distance
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.matching import match, scored_events, tolerances, within_complete_range
from pushoff.events.values import Foot, PushOffEvent

MAP_TOLERANCES = (0, 1, 2, 4)
"""Frames. At 240/s 1 is 4 ms, the tolerance of Einfalt & Lienhart's 0.96; 2 is the headline."""


@dataclass(frozen=True)
class ClipScore:
    """How one clip was read."""

    clip: str
    truth: int
    found: int
    matched: int
    signed_errors_frames: tuple[int, ...]
    """Found minus true of each pair."""
    signed_errors_ms: tuple[float, ...]
    """The same in camera milliseconds; empty where nobody knows the camera's rate."""
    feet_right: int
    feet_known: int
    """Pairs whose true foot is known; a foot not told counts as wrong."""
    sequence_exact: bool
    """The feet found are the true ones, in order and number."""
    edit_score: float
    """1 - edit distance / length of the longer sequence of feet (F3Set's edit score). A true foot
    that nobody knows counts as the one found with it."""

    @property
    def f1(self) -> float:
        """Of this clip alone; 1 when nothing was there and nothing was found."""
        both = self.truth + self.found
        return 2 * self.matched / both if both else 1.0


@dataclass(frozen=True)
class EventScore:
    """How a set of clips was read, at one tolerance."""

    tolerance_frames: int
    clips: tuple[ClipScore, ...]
    average_precision: Mapping[int, float]
    """At each of MAP_TOLERANCES."""

    def _sum(self, name: str) -> int:
        return sum(getattr(clip, name) for clip in self.clips)

    def _share(self, part: int, whole: int) -> float:
        if whole:
            return part / whole
        return float(not self._sum("found") + self._sum("truth"))

    @property
    def precision(self) -> float:
        """Share of found events that are true; 0 without any, unless none was there either."""
        return self._share(self._sum("matched"), self._sum("found"))

    @property
    def recall(self) -> float:
        """Share of true events that were found; 0 without any, unless nothing was found either."""
        return self._share(self._sum("matched"), self._sum("truth"))

    @property
    def f1(self) -> float:
        """2 matched / (found + true) over all clips together; 1 when both are none."""
        return self._share(2 * self._sum("matched"), self._sum("found") + self._sum("truth"))

    @property
    def errors_ms(self) -> np.ndarray:
        """(M,) found minus true of all pairs of clips of a known rate, milliseconds."""
        return np.array([error for clip in self.clips for error in clip.signed_errors_ms])

    def as_dict(self) -> dict[str, Any]:
        """What `pushoff evaluate --json` prints (docs/file-formats.md, "Evaluation")."""
        errors, feet = self.errors_ms, self._sum("feet_known")
        return {
            "clips": len(self.clips),
            "truth": self._sum("truth"),
            "found": self._sum("found"),
            "tolerance_frames": self.tolerance_frames,
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "map": {str(k): round(v, 4) for k, v in sorted(self.average_precision.items())},
            "median_abs_ms": round(float(np.median(np.abs(errors))), 2) if len(errors) else None,
            "signed_mean_ms": round(float(errors.mean()), 2) if len(errors) else None,
            "foot_accuracy": round(self._sum("feet_right") / feet, 4) if feet else None,
            "sequence_exact": round(float(np.mean([c.sequence_exact for c in self.clips])), 4)
            if self.clips
            else None,
            "per_clip": [
                {
                    "clip": clip.clip,
                    "truth": clip.truth,
                    "found": clip.found,
                    "matched": clip.matched,
                    "f1": round(clip.f1, 4),
                    "signed_errors_frames": list(clip.signed_errors_frames),
                    "signed_errors_ms": [round(error, 2) for error in clip.signed_errors_ms],
                    "feet_right": clip.feet_right,
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
    """Score every clip of `truths`.

    Events outside a clip's complete range do not count, but for those found that pair with a true
    one inside (`pushoff.events.matching.scored_events`).
    With `own_uncertainty` each true event may be missed by its own `uncertainty_frames` more.
    """
    scored = [
        _clip(name, found.get(name, ()), truth, tolerance_frames, own_uncertainty)
        for name, truth in truths.items()
    ]
    return EventScore(
        tolerance_frames,
        tuple(scored),
        {
            k: average_precision(found, truths, k, own_uncertainty=own_uncertainty)
            for k in MAP_TOLERANCES
        },
    )


def average_precision(
    found: Mapping[str, Sequence[PushOffEvent]],
    truths: Mapping[str, GroundTruth],
    tolerance_frames: int,
    *,
    own_uncertainty: bool = False,
) -> float:
    """Area under precision over recall, the events of all clips ranked by probability.

    As in jhong93/spot: from the surest down, each takes the nearest true event that is still free;
    precision is made monotone before it is summed. Without a true event 0, or 1 if none was found.
    Of the events outside a clip's complete range those count that `score_clips` counts.
    """
    each = {
        name: scored_events(found.get(name, ()), truth, tolerance_frames, own_uncertainty)
        for name, truth in truths.items()
    }
    truths = {name: within_complete_range(truth) for name, truth in truths.items()}
    total = sum(len(truth.push_off_frames) for truth in truths.values())
    ranked = sorted(
        (-event.probability, name, event.frame) for name, events in each.items() for event in events
    )
    free = {name: set(range(len(truth.push_off_frames))) for name, truth in truths.items()}
    hits = []
    for _, name, frame in ranked:
        truth = truths[name]
        reach = tolerances(truth, tolerance_frames, own_uncertainty)
        apart = {
            j: abs(frame - truth.push_off_frames[j])
            for j in free[name]
            if abs(frame - truth.push_off_frames[j]) <= reach[j]
        }
        if apart:
            free[name].discard(min(apart, key=lambda j: (apart[j], j)))
        if apart or truth.complete_from <= frame <= truth.complete_to:
            hits.append(bool(apart))
    if not total or not hits:
        return float(not total and not hits)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    monotone = np.maximum.accumulate(precision[::-1])[::-1]
    return float(monotone[np.array(hits)].sum() / total)


def _clip(
    name: str,
    found: Sequence[PushOffEvent],
    truth: GroundTruth,
    tolerance: int,
    own_uncertainty: bool,
) -> ClipScore:
    found, truth = (
        scored_events(found, truth, tolerance, own_uncertainty),
        within_complete_range(truth),
    )
    frames = [event.frame for event in found]
    pairing = match(frames, truth.push_off_frames, tolerances(truth, tolerance, own_uncertainty))
    known = [(i, j) for i, j in pairing.pairs if truth.feet[j] is not None]
    right = sum(
        found[i].foot is not None and found[i].foot.value == truth.feet[j] for i, j in known
    )
    said = [_word(event.foot) for event in found]
    meant = [foot or "?" for foot in truth.feet]
    exact = len(said) == len(meant) and all(b in ("?", a) for a, b in zip(said, meant, strict=True))
    for i, j in pairing.pairs:
        meant[j] = truth.feet[j] or said[i]
    longer = max(len(said), len(meant))
    errors = tuple(frames[i] - truth.push_off_frames[j] for i, j in pairing.pairs)
    per_frame_ms = 1000 / truth.capture_fps
    return ClipScore(
        clip=name,
        truth=len(truth.push_off_frames),
        found=len(found),
        matched=len(pairing.pairs),
        signed_errors_frames=errors,
        signed_errors_ms=tuple(error * per_frame_ms for error in errors)
        if truth.capture_known
        else (),
        feet_right=right,
        feet_known=len(known),
        sequence_exact=exact,
        edit_score=1 - edit_distance(said, meant) / longer if longer else 1.0,
    )


def _word(foot: Foot | None) -> str:
    return foot.value if foot else "?"
