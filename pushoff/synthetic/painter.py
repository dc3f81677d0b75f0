"""Paints a person: limbs, clothes, skin and shadow, with motion blur. Door: cv2."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

import cv2
import numpy as np

from pushoff.synthetic.camera import Camera
from pushoff.synthetic.kinematics import SIDES, Pose

Colour = tuple[int, int, int]
Point = Sequence[float]
"""x, y in canvas pixels."""
_SUPERSAMPLING = 3
"""Painted at three times the size and averaged down: soft edges and sub-pixel motion."""
_LATERAL_M = {"knee": 0.07, "ankle": 0.06, "heel": 0.05, "toe": 0.05, "elbow": 0.2, "hand": 0.18}
"""Metres from a joint to the body's median plane: feet land close to one line."""


@dataclass(frozen=True)
class Appearance:
    """What a person looks like."""

    skin: Colour
    shirt: Colour
    shorts: Colour
    tights: Colour | None
    shoes: Colour
    hair: Colour
    bulk: float
    """Limb thickness; 1 is average."""

    @staticmethod
    def sample(rng: np.random.Generator) -> "Appearance":
        """A random appearance."""
        skins = ((226, 186, 158), (198, 146, 112), (142, 96, 70), (92, 62, 48))
        darks = ((28, 28, 34), (36, 44, 78), (70, 24, 30), (52, 58, 60))
        brights = ((214, 40, 44), (242, 214, 60), (38, 92, 190), (236, 236, 236), (60, 160, 90))
        choice = rng.integers(0, 60, 6)
        return Appearance(
            skin=skins[choice[0] % 4],
            shirt=brights[choice[1] % 5],
            shorts=darks[choice[2] % 4],
            tights=darks[choice[3] % 4] if choice[3] % 3 == 0 else None,
            shoes=brights[(choice[1] + 1 + choice[4] % 4) % 5],
            hair=((30, 24, 22), (86, 60, 36), (190, 160, 96))[choice[5] % 3],
            bulk=float(rng.uniform(0.9, 1.12)),
        )


class Painter:
    """Paints one person into images.

    `forward` is +1 to the viewer's right and -1 to the left; it decides which side is near.
    `z_m` is the line the person keeps to, `shade` the share of light on the far limbs, `shadow`
    the strength of the shadows on the ground.
    """

    def __init__(
        self,
        appearance: Appearance,
        height_m: float,
        forward: int,
        z_m: float,
        shade: float = 0.72,
        shadow: float = 1.0,
    ) -> None:
        self.appearance, self.height_m, self.forward = appearance, height_m, forward
        self.z_m = z_m
        self.near, self.far = ("right", "left") if forward > 0 else ("left", "right")
        self._shade, self._shadow_strength = shade, shadow

    def depth_m(self, name: str) -> float:
        """World z of a joint: those of the near side are a little before the person's line."""
        side, _, joint = name.partition("_")
        return self.z_m + _LATERAL_M.get(joint, 0.0) * (-1 if side == self.near else 1)

    def paint(self, image: np.ndarray, camera: Camera, poses: Sequence[Pose]) -> None:
        """Blend the person into `image`, (H, W, 3) uint8 RGB, in place.

        Several poses are instants of one exposure: their average is the motion blur.
        """
        names = list(poses[0].points)
        depths = np.array([self.depth_m(name) for name in names])
        scale = camera.focal_px / (camera.distance_m + self.z_m) * self.height_m
        reach = 0.14 * scale + 2
        projected = []
        for pose in poses:
            plane = np.array([pose.points[name] for name in names]) * [self.forward, 1]
            projected.append(camera.project(np.column_stack([plane, depths])))
        corners = np.concatenate(projected)
        outside = np.abs(corners - [camera.width_px / 2, camera.height_px / 2]).max()
        if not outside < 3 * camera.width_px:  # also behind the camera, where pixels are NaN
            return
        hip_x = poses[len(poses) // 2].points["hip"][0]
        ground = camera.project(np.array([[hip_x * self.forward, 0.0, self.z_m]]))[0]
        left, top = np.floor(corners.min(0) - reach).astype(int)
        right, bottom = np.ceil(corners.max(0) + reach).astype(int)
        if np.isfinite(ground).all():
            bottom = max(bottom, int(ground[1] + 0.1 * scale))
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, image.shape[1]), min(bottom, image.shape[0])
        if right <= left or bottom <= top:
            return
        shape = ((bottom - top) * _SUPERSAMPLING, (right - left) * _SUPERSAMPLING, 4)
        total = np.zeros((bottom - top, right - left, 4), np.float32)
        for pixels in projected:
            canvas = np.zeros(shape, np.uint8)
            local = dict(
                zip(names, ((pixels - (left, top)) * _SUPERSAMPLING).tolist(), strict=True)
            )
            self._body(canvas, local, scale * _SUPERSAMPLING)
            small = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
            total += small
        total /= len(projected)
        view = image[top:bottom, left:right]
        shadow = self._shadow(
            camera, poses[len(poses) // 2], (left, top), (bottom - top, right - left), scale
        )
        cover = 1 - total[..., 3:] / 255
        lit = view * (1 - shadow[..., None]) * cover + total[..., :3]
        image[top:bottom, left:right] = np.minimum(lit, 255)

    def _shadow(
        self,
        camera: Camera,
        pose: Pose,
        origin: tuple[int, int],
        shape: tuple[int, int],
        scale: float,
    ) -> np.ndarray:
        """(h, w) float32 share of light removed: a soft body shadow and one under each foot."""
        mask = np.zeros(shape, np.float32)
        spots = [(pose.points["hip"][0], self.z_m, 0.2, 0.22)]
        for side in SIDES:
            toe, heel = pose.points[f"{side}_toe"], pose.points[f"{side}_heel"]
            height = max(min(toe[1], heel[1]), 0.0)
            darkness = 0.42 * float(np.exp(-height / 0.1))
            spots.append(((toe[0] + heel[0]) / 2, self.depth_m(f"{side}_toe"), 0.085, darkness))
        ground = [[x * self.forward, 0.0, z] for x, z, _, _ in spots]
        centres = (camera.project(np.array(ground)) - origin) * 16
        for point, (_, _, width, darkness) in zip(centres, spots, strict=True):
            if not np.isfinite(
                point
            ).all():  # below the image, where the lens model has no solution
                continue
            centre = point.round().astype(int).tolist()
            axes = (max(int(width * scale * 16), 8), max(int(width * scale * 3), 8))
            spot = np.zeros(shape, np.float32)
            tone = float(darkness) * self._shadow_strength
            cv2.ellipse(spot, centre, axes, 0, 0, 360, tone, -1, cv2.LINE_AA, 4)
            np.maximum(mask, spot, out=mask)
        return cv2.GaussianBlur(mask, (0, 0), max(scale * 0.012, 0.6))

    def _body(self, canvas: np.ndarray, at: dict[str, Point], scale: float) -> None:
        """Paint the limbs from back to front; `at` are the joints in canvas pixels by name."""
        colours, shade = self.appearance, self._shade
        bulk = colours.bulk * scale
        self._arm(canvas, at, self.far, bulk, shade)
        self._leg(canvas, at, self.far, bulk, shade)
        self._leg(canvas, at, self.near, bulk, 1.0)
        hip, shoulder, head = at["hip"], at["shoulder"], at["head"]
        _limb(canvas, hip, shoulder, 0.064 * bulk, 0.078 * bulk, colours.shirt)
        _limb(canvas, hip, hip, 0.062 * bulk, 0.062 * bulk, colours.shorts)
        _limb(canvas, shoulder, head, 0.03 * bulk, 0.03 * bulk, colours.skin)
        across, up = head[0] - shoulder[0], head[1] - shoulder[1]
        back = 0.012 * scale * self.forward
        crown = (head[0] + 0.22 * across - back, head[1] + 0.22 * up)
        _limb(canvas, crown, crown, 0.058 * scale, 0.058 * scale, colours.hair)
        _limb(canvas, head, head, 0.056 * scale, 0.052 * scale, colours.skin)
        self._arm(canvas, at, self.near, bulk, 1.0)

    def _leg(
        self, canvas: np.ndarray, at: dict[str, Point], side: str, bulk: float, shade: float
    ) -> None:
        colours = self.appearance
        hip, knee, ankle = at["hip"], at[f"{side}_knee"], at[f"{side}_ankle"]
        cover = colours.tights or colours.skin
        _limb(canvas, knee, ankle, 0.034 * bulk, 0.019 * bulk, cover, shade)
        _limb(canvas, hip, knee, 0.054 * bulk, 0.035 * bulk, cover, shade)
        middle = (hip[0] + 0.55 * (knee[0] - hip[0]), hip[1] + 0.55 * (knee[1] - hip[1]))
        _limb(canvas, hip, middle, 0.058 * bulk, 0.05 * bulk, colours.shorts, shade)
        heel, toe = at[f"{side}_heel"], at[f"{side}_toe"]
        foot = np.array([ankle, heel, toe]) * 16
        tint = (*[int(part * shade * 0.95) for part in colours.shoes], 255)
        cv2.fillConvexPoly(canvas, foot.round().astype(np.int32), tint, 8, 4)
        _limb(canvas, ankle, heel, 0.018 * bulk, 0.013 * bulk, colours.shoes, shade)
        _limb(canvas, ankle, toe, 0.018 * bulk, 0.009 * bulk, colours.shoes, shade)
        _limb(canvas, heel, toe, 0.012 * bulk, 0.008 * bulk, colours.shoes, shade)

    def _arm(
        self, canvas: np.ndarray, at: dict[str, Point], side: str, bulk: float, shade: float
    ) -> None:
        colours, shoulder = self.appearance, at["shoulder"]
        elbow, hand = at[f"{side}_elbow"], at[f"{side}_hand"]
        _limb(canvas, shoulder, elbow, 0.03 * bulk, 0.023 * bulk, colours.skin, shade)
        _limb(canvas, elbow, hand, 0.022 * bulk, 0.018 * bulk, colours.skin, shade)


def _limb(
    canvas: np.ndarray,
    start: Point,
    end: Point,
    start_px: float,
    end_px: float,
    colour: Colour,
    shade: float = 1.0,
) -> None:
    """A tapered capsule, lighter on its upper half, opaque in the (H, W, 4) canvas."""
    for inset, light in ((1.0, 0.86), (0.62, 1.06)):
        bright = shade * light
        tint = (*[min(int(part * bright), 255) for part in colour], 255)
        lift = -0.125 * (1 - inset) * (start_px + end_px)
        ax, ay, bx, by = start[0], start[1] + lift, end[0], end[1] + lift
        r, q = start_px * inset, end_px * inset
        cv2.circle(canvas, (round(ax * 16), round(ay * 16)), int(r * 16), tint, -1, 8, 4)
        size = hypot(bx - ax, by - ay)
        if size < 1e-6:
            continue
        cv2.circle(canvas, (round(bx * 16), round(by * 16)), int(q * 16), tint, -1, 8, 4)
        x, y = (ay - by) / size * 16, (bx - ax) / size * 16
        ax, ay, bx, by = ax * 16, ay * 16, bx * 16, by * 16
        corners = (
            (ax + x * r, ay + y * r),
            (bx + x * q, by + y * q),
            (bx - x * q, by - y * q),
            (ax - x * r, ay - y * r),
        )
        cv2.fillConvexPoly(canvas, np.array(corners).round().astype(np.int32), tint, 8, 4)
