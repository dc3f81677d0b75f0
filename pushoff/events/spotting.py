"""From a model's scores of each frame to push-off events.

There are two decoders: peaks of the smoothed push-off curve, and a Viterbi path through contact,
push-off and flight with minimum durations (docs/decisions/0003-event-model.md), the default. Both
work in milliseconds, so videos at 30/s and at 240/s are treated alike.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.values import PushOffEvent
from pushoff.events.viterbi import push_off_path
from pushoff.util.smoothing import gaussian_smooth


@dataclass(frozen=True)
class FrameScores:
    """The sequence head's output for every frame of one video."""

    times_s: np.ndarray
    """(N,) camera seconds, ascending."""
    push_off: np.ndarray
    """(N,) probability that this is the end of a contact: the last `step` frames of it."""
    contact: np.ndarray
    """(N,) probability that a foot of the athlete is on the ground."""
    near: np.ndarray
    """(N,) probability that the foot on the ground is the one nearer to the camera."""
    approach: np.ndarray
    """(N,) probability that the step is a running step before the drill."""
    athlete: np.ndarray
    """(N,) bool: the athlete is visible; no event is placed where they are not."""
    step: int = 1
    """Frames between the model's input frames: 8 when a model with an input of 30 frames/s analyses
    a video at 240/s."""

    def __post_init__(self) -> None:
        count = len(self.times_s)
        curves = (self.push_off, self.contact, self.near, self.approach)
        if any(len(curve) != count for curve in (*curves, self.athlete)):
            raise BadInput(
                f"{count} times but {[len(curve) for curve in curves]} probabilities",
                code="curve_length",
            )
        if count and not all(np.isfinite(curve).all() for curve in (self.times_s, *curves)):
            raise BadInput(
                "a time or probability is not a number: the model or the video is damaged",
                code="not_finite",
            )
        if count and any(curve.min() < 0 or curve.max() > 1 for curve in curves):
            raise BadInput(
                "a probability is outside 0 to 1: the model is damaged", code="invalid_probability"
            )
        if (np.diff(self.times_s) <= 0).any():
            raise BadInput(
                "the frames' times are not ascending: the video is damaged", code="unsorted_times"
            )
        if self.step < 1:
            raise BadInput(f"the step is {self.step} frames, expected at least 1", code="step")

    @property
    def interval_s(self) -> float:
        """Median seconds from frame to frame."""
        return float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 1.0


@dataclass(frozen=True)
class SpottingConfig:
    """How frame scores become events."""

    decoder: str = "durations"
    """`durations` (Viterbi) or `peaks`."""
    smoothing_ms: float = 8.0
    """Standard deviation of the Gaussian over the push-off curve of `peaks`: two frames at 240/s,
    the disagreement of annotators (5 to 15 ms: docs/domain.md, "Timing agreement"); at 30/s it has
    no effect. Scores of wider steps are already averaged over their step: smoothed again, events
    were 1 frame late at 240/s and, in noise, missing more often."""
    high: float = 0.5
    """Minimum probability at an event's peak: the neutral value of a balanced loss."""
    low: float = 0.3
    """A peak extends as far as the curve stays above this (hysteresis), so that one push-off whose
    curve flickers is one event."""
    min_gap_ms: float = 200.0
    """Minimum time between push-offs. Elite sprinters need 225 ms (docs/domain.md, "Step and
    contact times")."""
    min_contact_ms: float = 80.0
    """Minimum contact: elite sprint contacts last 116 ms, no jump's is below 80."""
    min_flight_ms: float = 60.0
    """Minimum flight. Sprint starts have 60 ms, bounds 200 ms and more."""
    floor: float = 0.1
    """Minimum probability of an event of `durations`: below one in ten the path only closed a
    contact that ended otherwise, such as by the athlete leaving the picture."""
    contact_weight: float = 1.0
    """Weight of the contact curve's log-odds in the path: 0.5 where contacts were not marked by
    people but assumed by the pose rules, which are less certain."""
    offset_ms: float = 0.0
    """Added to every event's time: the model's mean signed error, from validation clips."""

    def __post_init__(self) -> None:
        if self.decoder not in ("durations", "peaks"):
            raise BadInput(
                f"decoder is {self.decoder!r}, expected durations or peaks", code="decoder"
            )
        if not 0 < self.contact_weight <= 1:
            raise BadInput(
                f"contact_weight is {self.contact_weight}, expected above 0 to 1", code="threshold"
            )
        if not 0 <= self.floor < 1:
            raise BadInput(f"floor is {self.floor}, expected 0 to 1", code="threshold")
        if not 0 < self.low <= self.high < 1:
            raise BadInput(
                f"low is {self.low} and high {self.high}, expected 0 < low <= high < 1",
                code="threshold",
            )
        durations = (self.smoothing_ms, self.min_gap_ms, self.min_contact_ms, self.min_flight_ms)
        if min(durations) < 0 or not np.isfinite([*durations, self.offset_ms]).all():
            raise BadInput("a duration is negative or not a number", code="duration")


def spot_events(scores: FrameScores, config: SpottingConfig | None = None) -> list[PushOffEvent]:
    """The push-offs of one video in time order; `left_probability` is here that of the near foot.

    Never outside the video, never where the athlete is not visible, never closer than the minimum
    gap. An event's probability is how much of the contact's end the model is sure of.
    """
    config = config or SpottingConfig()
    if not len(scores.times_s) or not scores.athlete.any():
        return []
    ends = _end_scores(scores)
    if config.decoder == "peaks":
        frames = _peaks(scores, ends, config)
    else:
        path = push_off_path(
            weighted_probability(scores.contact, config.contact_weight),
            scores.push_off,
            scores.athlete,
            scores.step,
            min_contact=_whole_frames(config.min_contact_ms, scores.interval_s),
            min_flight=_whole_frames(config.min_flight_ms, scores.interval_s),
        )
        frames = _at_nearest_peak(
            [frame for frame in path if ends[frame] >= config.floor], ends, scores
        )
    offset = round(config.offset_ms / 1000 / scores.interval_s)
    probabilities = {
        frame + offset: float(ends[frame])
        for frame in frames
        if _athlete_visible(scores, frame + offset)
    }
    spaced = _keep_min_gap(probabilities, scores, config)
    return [_event(scores, frame, probabilities[frame]) for frame in spaced]


def weighted_probability(p: np.ndarray, weight: float) -> np.ndarray:
    """(N,) probabilities whose log-odds are `weight` times those of `p`."""
    powers = np.clip(p, 1e-9, 1 - 1e-9) ** weight, np.clip(1 - p, 1e-9, 1 - 1e-9) ** weight
    return np.asarray(powers[0] / (powers[0] + powers[1]))


def _at_nearest_peak(frames: list[int], ends: np.ndarray, scores: FrameScores) -> list[int]:
    """Each event at the best of its own and the two neighbouring frames.

    The path weighs contact and flight as well, which moves an event by a frame at 30/s; at higher
    rates the ends already are averages over several frames.
    """
    if scores.step > 1:
        return frames
    best = []
    for frame in frames:
        first = max(frame - 1, 0)
        best.append(first + int(np.argmax(ends[first : frame + 2])))
    return sorted(set(best))


def _whole_frames(duration_ms: float, interval_s: float) -> int:
    """Whole frames that certainly fit into a duration, at least one."""
    return max(int(duration_ms / 1000 / interval_s + 1e-6), 1)


def _athlete_visible(scores: FrameScores, frame: int) -> bool:
    return 0 <= frame < len(scores.times_s) and bool(scores.athlete[frame])


def _end_scores(scores: FrameScores) -> np.ndarray:
    """(N,) how much a contact's end, `step` frames long, ends at each frame, 0 to 1.

    Mean push-off probability over the step up to this frame minus that over the step after it: a
    model that sees every eighth frame outputs push-off during all of the last eight, so the edge
    counts.
    """
    p, step = scores.push_off * scores.athlete, scores.step
    if step == 1:
        return p
    # Beyond the last frame the curve is continued, so the video's end is not a contact's end.
    total = np.concatenate([[0.0], np.cumsum(p), p.sum() + p[-1] * np.arange(1, step + 1)])
    here = np.arange(len(p)) + 1
    before = (total[here] - total[np.maximum(here - step, 0)]) / step
    after = (total[here + step] - total[here]) / step
    return np.clip(before - after, 0, 1)


def _peaks(scores: FrameScores, ends: np.ndarray, config: SpottingConfig) -> list[int]:
    """Every local maximum of at least `high` in each range above `low`."""
    sigma_frames = config.smoothing_ms / 1000 / scores.interval_s
    curve = ends
    if scores.step == 1 and sigma_frames > 0.3:
        curve = gaussian_smooth(ends, sigma_frames)
    above = np.concatenate([[False], curve >= config.low, [False]])
    edges = np.flatnonzero(np.diff(above.astype(int)))
    frames = []
    for start, stop in edges.reshape(-1, 2):
        # Steps of 6 frames can join at 30/s: every local peak of a range is a candidate.
        inner = curve[start:stop]
        left = np.concatenate([[-1.0], inner[:-1]])
        right = np.concatenate([inner[1:], [-1.0]])
        tops = np.flatnonzero((inner > left) & (inner >= right) & (inner >= config.high))
        frames += [int(start + top) for top in tops]
    return frames


def _keep_min_gap(
    probabilities: dict[int, float], scores: FrameScores, config: SpottingConfig
) -> list[int]:
    """The most probable of any frames closer than the minimum gap, less one frame's rounding."""
    gap_s = config.min_gap_ms / 1000 - 1.001 * scores.interval_s
    kept: list[int] = []
    for frame in sorted(probabilities, key=lambda frame: (-probabilities[frame], frame)):
        times_s = scores.times_s
        if all(abs(times_s[frame] - times_s[other]) >= gap_s for other in kept):
            kept.append(frame)
    return sorted(kept)


def _event(scores: FrameScores, frame: int, probability: float) -> PushOffEvent:
    """The event at a frame; which leg it is comes from the contact's last 100 ms."""
    count = max(round(0.1 / scores.interval_s), scores.step)
    last = slice(max(frame - count + 1, 0), frame + 1)
    weights = scores.contact[last] + 1e-6
    return PushOffEvent(
        frame=frame,
        time_s=float(scores.times_s[frame]),
        probability=float(np.clip(probability, 0.0, 1.0)),
        left_probability=float(np.average(scores.near[last], weights=weights)),
        approach_probability=float(np.average(scores.approach[last], weights=weights)),
        uncertainty_frames=max(0.5, 0.5 * scores.step),
    )
