"""How a free leg swings: key-frame joint angles between a leg's own contacts, smooth curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TOE_OFF_S = 0.05
"""Time of the first key frame after a push-off, or 0.4 of a shorter flight."""
_TOE_OFF_TURN = np.radians([-1.5, 22.0, 12.0])
"""How far thigh, knee and ankle turn until then. The toe then rises about 15 mm in the first 4.2 ms
and 40 mm in the second, as a sprinter's on force plates does (17 and 38 mm)."""

_BOUND_FLIGHT_S, _SPEED_UP_PER_S = 0.25, 3.5
"""In a flight shorter than a bound's the hips rise less and the foot comes up faster."""

# (share of the flight or of the other leg's contact, thigh from vertical, knee bend, ankle stretch)
# in degrees, forward positive, by whether the leg pushed off and whether it lands next.
_FLIGHT_KEYS = {
    (True, True): (  # hop: the pushing leg cycles through and lands
        (0.27, -28, 82, 26),
        (0.52, 22, 112, 16),
        (0.80, 58, 66, 4),
    ),
    (True, False): ((0.7, -26, 74, 28),),  # step: the pushing leg trails
    (False, True): ((0.3, 66, 86, 8), (0.75, 50, 48, 2)),  # step: the free leg leads
    (False, False): (  # hop: the free leg swings back
        (0.3, 42, 72, 10),
        (0.65, -12, 62, 20),
        (0.9, -24, 80, 24),
    ),
}
_FREE_KEYS = ((0.0, -12, 94, 22), (0.45, 22, 108, 14), (1.0, 70, 86, 8))


@dataclass(frozen=True)
class Style:
    """How one athlete moves; 1 is average."""

    thigh: float = 1.0
    """How far the thighs swing."""
    knee: float = 1.0
    """How far the free knee bends."""
    lean_rad: float = 0.1
    """Of the trunk, forward positive."""
    arms: float = 1.0
    """How far the arms swing."""
    both_arms: bool = False
    """Arms swing together, as triple jumpers do, not in turn."""

    @staticmethod
    def sample(rng: np.random.Generator) -> "Style":
        """A random style."""
        return Style(
            thigh=float(rng.uniform(0.85, 1.08)),
            knee=float(rng.uniform(0.9, 1.08)),
            lean_rad=float(rng.uniform(0.02, 0.18)),
            arms=float(rng.uniform(0.7, 1.2)),
            both_arms=bool(rng.random() < 0.25),
        )


def flight_keys(
    pushed: bool, lands: bool, leaving: np.ndarray | None, flight_s: float, style: Style
) -> list[tuple[float, np.ndarray]]:
    """(seconds after the push-off, thigh knee ankle in radians) of one leg in one flight.

    `pushed` and `lands` say whether the leg pushed off and lands next; `leaving` are its angles at
    the push-off.
    """
    keys: list[tuple[float, np.ndarray]] = []
    first = 0.0
    if pushed and leaving is not None:
        first = min(TOE_OFF_S, 0.4 * flight_s)
        speed_up = 1 + _SPEED_UP_PER_S * max(_BOUND_FLIGHT_S - flight_s, 0.0)
        keys.append((first, leaving + _TOE_OFF_TURN * speed_up * first / TOE_OFF_S))
    for share, *degrees in _FLIGHT_KEYS[(pushed, lands)]:
        if share * flight_s > first + 0.01:
            keys.append((share * flight_s, _angles(degrees, style)))
    return keys


def free_keys(contact_s: float, style: Style) -> list[tuple[float, np.ndarray]]:
    """The same for the leg that swings while the other stands; seconds after the touchdown."""
    return [(share * contact_s, _angles(degrees, style)) for share, *degrees in _FREE_KEYS]


def _angles(degrees: Sequence[float], style: Style) -> np.ndarray:
    return np.radians(degrees) * [style.thigh, style.knee, 1.0]


class Curve:
    """A smooth path through keys: cubic Hermite, slopes from both neighbours.

    At `corners` (touchdowns and push-offs, between stance and swing) the slope is that of the
    swing side alone.
    """

    def __init__(self, times_s: np.ndarray, values: np.ndarray, corners: np.ndarray) -> None:
        """(K,) seconds, (K, D) values, (K,) +1 at a push-off, -1 at a touchdown, else 0."""
        self.times_s, self.values = times_s, values
        steps = np.diff(values, axis=0) / np.diff(times_s)[:, None]
        before = np.concatenate([steps[:1], steps])
        after = np.concatenate([steps, steps[-1:]])
        gaps = np.diff(times_s)
        left = np.concatenate([gaps[:1], gaps])[:, None]
        right = np.concatenate([gaps, gaps[-1:]])[:, None]
        smooth = (before * right + after * left) / (left + right)  # the parabola through three keys
        mark = corners[:, None]
        self._slopes = np.where(mark > 0, after, np.where(mark < 0, before, smooth))

    def at(self, time_s: float) -> np.ndarray:
        """(D,) value at a time; held constant outside the keys."""
        last = len(self.times_s) - 2
        key = min(max(int(np.searchsorted(self.times_s, time_s)) - 1, 0), last)
        span = self.times_s[key + 1] - self.times_s[key]
        share = min(max((time_s - self.times_s[key]) / span, 0.0), 1.0)
        return hermite(
            share,
            self.values[key],
            self._slopes[key] * span,
            self.values[key + 1],
            self._slopes[key + 1] * span,
        )


def hermite(
    share: float, start: np.ndarray, leaving: np.ndarray, end: np.ndarray, arriving: np.ndarray
) -> np.ndarray:
    """The cubic from `start` to `end` with these slopes per unit share."""
    rest = 1 - share
    return (
        (1 + 2 * share) * rest * rest * start
        + share * rest * rest * leaving
        + share * share * (3 - 2 * share) * end
        - share * share * rest * arriving
    )
