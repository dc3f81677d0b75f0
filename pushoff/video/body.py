"""Paints the figure: limbs, clothes, skin and shadow, with motion blur. Door: cv2."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pushoff.video.camera import Camera
from pushoff.video.figure import Pose

Colour = tuple[int, int, int]
_FINER = 3
"""Painted at three times the size and averaged down: soft edges and sub-pixel motion."""
_FAR_SHADE = 0.72
"""The leg and arm away from the camera lie in the body's shade."""


@dataclass(frozen=True)
class Look:
    """An athlete's looks, drawn once per athlete."""

    skin: Colour
    shirt: Colour
    shorts: Colour
    tights: Colour | None
    shoes: Colour
    hair: Colour
    bulk: float
    """Limb thickness, 1 is average."""

    @staticmethod
    def drawn(rng: np.random.Generator) -> "Look":
        """A random look; the same generator state gives the same look."""
        skins = ((226, 186, 158), (198, 146, 112), (142, 96, 70), (92, 62, 48))
        darks = ((28, 28, 34), (36, 44, 78), (70, 24, 30), (52, 58, 60))
        brights = ((214, 40, 44), (242, 214, 60), (38, 92, 190), (236, 236, 236), (60, 160, 90))
        pick = rng.integers(0, 60, 6)
        return Look(
            skin=skins[pick[0] % 4],
            shirt=brights[pick[1] % 5],
            shorts=darks[pick[2] % 4],
            tights=darks[pick[3] % 4] if pick[3] % 3 == 0 else None,
            shoes=brights[(pick[1] + 1 + pick[4] % 4) % 5],
            hair=((30, 24, 22), (86, 60, 36), (190, 160, 96))[pick[5] % 3],
            bulk=float(rng.uniform(0.9, 1.12)),
        )


class Painter:
    """Puts one person into a picture.

    `forward` is +1 to the viewer's right and -1 to the left; it decides which side is near.
    """

    def __init__(
        self, camera: Camera, look: Look, height_m: float, forward: int, depth_m: float
    ) -> None:
        self.camera, self.look, self.height_m = camera, look, height_m
        self.forward, self.depth_m = forward, depth_m
        self.near, self.far = ("right", "left") if forward > 0 else ("left", "right")

    def paint(self, image: np.ndarray, poses: Sequence[Pose]) -> None:
        """Blend the person into `image`, (H, W, 3) uint8 RGB, in place.

        Several poses are the exposure's instants: their average is the motion blur.
        """
        drawn = [
            {name: self._pixels(point)[0] for name, point in pose.points.items()} for pose in poses
        ]
        corners = np.concatenate([np.array(list(points.values())) for points in drawn])
        scale = self.camera.focal_px / self.depth_m * self.height_m
        left, top = np.floor(corners.min(0) - 0.14 * scale - 2).astype(int)
        right, low = np.ceil(corners.max(0) + 0.14 * scale + 2).astype(int)
        ground = self._pixels(np.array([0.0, 0.0]))[0, 1]
        low = max(low, int(ground + 0.1 * scale))
        left, top = max(left, 0), max(top, 0)
        right, low = min(right, image.shape[1]), min(low, image.shape[0])
        if right <= left or low <= top:
            return
        shape = ((low - top) * _FINER, (right - left) * _FINER, 4)
        total = np.zeros((low - top, right - left, 4), np.float32)
        for points in drawn:
            canvas = np.zeros(shape, np.uint8)
            local = {name: (xy - (left, top)) * _FINER for name, xy in points.items()}
            self._body(canvas, local, scale * _FINER)
            total += cv2.resize(canvas, (right - left, low - top), interpolation=cv2.INTER_AREA)
        total /= len(drawn)
        view = image[top:low, left:right]
        shadow = self._shadow(poses[len(poses) // 2], (left, top), view.shape[:2], scale)
        lit = view * (1 - shadow[..., None])
        cover = total[..., 3:] / 255
        image[top:low, left:right] = np.clip(lit * (1 - cover) + total[..., :3], 0, 255)

    def _pixels(self, point: np.ndarray) -> np.ndarray:
        return self.camera.project(np.array([[point[0] * self.forward, point[1]]]), self.depth_m)

    def _shadow(
        self, pose: Pose, origin: tuple[int, int], shape: tuple[int, int], scale: float
    ) -> np.ndarray:
        """(h, w) share of light taken away: a soft body shadow and one under each foot."""
        mask = np.zeros(shape, np.float32)
        spots = [(pose.points["hip"][0], 0.2, 0.22)]
        for side in ("left", "right"):
            toe, heel = pose.points[f"{side}_toe"], pose.points[f"{side}_heel"]
            high = max(min(toe[1], heel[1]), 0.0)
            spots.append(((toe[0] + heel[0]) / 2, 0.085, 0.42 * np.exp(-high / 0.1)))
        for x_m, wide, dark in spots:
            centre = self._pixels(np.array([x_m, 0.0]))[0] - origin
            axes = (max(int(wide * scale * 16), 8), max(int(wide * scale * 3), 8))
            spot = np.zeros(shape, np.float32)
            cv2.ellipse(
                spot,
                ((centre * 16).round().astype(int)).tolist(),
                axes,
                0,
                0,
                360,
                float(dark),
                -1,
                cv2.LINE_AA,
                4,
            )
            mask = np.maximum(mask, spot)
        return cv2.GaussianBlur(mask, (0, 0), max(scale * 0.012, 0.6))

    def _body(self, canvas: np.ndarray, at: dict[str, np.ndarray], scale: float) -> None:
        look, bulk = self.look, self.look.bulk * scale
        self._arm(canvas, at, self.far, bulk, _FAR_SHADE)
        self._leg(canvas, at, self.far, bulk, _FAR_SHADE)
        self._leg(canvas, at, self.near, bulk, 1.0)
        _limb(canvas, at["hip"], at["shoulder"], 0.064 * bulk, 0.078 * bulk, look.shirt)
        _limb(canvas, at["hip"], at["hip"], 0.062 * bulk, 0.062 * bulk, look.shorts)
        _limb(canvas, at["shoulder"], at["head"], 0.03 * bulk, 0.03 * bulk, look.skin)
        crown = at["head"] + (at["head"] - at["shoulder"]) * 0.22 - [0.012 * scale, 0]
        _limb(canvas, crown, crown, 0.058 * scale, 0.058 * scale, look.hair)
        _limb(canvas, at["head"], at["head"], 0.056 * scale, 0.052 * scale, look.skin)
        self._arm(canvas, at, self.near, bulk, 1.0)

    def _leg(
        self, canvas: np.ndarray, at: dict[str, np.ndarray], side: str, bulk: float, shade: float
    ) -> None:
        look = self.look
        knee, ankle = at[f"{side}_knee"], at[f"{side}_ankle"]
        cover = look.tights or look.skin
        _limb(canvas, knee, ankle, 0.034 * bulk, 0.019 * bulk, cover, shade)
        _limb(canvas, at["hip"], knee, 0.054 * bulk, 0.035 * bulk, cover, shade)
        middle = at["hip"] + 0.55 * (knee - at["hip"])
        _limb(canvas, at["hip"], middle, 0.058 * bulk, 0.05 * bulk, look.shorts, shade)
        heel, toe = at[f"{side}_heel"], at[f"{side}_toe"]
        _limb(canvas, ankle, heel, 0.018 * bulk, 0.013 * bulk, look.shoes, shade)
        _limb(canvas, ankle, toe, 0.018 * bulk, 0.009 * bulk, look.shoes, shade)
        _limb(canvas, heel, toe, 0.012 * bulk, 0.008 * bulk, look.shoes, shade)

    def _arm(
        self, canvas: np.ndarray, at: dict[str, np.ndarray], side: str, bulk: float, shade: float
    ) -> None:
        look = self.look
        elbow, hand = at[f"{side}_elbow"], at[f"{side}_hand"]
        _limb(canvas, at["shoulder"], elbow, 0.03 * bulk, 0.023 * bulk, look.skin, shade)
        _limb(canvas, elbow, hand, 0.022 * bulk, 0.018 * bulk, look.skin, shade)


def _limb(
    canvas: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    start_px: float,
    end_px: float,
    colour: Colour,
    shade: float = 1.0,
) -> None:
    """A tapered capsule, lighter on its upper half, opaque in the (H, W, 4) canvas."""
    for inset, light in ((1.0, 0.86), (0.62, 1.06)):
        tint = (*tuple(min(int(part * shade * light), 255) for part in colour), 255)
        lift = np.array([0.0, -0.25 * (1 - inset) * (start_px + end_px) / 2])
        a, b, r, q = start + lift, end + lift, start_px * inset, end_px * inset
        for centre, radius in ((a, r), (b, q)):
            cv2.circle(
                canvas, (centre * 16).round().astype(int).tolist(), int(radius * 16), tint, -1, 8, 4
            )
        along = b - a
        size = np.hypot(*along)
        if size > 1e-6:
            side = np.array([-along[1], along[0]]) / size
            corners = np.array([a + side * r, b + side * q, b - side * q, a - side * r])
            cv2.fillConvexPoly(canvas, (corners * 16).round().astype(np.int32), tint, 8, 4)
