"""Where everything of one synthetic video stands and when, before the first picture is painted."""

import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from pushoff.errors import BadInput
from pushoff.events.measure.lens import Lens
from pushoff.synthetic.backdrop import scene
from pushoff.synthetic.bystander import HEIGHT_M, bystander
from pushoff.synthetic.camera import Camera, edge_tangent
from pushoff.synthetic.drill import OFF_STAGE, DrillSpec, contacts
from pushoff.synthetic.gait import Style
from pushoff.synthetic.kinematics import Contact, Motion
from pushoff.synthetic.painter import Look, Painter

_MARGIN_M = 1.0
"""Runway seen before the first and after the last contact, less where that shows another one."""
_HIDDEN_M = 0.9
"""The hips are this far outside the picture when the video starts and, if they get there, ends."""
_AFTER_S = 0.25
"""The video goes on after the last push-off if the athlete is still in view."""
_TRIES = 24
"""Places tried for a view that cuts the drill, so that no toe lies on its edge."""
_GROUND_ABOVE = 0.92
"""Share of the picture's height above which the athlete's line must lie, or no toe is seen."""
_NEAREST_M = 0.25
"""The camera stands no nearer to the calibrated line: the picture would show nothing of it."""
_PANNED_SHARE = 0.42
"""The athlete's height in a panning picture, which videos from further away."""


class World:
    """Everything drawn by lot from the spec. Raises BadInput on a lens that folds the picture and
    on a view so narrow that no camera stands before it."""

    def __init__(self, spec: DrillSpec) -> None:
        self.spec = spec
        self.rng = np.random.default_rng([spec.seed, zlib.crc32(spec.exercise.value.encode())])
        self.place = np.random.default_rng(spec.place)
        person = np.random.default_rng(zlib.crc32(spec.athlete.encode()))
        self.forward = 1 if spec.direction == "right" else -1
        self.body_m = float(person.uniform(1.62, 1.92))
        look, style = Look.drawn(person), Style.drawn(person)
        made = contacts(spec, self.rng, self.body_m)
        self.motion = Motion(made, self.body_m, style)
        drawn_offset = float(self.rng.uniform(-0.3, 0.3))
        self.offset_m = drawn_offset if spec.lateral_offset_m is None else spec.lateral_offset_m
        shade, strength = 1 - spec.leg_contrast, float(self.place.uniform(0.2, 1.2))
        self.athlete = Painter(look, self.body_m, self.forward, self.offset_m, shade, strength)
        self.view_m = self._view()
        self.camera = self._camera()
        self.start_s, self.end_s = self._times()
        self.frames = int((self.end_s - self.start_s) * spec.capture_fps)
        self._wander = self.rng.uniform(0, 2 * np.pi, 2)
        self.counted = tuple(one for one in made if self._counts(one))
        """Contacts whose push-off is in the video and in the picture."""
        self.drill = made[OFF_STAGE + spec.approach_steps :]
        """Contacts from the drill's first on, seen or not."""

    def _view(self) -> tuple[float, float]:
        """From where to where the runway is seen, metres along the travel."""
        spec, made = self.spec, self.motion.contacts
        toes = np.array([one.toe_x_m for one in made])
        first, last = OFF_STAGE, OFF_STAGE + spec.approach_steps + spec.push_offs - 1
        before = min(_MARGIN_M, (toes[first] - toes[first - 1]) / 2)
        after = min(_MARGIN_M, (toes[last + 1] - toes[last]) / 2)
        whole = toes[first] - before, toes[last] + after
        if spec.view_m is None or spec.panning or spec.view_m >= whole[1] - whole[0]:
            return whole
        starts = self.rng.uniform(whole[0], whole[1] - spec.view_m, _TRIES)
        edges = np.stack([starts, starts + spec.view_m], 1)[:, :, None]  # (tries, 2, 1)
        clear = np.abs(edges - toes).min((1, 2))
        best = float(starts[int(clear.argmax())])
        return best, best + spec.view_m

    def _camera(self) -> Camera:
        """A tripod beside the runway, from which exactly the view is seen."""
        spec, place = self.spec, self.place
        lens_height, roll = float(place.uniform(0.5, 0.7)), float(place.uniform(-0.7, 0.7))
        lens_height = lens_height if spec.lens_height_m is None else spec.lens_height_m
        k1, yaw = float(place.uniform(-0.03, 0.01)), float(np.radians(place.uniform(-2, 2)))
        horizon = float(place.uniform(0.52, 0.62))
        width, height = spec.width_px, spec.height_px
        degrees = min(spec.field_of_view_deg, 40.0) if spec.panning else spec.field_of_view_deg
        focal = 0.5 * width / np.tan(np.radians(degrees / 2))
        k1 = k1 if spec.k1 is None else spec.k1
        lens = Lens(focal, focal, width / 2, height / 2, k1, spec.k2)
        corner = lens.undistort(np.array([[1.06 * width + 16.0, 1.06 * height + 16.0]]))
        if not np.isfinite(corner).all():
            raise BadInput(f"a lens of k1 {k1} and k2 {spec.k2} folds this picture over")
        start, end = sorted(edge * self.forward for edge in self.view_m)
        edge = np.arctan(edge_tangent(lens, width))
        if spec.panning:
            distance = max(focal * self.body_m / (_PANNED_SHARE * height), (end - start) / 2)
            x, yaw = (start + end) / 2, 0.0
        else:
            left, right = np.tan(yaw - edge), np.tan(yaw + edge)
            deep = (end - start) / (right - left)
            low = focal * lens_height / ((_GROUND_ABOVE - horizon) * height)
            if deep < low:  # a drill of one push-off: more is seen, of what comes after it
                deep = low
                start = start if self.forward > 0 else end - deep * (right - left)
            x, distance = start - deep * left, deep - self.offset_m
        if distance < _NEAREST_M:
            raise BadInput(
                f"the camera would stand {distance:.2f} m before the calibrated line, at least "
                f"{_NEAREST_M} m are needed: more push_offs, a smaller field_of_view_deg or "
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
        """From before the athlete comes into the picture to after they have left or pushed off."""
        made = self.motion.contacts
        times = np.linspace(made[0].down_s, made[-1].down_s, 600)
        along = np.array([self.motion.hip(float(time_s))[0] for time_s in times])
        start, end = np.interp(
            [self.view_m[0] - _HIDDEN_M, self.view_m[1] + _HIDDEN_M], along, times
        )
        last = made[OFF_STAGE + self.spec.approach_steps + self.spec.push_offs - 1]
        return float(start), float(min(end, last.up_s + _AFTER_S))

    def yaw_rad(self, time_s: float) -> float:
        """Where the camera looks; a panning one follows the athlete a little unsteadily."""
        if not self.spec.panning:
            return self.camera.yaw_rad
        x, _ = self.motion.hip(float(np.clip(time_s, self.start_s, self.end_s)))
        deep = self.camera.distance_m + self.offset_m
        yaw = np.arctan((x * self.forward - self.camera.x_m) / deep)
        slow, quick = np.sin(np.array([1.1, 2.9]) * time_s + self._wander)
        return float(yaw + 0.05 * slow + 0.012 * quick)

    def frame(self, time_s: float) -> int:
        """The last frame at or before a time."""
        return int(np.floor((time_s - self.start_s) * self.spec.capture_fps))

    def toe_m(self, contact: Contact) -> tuple[float, float]:
        """Ground x, z of a contact's toe, metres."""
        return contact.toe_x_m * self.forward, self.athlete.depth_m(f"{contact.foot}_toe")

    def camera_at(self, frame: int) -> Camera:
        """The camera as it looks in one frame."""
        return self.camera.turned(self.yaw_rad(self.start_s + frame / self.spec.capture_fps))

    def toe_px(self, contact: Contact, frame: int) -> tuple[float, float]:
        """The toe in that frame's picture."""
        x, z = self.toe_m(contact)
        across, down = self.camera_at(frame).project(np.array([[x, 0.0, z]]))[0]
        return round(float(across), 2), round(float(down), 2)

    def _counts(self, contact: Contact) -> bool:
        """Whether the push-off happens in the video and in the picture."""
        frame = self.frame(contact.up_s)
        if not 0 <= frame < self.frames:
            return False
        x, y = self.toe_px(contact, frame)
        return 0 <= x < self.spec.width_px and 0 <= y < self.spec.height_px

    def pictures(self) -> Iterator[np.ndarray]:
        """(H, W, 3) uint8 RGB, one per frame."""
        spec, rng = self.spec, self.rng
        times = self.start_s + np.arange(self.frames) / spec.capture_fps
        yaws = [self.yaw_rad(float(time_s)) for time_s in times] or [self.camera.yaw_rad]
        view = scene(self.camera, self.place, (min(yaws), max(yaws)))
        still = None if spec.panning else view(self.camera.yaw_rad)
        other = self._other(rng)
        shape = (spec.height_px, spec.width_px, 3)
        noises = [
            (rng.standard_normal(shape, np.float32) * spec.noise).astype(np.int16) for _ in range(6)
        ]
        bright = (np.arange(256) * spec.exposure).clip(0, 255).astype(np.uint8)
        # Feet move at about 2.2 times the athlete's speed: one instant for each pixel they smear.
        smear = 2.2 * spec.speed_m_s * spec.shutter_s * self.camera.focal_px / self._deep
        count = min(2 + int(smear), 7)
        moments = (np.arange(count) - (count - 1) / 2) / count * spec.shutter_s
        for index, time_s in enumerate(times):
            image = view(yaws[index]) if still is None else still.copy()
            camera = self.camera.turned(yaws[index])
            if other:
                painter, pose_at = other
                painter.paint(image, camera, [pose_at(float(time_s) - self.start_s)])
            poses = [self.motion.pose(float(time_s + moment)) for moment in moments]
            self.athlete.paint(image, camera, poses)
            if spec.exposure != 1:
                image = cv2.LUT(image, bright)
            light = round(2.5 * np.sin(0.9 * time_s))
            noise = np.roll(noises[index % 6], int(rng.integers(spec.width_px)), axis=1)
            noise += light
            yield np.clip(noise + image, 0, 255).astype(np.uint8)

    @property
    def _deep(self) -> float:
        return self.camera.distance_m + self.offset_m

    def _other(self, rng: np.random.Generator) -> tuple | None:
        """Painter and poses of the second person, behind the runway."""
        kind = {True: "standing", False: None}.get(self.spec.second_person, self.spec.second_person)
        if kind is None:
            return None
        z = self.camera.distance_m * float(rng.uniform(0.4, 0.9))
        forward = int(rng.choice([-1, 1]))
        wide = edge_tangent(self.camera.lens, self.spec.width_px) * (self.camera.distance_m + z)
        pose_at = bystander(kind, rng, wide)
        middle = (self.camera.x_m + np.tan(self.camera.yaw_rad) * (z + self._deep)) * forward

        def placed(time_s: float) -> object:
            pose = pose_at(time_s)
            for point in pose.points.values():
                point[0] += middle
            return pose

        return Painter(Look.drawn(rng), HEIGHT_M, forward, z), placed
