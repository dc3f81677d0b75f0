"""How a bounding athlete moves: a side-view figure in metres, with contacts known exactly.

The stance foot's toe is pinned, the hips are a spring in stance and ballistic in flight, the free
limbs follow key-frame angles. Proportions: Winter, Biomechanics and Motor Control of Human
Movement; timing ranges: docs/domain.md, "Step and contact times" (contact 0.11-0.25 s, flight
0.20-0.55 s).
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pushoff.synthetic.gait import Curve, Style, flight_keys, free_keys, hermite

GRAVITY_M_S2 = 9.81
THIGH, SHANK, TRUNK, UPPER_ARM, FOREARM = 0.245, 0.246, 0.288, 0.186, 0.2
"""Segment lengths as shares of the athlete's height."""
ANKLE_BEHIND_TOE, ANKLE_ABOVE_SOLE, HEEL_BEHIND_TOE = 0.115, 0.039, 0.152
"""The foot, as shares of the athlete's height."""
HEEL_RISE_RAD = 1.1
"""How far the heel turns about the toe until the toe leaves the ground."""
TOUCHDOWN_REACH, PUSH_OFF_REACH = 0.95, 0.97
"""Distance from hip to ankle as a share of the straight leg, at both ends of a contact."""
EDGE_FLIGHT_S = 0.3
"""The flight before the first and after the last contact."""
_CLEARANCE_M, _CLEARANCE_S = 0.02, 0.05
"""A swinging foot is at least this far above the ground, this long after its push-off."""
SIDES = ("left", "right")


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
    hip_m: tuple[float, float]
    """Where the hips are along the direction of travel at touchdown and at push-off."""
    approach: bool
    """Whether it is a running step before the drill."""


@dataclass(frozen=True)
class Pose:
    """Joint positions in metres: x along the travel, y up from the ground."""

    points: dict[str, np.ndarray]
    """`hip`, `shoulder`, `head`, and `<side>_<knee|ankle|heel|toe|elbow|hand>`."""


class Motion:
    """The figure at any time. Contacts must be in time order and not overlap."""

    def __init__(
        self, contacts: tuple[Contact, ...], height_m: float, style: Style | None = None
    ) -> None:
        self.contacts, self.height_m, self.style = contacts, height_m, style or Style()
        self._thigh_m, self._shank_m = THIGH * height_m, SHANK * height_m
        self._downs = [contact.down_s for contact in contacts]
        self._flights = [after.down_s - before.up_s for before, after in pairwise(contacts)]
        self._hip_down = [
            self._hip_height(contact, contact.down_s, TOUCHDOWN_REACH) for contact in contacts
        ]
        self._hip_up = [
            self._hip_height(contact, contact.up_s, PUSH_OFF_REACH) for contact in contacts
        ]
        speeds = [
            (contacts[index + 1].hip_m[0] - contacts[index].hip_m[1]) / flight
            for index, flight in enumerate(self._flights)
        ]
        self._speeds = [speeds[0], *speeds, speeds[-1]]  # before each contact, and after the last
        self._legs = {side: self._leg_curve(side) for side in SIDES}

    def hip(self, time_s: float) -> np.ndarray:
        """Position of the hips, (2,) metres: ballistic in flight, a spring dip in stance."""
        index = bisect_right(self._downs, time_s) - 1
        if index >= 0 and time_s <= self.contacts[index].up_s:
            return self._stance_hip(index, time_s)
        start_s, flight_s, start, end = self._flight(index)
        share = (time_s - start_s) / flight_s
        fall = GRAVITY_M_S2 / 2 * (time_s - start_s) * (start_s + flight_s - time_s)
        return start + share * (end - start) + [0.0, fall]

    def pose(self, time_s: float) -> Pose:
        """Every joint at a time."""
        hip = self.hip(time_s)
        height = self.height_m
        points: dict[str, np.ndarray] = {"hip": hip}
        thighs: dict[str, float] = {}
        for side in SIDES:
            contact = self._stance_contact(side, time_s)
            if contact is not None:
                ankle, heel, toe, _ = self._planted_foot(contact, time_s)
            else:
                ankle, heel, toe = self._swinging_foot(side, hip, time_s)
            thigh, _ = self._inverse_kinematics(hip, ankle)
            thighs[side] = thigh
            points[f"{side}_knee"] = hip + self._thigh_m * _hanging(thigh)
            points |= {f"{side}_ankle": ankle, f"{side}_heel": heel, f"{side}_toe": toe}
        spread = thighs["left"] - thighs["right"]
        lean = self.style.lean_rad + 0.04 * np.cos(spread)
        up = np.array([np.sin(lean), np.cos(lean)])
        points["shoulder"] = shoulder = hip + TRUNK * height * up
        points["head"] = shoulder + 0.115 * height * (up + np.array([0.12, 0.0]))
        for side, other in (("left", "right"), ("right", "left")):
            lead = max(thighs.values()) if self.style.both_arms else thighs[other]
            swing = self.style.arms * (0.75 * lead - 0.3) - 0.05
            elbow = shoulder + UPPER_ARM * height * _hanging(swing)
            points[f"{side}_elbow"] = elbow
            points[f"{side}_hand"] = elbow + FOREARM * height * _hanging(1.25 * swing + 1.35)
        return Pose(points)

    def _flight(self, index: int) -> tuple[float, float, np.ndarray, np.ndarray]:
        """Start time, duration, and hips at both ends, of the flight after contact `index`.

        -1 is the flight before the first contact.
        """
        last = len(self.contacts) - 1
        if 0 <= index < last:
            start = np.array([self.contacts[index].hip_m[1], self._hip_up[index]])
            end = np.array([self.contacts[index + 1].hip_m[0], self._hip_down[index + 1]])
            return self.contacts[index].up_s, self._flights[index], start, end
        travel = np.array([self._speeds[index + 1] * EDGE_FLIGHT_S, 0.0])
        if index < 0:
            end = np.array([self.contacts[0].hip_m[0], self._hip_down[0]])
            return self._downs[0] - EDGE_FLIGHT_S, EDGE_FLIGHT_S, end - travel, end
        start = np.array([self.contacts[last].hip_m[1], self._hip_up[last]])
        return self.contacts[last].up_s, EDGE_FLIGHT_S, start, start + travel

    def _stance_hip(self, index: int, time_s: float) -> np.ndarray:
        """A cubic with the speeds of the flights at both ends: it dips, and brakes a little."""
        contact = self.contacts[index]
        length = contact.up_s - contact.down_s
        start = np.array([contact.hip_m[0], self._hip_down[index]])
        end = np.array([contact.hip_m[1], self._hip_up[index]])
        _, before_s, before_start, before_end = self._flight(index - 1)
        _, after_s, after_start, after_end = self._flight(index)
        gravity = np.array([0.0, GRAVITY_M_S2 / 2])
        landing = (before_end - before_start) / before_s - gravity * before_s
        leaving = (after_end - after_start) / after_s + gravity * after_s
        share = (time_s - contact.down_s) / length
        return hermite(share, start, landing * length, end, leaving * length)

    def _stance_contact(self, side: str, time_s: float) -> Contact | None:
        """The contact of this foot at this time, if any."""
        index = bisect_right(self._downs, time_s) - 1
        if index < 0:
            return None
        contact = self.contacts[index]
        return contact if contact.foot == side and time_s <= contact.up_s else None

    def _planted_foot(
        self, contact: Contact, time_s: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Ankle, heel, toe and pitch; the heel lifts in the second part of the contact."""
        share = (time_s - contact.down_s) / (contact.up_s - contact.down_s)
        pitch = -HEEL_RISE_RAD * min(max((share - 0.42) / 0.58, 0.0), 1.0) ** 1.35
        toe = np.array([contact.toe_x_m, 0.0])
        back = np.array([-ANKLE_BEHIND_TOE, ANKLE_ABOVE_SOLE]) * self.height_m
        heel = np.array([-HEEL_BEHIND_TOE, 0.0]) * self.height_m
        return toe + _rotate(back, pitch), toe + _rotate(heel, pitch), toe, pitch

    def _swinging_foot(
        self, side: str, hip: np.ndarray, time_s: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ankle, heel and toe, lifted where the key frames would move them through the ground."""
        thigh, knee, stretch = self._legs[side].at(time_s)
        shank = thigh - max(knee, 0.03)
        ankle = hip + self._thigh_m * _hanging(thigh) + self._shank_m * _hanging(shank)
        pitch = shank - stretch
        height = self.height_m
        toe = ankle + _rotate(np.array([ANKLE_BEHIND_TOE, -ANKLE_ABOVE_SOLE]) * height, pitch)
        heel = toe + _rotate(np.array([-HEEL_BEHIND_TOE, 0.0]) * height, pitch)
        from_contact_s = min(
            (
                min(abs(time_s - contact.down_s), abs(time_s - contact.up_s))
                for contact in self.contacts
                if contact.foot == side
            ),
            default=_CLEARANCE_S,
        )
        lift = _CLEARANCE_M * min(from_contact_s / _CLEARANCE_S, 1.0) - min(toe[1], heel[1])
        if lift > 0:
            up = np.array([0.0, lift])
            ankle, heel, toe = ankle + up, heel + up, toe + up
        return ankle, heel, toe

    def _hip_height(self, contact: Contact, time_s: float, share: float) -> float:
        """Height of the hips from which a leg bent to `share` of its length meets the ankle."""
        ankle, _, _, _ = self._planted_foot(contact, time_s)
        hip_x = contact.hip_m[1] if time_s == contact.up_s else contact.hip_m[0]
        across = hip_x - ankle[0]
        length = share * (self._thigh_m + self._shank_m)
        return float(ankle[1] + np.sqrt(max(length**2 - across**2, 0.1)))

    def _inverse_kinematics(self, hip: np.ndarray, ankle: np.ndarray) -> tuple[float, float]:
        """Two-link inverse kinematics, knee forward: thigh angle and knee bend in radians."""
        across, down = ankle[0] - hip[0], hip[1] - ankle[1]
        thigh, shank = self._thigh_m, self._shank_m
        distance = min(np.hypot(across, down), 0.9995 * (thigh + shank))
        cosine = (thigh**2 + distance**2 - shank**2) / (2 * thigh * distance)
        bend = (thigh**2 + shank**2 - distance**2) / (2 * thigh * shank)
        angle = np.arctan2(across, down) + np.arccos(min(max(cosine, -1.0), 1.0))
        return float(angle), float(np.pi - np.arccos(min(max(bend, -1.0), 1.0)))

    def _leg_curve(self, side: str) -> Curve:
        """Thigh, knee and ankle angles through the leg's own contacts and swings."""
        keys: list[tuple[float, np.ndarray, int]] = []
        for index, contact in enumerate(self.contacts):
            own = contact.foot == side
            leaving = None
            if own:
                for time_s, corner in ((contact.down_s, -1), (contact.up_s, 1)):
                    ankle, _, _, pitch = self._planted_foot(contact, time_s)
                    thigh, knee = self._inverse_kinematics(self.hip(time_s), ankle)
                    leaving = np.array([thigh, knee, thigh - knee - pitch])
                    keys.append((time_s, leaving, corner))
            else:
                swing = free_keys(contact.up_s - contact.down_s, self.style)
                keys += [(contact.down_s + after_s, angles, 0) for after_s, angles in swing]
            following = self.contacts[index + 1 : index + 2]
            lands = bool(following) and following[0].foot == side
            flight_s = self._flights[index] if following else EDGE_FLIGHT_S
            swing = flight_keys(own, lands, leaving, flight_s, self.style)
            keys += [(contact.up_s + after_s, angles, 0) for after_s, angles in swing]
        times, values, corners = (np.array(column) for column in zip(*keys, strict=True))
        return Curve(times, values, corners)


def _hanging(angle: float) -> np.ndarray:
    """Unit vector straight down, turned forward by `angle`."""
    return np.array([np.sin(angle), -np.cos(angle)])


def _rotate(vector: np.ndarray, angle: float) -> np.ndarray:
    """A (2,) vector turned by `angle`, counterclockwise."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([cosine * vector[0] - sine * vector[1], sine * vector[0] + cosine * vector[1]])
