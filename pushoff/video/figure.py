"""How a bounding athlete moves: a side-view figure in metres, with contacts known exactly.

The stance foot's toe is pinned, the hips are a spring in stance and ballistic in flight, the free
limbs follow keyed angles. Proportions after Winter; timing ranges after the sprint and jump
literature (contact 0.11-0.25 s, flight 0.20-0.55 s).
"""

from dataclasses import dataclass

import numpy as np

GRAVITY_M_S2 = 9.81
THIGH, SHANK, TRUNK, UPPER_ARM, FOREARM, HEAD = 0.245, 0.246, 0.288, 0.186, 0.2, 0.13
"""Segment lengths as shares of the athlete's height."""
ANKLE_BEHIND_TOE, ANKLE_ABOVE_SOLE, HEEL_BEHIND_TOE = 0.115, 0.039, 0.152
"""The foot, likewise."""
HEEL_RISE_RAD = 1.05
"""How far the heel turns about the toe until it leaves the ground."""

# (thigh from vertical, knee bend) in degrees, forward positive, at shares of a flight or of the
# other leg's contact. Which set applies depends on whether the leg pushed and whether it lands.
_FLIGHT_KEYS = {
    (True, True): (
        (0.1, -27, 45),
        (0.25, -28, 78),
        (0.55, 30, 112),
        (0.82, 58, 62),
    ),  # hop: cycles through
    (True, False): ((0.1, -28, 42), (0.3, -34, 58), (0.7, -28, 72)),  # step: trails
    (False, True): ((0.3, 68, 86), (0.75, 52, 50)),  # step: leads
    (False, False): ((0.3, 42, 72), (0.65, -12, 66), (0.9, -24, 80)),  # hop: free leg swings back
}
_FREE_KEYS = ((0.0, -14, 92), (0.45, 22, 108), (1.0, 72, 84))


@dataclass(frozen=True)
class Contact:
    """One foot on the ground."""

    foot: str
    """`left` or `right`."""
    down_s: float
    up_s: float
    """The last instant of contact: the push-off."""
    toe_x_m: float
    """Along the direction of travel."""
    approach: bool
    """A running step before the drill."""


@dataclass(frozen=True)
class Pose:
    """Joint positions in metres: x along the travel, y up from the ground."""

    points: dict[str, np.ndarray]
    """`hip`, `shoulder`, `head`, and `<side>_<knee|ankle|heel|toe|elbow|hand>`."""


class Motion:
    """The figure at any time. `speed_m_s` carries the hips; contacts must be in time order."""

    def __init__(self, contacts: tuple[Contact, ...], height_m: float, speed_m_s: float) -> None:
        self.contacts, self.height_m, self.speed_m_s = contacts, height_m, speed_m_s
        self._thigh_m, self._shank_m = THIGH * height_m, SHANK * height_m
        self._hip_y = min(self._reach(contact) for contact in contacts)
        self._keys = {side: self._leg_keys(side) for side in ("left", "right")}

    def hip(self, time_s: float) -> np.ndarray:
        """Position of the hips, (2,) metres: ballistic in flight, a spring dip in stance."""
        before, after = self._around(time_s)
        y = self._hip_y
        if before is not None and before is after:  # in stance
            contact = before
            index = self.contacts.index(contact)
            length = contact.up_s - contact.down_s
            share = (time_s - contact.down_s) / length
            fall = self._flight_s(index - 1) * GRAVITY_M_S2 / 2
            rise = self._flight_s(index) * GRAVITY_M_S2 / 2
            y += length * (
                -fall * share * (1 - share) ** 2 - rise * share**2 * (1 - share)
            )  # cubic Hermite: the flight's speeds at both ends
        else:
            start = before.up_s if before else after.down_s - 0.3
            end = after.down_s if after else start + 0.3
            y += GRAVITY_M_S2 / 2 * (time_s - start) * (end - time_s)
        return np.array([self.speed_m_s * time_s, y])

    def pose(self, time_s: float) -> Pose:
        """Every joint at a time."""
        hip = self.hip(time_s)
        height = self.height_m
        points = {"hip": hip}
        thighs = {}
        for side in ("left", "right"):
            contact = self._stance(side, time_s)
            if contact is not None:
                ankle, heel, toe = self._planted_foot(contact, time_s)
                thigh, knee = self._solve(hip, ankle)
            else:
                thigh, knee = self._angles(side, time_s)
                ankle = hip + self._leg(thigh, knee)
                pitch = thigh - knee - 0.15 + 0.35 * np.clip(knee - 0.9, -0.9, 0.6)
                ankle_to = np.array([ANKLE_BEHIND_TOE, -ANKLE_ABOVE_SOLE]) * height
                toe = ankle + _turn(ankle_to, pitch)
                heel = ankle + _turn(
                    np.array([ANKLE_BEHIND_TOE - HEEL_BEHIND_TOE, -ANKLE_ABOVE_SOLE]) * height,
                    pitch,
                )
            thighs[side] = thigh
            points[f"{side}_knee"] = hip + self._thigh_m * np.array([np.sin(thigh), -np.cos(thigh)])
            points |= {f"{side}_ankle": ankle, f"{side}_heel": heel, f"{side}_toe": toe}
        lean = 0.12 + 0.05 * np.sin(2 * np.pi * time_s)
        up = np.array([np.sin(lean), np.cos(lean)])
        points["shoulder"] = hip + TRUNK * height * up
        points["head"] = points["shoulder"] + 0.115 * height * (up + np.array([0.12, 0.0]))
        for side, other in (("left", "right"), ("right", "left")):
            swing = 0.75 * thighs[other] - 0.35
            elbow = points["shoulder"] + UPPER_ARM * height * np.array(
                [np.sin(swing), -np.cos(swing)]
            )
            bend = swing + 1.35 + 0.25 * swing
            points[f"{side}_elbow"] = elbow
            points[f"{side}_hand"] = elbow + FOREARM * height * np.array(
                [np.sin(bend), -np.cos(bend)]
            )
        return Pose(points)

    def _flight_s(self, index: int) -> float:
        """Length of the flight after contact `index`."""
        if 0 <= index < len(self.contacts) - 1:
            return self.contacts[index + 1].down_s - self.contacts[index].up_s
        return 0.3

    def _around(self, time_s: float) -> tuple[Contact | None, Contact | None]:
        before = after = None
        for contact in self.contacts:
            if contact.down_s <= time_s:
                before = contact
            if contact.up_s >= time_s and after is None:
                after = contact
        return before, after

    def _stance(self, side: str, time_s: float) -> Contact | None:
        before, after = self._around(time_s)
        return before if before is after and before is not None and before.foot == side else None

    def _planted_foot(
        self, contact: Contact, time_s: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        share = (time_s - contact.down_s) / (contact.up_s - contact.down_s)
        rise = np.clip((share - 0.42) / 0.58, 0, 1)
        pitch = -HEEL_RISE_RAD * rise**1.35 + 0.12 * np.clip(1 - share / 0.12, 0, 1)
        toe = np.array([contact.toe_x_m, 0.0])
        back = np.array([-ANKLE_BEHIND_TOE, ANKLE_ABOVE_SOLE]) * self.height_m
        heel = np.array([-HEEL_BEHIND_TOE, 0.0]) * self.height_m
        pitch = min(pitch, 0.0)
        return toe + _turn(back, pitch), toe + _turn(heel, pitch), toe

    def _reach(self, contact: Contact) -> float:
        """Highest hips from which a nearly straight leg reaches the ground at both ends."""
        length = 0.985 * (self._thigh_m + self._shank_m)
        heights = []
        for time_s in (contact.down_s, contact.up_s):
            ankle, _, _ = self._planted_foot(contact, time_s)
            across = abs(self.speed_m_s * time_s - ankle[0])
            heights.append(ankle[1] + np.sqrt(max(length**2 - across**2, 0.1)))
        return min(heights)

    def _leg(self, thigh: float, knee: float) -> np.ndarray:
        shank = thigh - knee
        return self._thigh_m * np.array([np.sin(thigh), -np.cos(thigh)]) + self._shank_m * np.array(
            [np.sin(shank), -np.cos(shank)]
        )

    def _solve(self, hip: np.ndarray, ankle: np.ndarray) -> tuple[float, float]:
        """Two-link inverse kinematics, knee forward: thigh angle and knee bend in radians."""
        across, down = ankle[0] - hip[0], hip[1] - ankle[1]
        distance = min(np.hypot(across, down), 0.9995 * (self._thigh_m + self._shank_m))
        thigh, shank = self._thigh_m, self._shank_m
        cosine = (thigh**2 + distance**2 - shank**2) / (2 * thigh * distance)
        bend = (thigh**2 + shank**2 - distance**2) / (2 * thigh * shank)
        angle = np.arctan2(across, down) + np.arccos(np.clip(cosine, -1, 1))
        return float(angle), float(np.pi - np.arccos(np.clip(bend, -1, 1)))

    def _leg_keys(self, side: str) -> np.ndarray:
        """(K, 3) time, thigh, knee in seconds and radians, through the leg's own contacts."""
        keys: list[tuple[float, float, float]] = []
        for index, contact in enumerate(self.contacts):
            length = contact.up_s - contact.down_s
            if contact.foot == side:
                for time_s in (contact.down_s, contact.up_s):
                    ankle, _, _ = self._planted_foot(contact, time_s)
                    keys.append((time_s, *self._solve(self.hip(time_s), ankle)))
            else:
                keys += [
                    (contact.down_s + share * length, np.radians(thigh), np.radians(knee))
                    for share, thigh, knee in _FREE_KEYS
                ]
            following = self.contacts[index + 1 : index + 2]
            lands = bool(following) and following[0].foot == side
            keys += [
                (contact.up_s + share * self._flight_s(index), np.radians(thigh), np.radians(knee))
                for share, thigh, knee in _FLIGHT_KEYS[(contact.foot == side, lands)]
            ]
        return np.array(keys)

    def _angles(self, side: str, time_s: float) -> tuple[float, float]:
        """Thigh and knee from the keys, by a cubic through four neighbours."""
        keys = self._keys[side]
        at = int(np.clip(np.searchsorted(keys[:, 0], time_s) - 1, 0, len(keys) - 2))
        times, values = keys[:, 0], keys[:, 1:]
        low, high = max(at - 1, 0), min(at + 2, len(keys) - 1)
        span = times[at + 1] - times[at]
        share = np.clip((time_s - times[at]) / span, 0, 1)
        start = (values[at + 1] - values[low]) / (times[at + 1] - times[low]) * span
        end = (values[high] - values[at]) / (times[high] - times[at]) * span
        thigh, knee = (
            (2 * share**3 - 3 * share**2 + 1) * values[at]
            + (share**3 - 2 * share**2 + share) * start
            + (3 * share**2 - 2 * share**3) * values[at + 1]
            + (share**3 - share**2) * end
        )
        return float(thigh), float(max(knee, 0.03))


def _turn(vector: np.ndarray, angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([cosine * vector[0] - sine * vector[1], sine * vector[0] + cosine * vector[1]])
