"""Everything in one synthetic video: the athlete's motion, the camera and the times. Door: cv2."""

import zlib
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from pushoff.errors import BadInput
from pushoff.events.measure.lens import Lens
from pushoff.synthetic.backdrop import paint_backdrop
from pushoff.synthetic.bystander import HEIGHT_M, bystander_motion
from pushoff.synthetic.camera import Camera, half_view_tangent
from pushoff.synthetic.drill import LEAD_IN_CONTACTS, DrillSpec, sample_contacts
from pushoff.synthetic.gait import Style
from pushoff.synthetic.kinematics import Contact, Motion, Pose
from pushoff.synthetic.painter import Appearance, Painter

_MARGIN_M = 1.0
"""Runway in view before the first and after the last contact; less where that shows another one."""
_OUT_OF_VIEW_M = 0.9
"""The hips are this far outside the image when the video starts and, if they get there, ends."""
_AFTER_S = 0.25
"""The video continues after the last push-off if the athlete is still in view."""
_VIEW_CANDIDATES = 24
"""Positions tried for a view that cuts the drill, so that no toe is at its edge."""
_MAX_GROUND_Y = 0.92
"""Share of the image's height above which the athlete's line must be, or no toe is seen."""
_MIN_CAMERA_M = 0.25
"""Least distance from the camera to the calibrated line: nearer, it would not be in the image."""
_PANNING_HEIGHT = 0.42
"""The athlete's height as a share of the image's with a panning camera, which is further away."""
_NOISE_IMAGES = 6
"""Different noise images, used in turn."""


class World:
    """Everything sampled from the spec.

    Raises BadInput on a lens that folds the image and on a view so narrow that no camera fits
    before it.
    """

    def __init__(self, spec: DrillSpec) -> None:
        self.spec = spec
        self.rng = np.random.default_rng([spec.seed, zlib.crc32(spec.exercise.value.encode())])
        self.venue_rng = np.random.default_rng(spec.venue)
        athlete_rng = np.random.default_rng(zlib.crc32(spec.athlete.encode()))
        self.forward = 1 if spec.direction == "right" else -1
        self.height_m = float(athlete_rng.uniform(1.62, 1.92))
        appearance, style = Appearance.sample(athlete_rng), Style.sample(athlete_rng)
        contacts = sample_contacts(spec, self.rng, self.height_m)
        self.motion = Motion(contacts, self.height_m, style)
        sampled_offset = float(self.rng.uniform(-0.3, 0.3))
        self.offset_m = sampled_offset if spec.lateral_offset_m is None else spec.lateral_offset_m
        shade, shadow = 1 - spec.leg_contrast, float(self.venue_rng.uniform(0.2, 1.2))
        self.athlete = Painter(
            appearance, self.height_m, self.forward, self.offset_m, shade, shadow
        )
        self.view_m = self._visible_range()
        self.camera = self._camera()
        self.start_s, self.end_s = self._times()
        self.frames = int((self.end_s - self.start_s) * spec.capture_fps)
        self._pan_phases = self.rng.uniform(0, 2 * np.pi, 2)
        self.visible_contacts = tuple(
            contact for contact in contacts if self._shows_push_off(contact)
        )
        """Contacts whose push-off is in the video and in the image."""
        self.drill_contacts = contacts[LEAD_IN_CONTACTS + spec.approach_steps :]
        """Contacts from the drill's first on, visible or not."""

    def _visible_range(self) -> tuple[float, float]:
        """From where to where the runway is in view, metres along the direction of travel."""
        spec = self.spec
        toes = np.array([contact.toe_x_m for contact in self.motion.contacts])
        first = LEAD_IN_CONTACTS
        last = LEAD_IN_CONTACTS + spec.approach_steps + spec.push_offs - 1
        before = min(_MARGIN_M, (toes[first] - toes[first - 1]) / 2)
        after = min(_MARGIN_M, (toes[last + 1] - toes[last]) / 2)
        whole = toes[first] - before, toes[last] + after
        if spec.view_m is None or spec.panning or spec.view_m >= whole[1] - whole[0]:
            return whole
        starts = self.rng.uniform(whole[0], whole[1] - spec.view_m, _VIEW_CANDIDATES)
        edges = np.stack([starts, starts + spec.view_m], 1)[:, :, None]  # (candidates, 2, 1)
        distances = np.abs(edges - toes).min((1, 2))
        best = float(starts[int(distances.argmax())])
        return best, best + spec.view_m

    def _camera(self) -> Camera:
        """A tripod beside the runway, from which exactly the visible range is seen."""
        spec, rng = self.spec, self.venue_rng
        lens_height, roll = float(rng.uniform(0.5, 0.7)), float(rng.uniform(-0.7, 0.7))
        lens_height = lens_height if spec.lens_height_m is None else spec.lens_height_m
        k1, yaw = float(rng.uniform(-0.03, 0.01)), float(np.radians(rng.uniform(-2, 2)))
        horizon = float(rng.uniform(0.52, 0.62))
        width, height = spec.width_px, spec.height_px
        degrees = min(spec.field_of_view_deg, 40.0) if spec.panning else spec.field_of_view_deg
        focal = 0.5 * width / np.tan(np.radians(degrees / 2))
        k1 = k1 if spec.k1 is None else spec.k1
        lens = Lens(focal, focal, width / 2, height / 2, k1, spec.k2)
        corner = lens.undistort(np.array([[1.06 * width + 16.0, 1.06 * height + 16.0]]))
        if not np.isfinite(corner).all():
            raise BadInput(f"a lens of k1 {k1} and k2 {spec.k2} folds this image over")
        start, end = sorted(edge * self.forward for edge in self.view_m)
        half_view = np.arctan(half_view_tangent(lens, width))
        if spec.panning:
            distance = max(focal * self.height_m / (_PANNING_HEIGHT * height), (end - start) / 2)
            x, yaw = (start + end) / 2, 0.0
        else:
            left, right = np.tan(yaw - half_view), np.tan(yaw + half_view)
            depth = (end - start) / (right - left)
            min_depth = focal * lens_height / ((_MAX_GROUND_Y - horizon) * height)
            if depth < min_depth:  # a drill of one push-off: more is seen of what comes after it
                depth = min_depth
                start = start if self.forward > 0 else end - depth * (right - left)
            x, distance = start - depth * left, depth - self.offset_m
        if distance < _MIN_CAMERA_M:
            raise BadInput(
                f"the camera would be {distance:.2f} m before the calibrated line, at least "
                f"{_MIN_CAMERA_M} m are needed: more push_offs, a smaller field_of_view_deg or "
                "lateral_offset_m move it back"
            )
        return Camera(
            width_px=width,
            height_px=height,
            lens=lens,
            x_m=float(x),
            lens_height_m=lens_height,
            distance_m=float(distance),
            yaw_rad=yaw,
            pitch_rad=float(np.arctan((horizon - 0.5) * height / focal)),
            roll_rad=float(np.radians(roll if spec.roll_deg is None else spec.roll_deg)),
        )

    def _times(self) -> tuple[float, float]:
        """From before the athlete enters the image to after they have left or pushed off."""
        contacts = self.motion.contacts
        times = np.linspace(contacts[0].down_s, contacts[-1].down_s, 600)
        hips_x = np.array([self.motion.hip(float(time_s))[0] for time_s in times])
        start, end = np.interp(
            [self.view_m[0] - _OUT_OF_VIEW_M, self.view_m[1] + _OUT_OF_VIEW_M], hips_x, times
        )
        last = contacts[LEAD_IN_CONTACTS + self.spec.approach_steps + self.spec.push_offs - 1]
        return float(start), float(min(end, last.up_s + _AFTER_S))

    def yaw_rad(self, time_s: float) -> float:
        """Where the camera looks; a panning one follows the athlete a little unsteadily."""
        if not self.spec.panning:
            return self.camera.yaw_rad
        x, _ = self.motion.hip(float(np.clip(time_s, self.start_s, self.end_s)))
        yaw = np.arctan((x * self.forward - self.camera.x_m) / self._athlete_distance_m)
        slow, fast = np.sin(np.array([1.1, 2.9]) * time_s + self._pan_phases)
        return float(yaw + 0.05 * slow + 0.012 * fast)

    def frame_at(self, time_s: float) -> int:
        """The last frame at or before a time."""
        return int(np.floor((time_s - self.start_s) * self.spec.capture_fps))

    def toe_m(self, contact: Contact) -> tuple[float, float]:
        """Ground x, z of a contact's toe, metres."""
        return contact.toe_x_m * self.forward, self.athlete.depth_m(f"{contact.foot}_toe")

    def camera_at(self, frame: int) -> Camera:
        """The camera as it is turned in one frame."""
        return self.camera.turned(self.yaw_rad(self.start_s + frame / self.spec.capture_fps))

    def toe_px(self, contact: Contact, frame: int) -> tuple[float, float]:
        """x, y of the toe in that frame's image."""
        x, z = self.toe_m(contact)
        x_px, y_px = self.camera_at(frame).project(np.array([[x, 0.0, z]]))[0]
        return round(float(x_px), 2), round(float(y_px), 2)

    def _shows_push_off(self, contact: Contact) -> bool:
        """Whether the push-off is in the video and in the image."""
        frame = self.frame_at(contact.up_s)
        if not 0 <= frame < self.frames:
            return False
        x, y = self.toe_px(contact, frame)
        return 0 <= x < self.spec.width_px and 0 <= y < self.spec.height_px

    def images(self) -> Iterator[np.ndarray]:
        """(H, W, 3) uint8 RGB, one per frame. Uses the generator up: iterate a World once."""
        spec, rng = self.spec, self.rng
        times = self.start_s + np.arange(self.frames) / spec.capture_fps
        yaws = [self.yaw_rad(float(time_s)) for time_s in times] or [self.camera.yaw_rad]
        backdrop_at = paint_backdrop(self.camera, self.venue_rng, (min(yaws), max(yaws)))
        still = None if spec.panning else backdrop_at(self.camera.yaw_rad)
        second_person = self._second_person(rng)
        shape = (spec.height_px, spec.width_px, 3)
        noises = [
            (rng.standard_normal(shape, np.float32) * spec.noise).astype(np.int16)
            for _ in range(_NOISE_IMAGES)
        ]
        exposure = (np.arange(256) * spec.exposure).clip(0, 255).astype(np.uint8)
        instants_s = self._exposure_instants()
        for index, time_s in enumerate(times):
            image = backdrop_at(yaws[index]) if still is None else still.copy()
            camera = self.camera.turned(yaws[index])
            if second_person:
                painter, pose_at = second_person
                painter.paint(image, camera, [pose_at(float(time_s) - self.start_s)])
            poses = [self.motion.pose(float(time_s + instant_s)) for instant_s in instants_s]
            self.athlete.paint(image, camera, poses)
            if spec.exposure != 1:
                image = cv2.LUT(image, exposure)
            flicker = round(2.5 * np.sin(0.9 * time_s))
            noise = np.roll(noises[index % _NOISE_IMAGES], int(rng.integers(spec.width_px)), axis=1)
            noise += flicker
            yield np.clip(noise + image, 0, 255).astype(np.uint8)

    def _exposure_instants(self) -> np.ndarray:
        """(K,) seconds from the middle of the exposure: one for each pixel that the feet smear."""
        spec = self.spec
        foot_speed_m_s = 2.2 * spec.speed_m_s
        smear_px = foot_speed_m_s * spec.shutter_s * self.camera.focal_px / self._athlete_distance_m
        count = min(2 + int(smear_px), 7)
        return (np.arange(count) - (count - 1) / 2) / count * spec.shutter_s

    @property
    def _athlete_distance_m(self) -> float:
        return self.camera.distance_m + self.offset_m

    def _second_person(
        self, rng: np.random.Generator
    ) -> tuple[Painter, Callable[[float], Pose]] | None:
        """Painter and poses of the second person, behind the runway."""
        if self.spec.second_person is None:
            return None
        z = self.camera.distance_m * float(rng.uniform(0.4, 0.9))
        forward = int(rng.choice([-1, 1]))
        tangent = half_view_tangent(self.camera.lens, self.spec.width_px)
        reach_m = tangent * (self.camera.distance_m + z)
        pose_at = bystander_motion(self.spec.second_person, rng, reach_m)
        yaw_shift = np.tan(self.camera.yaw_rad) * (z + self._athlete_distance_m)
        middle = (self.camera.x_m + yaw_shift) * forward

        def shifted_pose(time_s: float) -> Pose:
            pose = pose_at(time_s)
            for point in pose.points.values():
                point[0] += middle
            return pose

        return Painter(Appearance.sample(rng), HEIGHT_M, forward, z), shifted_pose
