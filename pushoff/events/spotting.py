"""From a model's scores of each frame to push-off events.

There are two decoders: peaks of the smoothed push-off curve, and a Viterbi path through contact,
push-off and flight with least durations (docs/decisions/0003-event-model.md), which is the default.
Both work in milliseconds, so a video at 30/s and one at 240/s are treated alike.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.values import PushOffEvent
from pushoff.events.viterbi import push_off_path
from pushoff.util.smoothing import gaussian_smooth


@dataclass(frozen=True)
class FrameScores:
    """What a model says of every frame of one video."""

    times_s: np.ndarray
    """(N,) camera seconds, rising."""
    push_off: np.ndarray
    """(N,) probability that this is the end of a contact: the last `step` frames of it."""
    contact: np.ndarray
    """(N,) probability that a foot of the athlete is on the ground."""
    near: np.ndarray
    """(N,) probability that the foot on the ground is the one nearer to the camera."""
    approach: np.ndarray
    """(N,) probability that the step is a running step before the drill."""
    athlete: np.ndarray
    """(N,) bool: the athlete is in the picture; no event is ever put where they are not."""
    step: int = 1
    """Frames from one frame to the next that the model looks at: 8 when a model that sees 30
    pictures a second reads a video at 240/s."""

    def __post_init__(self) -> None:
        count = len(self.times_s)
        curves = (self.push_off, self.contact, self.near, self.approach)
        if any(len(curve) != count for curve in (*curves, self.athlete)):
            raise BadInput(f"{count} times but {[len(c) for c in curves]} probabilities")
        if count and not all(np.isfinite(c).all() for c in (self.times_s, *curves)):
            raise BadInput("a time or probability is not a number: the model or video is damaged")
        if count and any(c.min() < 0 or c.max() > 1 for c in curves):
            raise BadInput("a probability is outside 0 to 1: the model is damaged")
        if (np.diff(self.times_s) <= 0).any():
            raise BadInput("the times of the frames do not rise: the video is damaged")
        if self.step < 1:
            raise BadInput(f"a step of {self.step} frames: at least 1 is needed")

    @property
    def interval_s(self) -> float:
        """Median seconds from frame to frame."""
        return float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 1.0


@dataclass(frozen=True)
class SpottingConfig:
    """How events are read out of a frame reading."""

    decoder: str = "durations"
    """`durations` (Viterbi) or `peaks`."""
    smoothing_ms: float = 8.0
    """Spread of the Gaussian over the push-off curve of `peaks`: two frames at 240/s, the
    disagreement of annotators (5 to 15 ms: docs/domain.md, "Timing agreement"); at 30/s it does
    nothing. Readings of
    wider steps are averaged over their step already: smoothed once more, events came 1 frame late
    at 240/s and, in noise, more often not at all."""
    high: float = 0.5
    """Least probability at an event's peak: the neutral value of a balanced loss."""
    low: float = 0.3
    """A peak reaches as far as the curve stays above this (hysteresis), so one push-off that
    flickers is one event."""
    min_gap_ms: float = 200.0
    """Least time between push-offs. Elite sprinters need 225 ms (docs/domain.md, "Step and contact
    times")."""
    min_contact_ms: float = 80.0
    """Shortest contact: elite sprint contacts last 116 ms, no jump's is below 80."""
    min_flight_ms: float = 60.0
    """Shortest flight. Sprint starts have 60 ms, bounds 200 ms and more."""
    floor: float = 0.1
    """Least probability of an event of `durations`: below one in ten the path only closed a
    contact that something else ended, such as the athlete leaving the picture."""
    offset_ms: float = 0.0
    """Added to every event's time: the model's mean signed error, learnt on validation clips."""

    def __post_init__(self) -> None:
        if self.decoder not in ("durations", "peaks"):
            raise BadInput(f"decoder {self.decoder!r}: say durations or peaks")
        if not 0 <= self.floor < 1:
            raise BadInput(f"a floor of {self.floor}: 0 to 1")
        if not 0 < self.low <= self.high < 1:
            raise BadInput(f"thresholds low {self.low} and high {self.high}: 0 < low <= high < 1")
        times = (self.smoothing_ms, self.min_gap_ms, self.min_contact_ms, self.min_flight_ms)
        if min(times) < 0 or not np.isfinite([*times, self.offset_ms]).all():
            raise BadInput("a duration of the decoder is negative or not a number")


def spot_events(reading: FrameScores, how: SpottingConfig | None = None) -> list[PushOffEvent]:
    """The push-offs of one video in time order, `left_probability` still meaning "near foot".

    Never outside the video, never where the athlete is not, never two within the least gap.
    The probability of an event is the share of the contact's end that the model believed in.
    """
    how = how or SpottingConfig()
    if not len(reading.times_s) or not reading.athlete.any():
        return []
    ends = _ends(reading)
    if how.decoder == "peaks":
        frames = _peaks(reading, ends, how)
    else:
        frames = push_off_path(
            reading.contact,
            reading.push_off,
            reading.athlete,
            reading.step,
            min_contact=_frames(how.min_contact_ms, reading.interval_s),
            min_flight=_frames(how.min_flight_ms, reading.interval_s),
        )
        frames = [frame for frame in frames if ends[frame] >= how.floor]
    offset = round(how.offset_ms / 1000 / reading.interval_s)
    moved = [(frame, frame + offset) for frame in frames]
    kept = [(was, now) for was, now in moved if _is_seen(reading, now)]
    worth = {now: float(ends[was]) for was, now in kept}
    spaced = _spaced([now for _, now in kept], worth, reading, how)
    return [_event(reading, frame, worth[frame]) for frame in spaced]


def _frames(duration_ms: float, interval_s: float) -> int:
    """Whole frames that certainly fit into a duration; a clock of frames may hide one of them."""
    return max(int(duration_ms / 1000 / interval_s + 1e-6), 1)


def _is_seen(reading: FrameScores, frame: int) -> bool:
    return 0 <= frame < len(reading.times_s) and bool(reading.athlete[frame])


def _ends(reading: FrameScores) -> np.ndarray:
    """(N,) how much a contact's end, `step` frames long, ends at each frame, 0 to 1.

    Mean push-off probability over the step up to here less that over the step after: a model that
    sees every eighth frame says push-off during all of the last eight, so the edge is what counts.
    """
    p, step = reading.push_off * reading.athlete, reading.step
    if step == 1:
        return p
    # beyond the last frame nobody knows: the curve is held, so a video's end is not a contact's
    total = np.concatenate([[0.0], np.cumsum(p), p.sum() + p[-1] * np.arange(1, step + 1)])
    here = np.arange(len(p)) + 1
    before = (total[here] - total[np.maximum(here - step, 0)]) / step
    after = (total[here + step] - total[here]) / step
    return np.clip(before - after, 0, 1)


def _peaks(reading: FrameScores, ends: np.ndarray, how: SpottingConfig) -> list[int]:
    """Highest frame of each stretch above `low` that reaches `high`."""
    spread = how.smoothing_ms / 1000 / reading.interval_s
    curve = ends
    if reading.step == 1 and spread > 0.3:
        curve = gaussian_smooth(ends, spread)
    above = np.concatenate([[False], curve >= how.low, [False]])
    edges = np.flatnonzero(np.diff(above.astype(int)))
    frames = []
    for start, stop in edges.reshape(-1, 2):
        # steps of 6 frames can join at 30/s: every local peak of a stretch is a candidate
        inner = curve[start:stop]
        left = np.concatenate([[-1.0], inner[:-1]])
        right = np.concatenate([inner[1:], [-1.0]])
        tops = np.flatnonzero((inner > left) & (inner >= right) & (inner >= how.high))
        frames += [int(start + top) for top in tops]
    return frames


def _spaced(
    frames: list[int], worth: dict[int, float], reading: FrameScores, how: SpottingConfig
) -> list[int]:
    """The best of any that lie closer than the least gap, less one frame's rounding."""
    gap_s = how.min_gap_ms / 1000 - 1.001 * reading.interval_s
    kept: list[int] = []
    for frame in sorted(set(frames), key=lambda one: (-worth[one], one)):
        times = reading.times_s
        if all(abs(times[frame] - times[other]) >= gap_s for other in kept):
            kept.append(frame)
    return sorted(kept)


def _event(reading: FrameScores, frame: int, worth: float) -> PushOffEvent:
    """The event at a frame; which leg is judged over the contact's last 100 ms."""
    back = max(round(0.1 / reading.interval_s), reading.step)
    last = slice(max(frame - back + 1, 0), frame + 1)
    weights = reading.contact[last] + 1e-6
    return PushOffEvent(
        frame=frame,
        time_s=float(reading.times_s[frame]),
        probability=float(np.clip(worth, 0.0, 1.0)),
        left_probability=float(np.average(reading.near[last], weights=weights)),
        approach_probability=float(np.average(reading.approach[last], weights=weights)),
        uncertainty_frames=max(0.5, 0.5 * reading.step),
    )
