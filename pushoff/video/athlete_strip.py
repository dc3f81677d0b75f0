"""A strip of enlarged pictures of the athlete around one frame, for the annotator. Door: cv2."""

from collections.abc import Collection, Iterator, Sequence

import cv2
import numpy as np

from pushoff.values import Box, Frame
from pushoff.video.images import crop_athlete

REACH = 2
"""Pictures before the frame, and as many after it."""
STEP_S = 1 / 120
"""From picture to picture where the camera is fast enough: two frames at 240/s. Slower cameras'
pictures are neighbouring frames."""
CROP_PX = 240
"""Side of each picture: five fit into the editor of a 1440-pixel screen."""
_GAP_PX = 4
_CAPTION_PX = 34
_MARK_PX = 5
_MARK = (255, 176, 0)
_PAPER = (32, 32, 32)
_INK = (235, 235, 235)


def strip_frames(frame: int, capture_rate: float) -> tuple[int, ...]:
    """The frames of one strip, `frame` in the middle; some may lie outside the video.

    `capture_rate` is the camera's, frames per second.
    """
    step = max(round(STEP_S * capture_rate), 1)
    return tuple(frame + step * place for place in range(-REACH, REACH + 1))


class AthleteStrips:
    """Strips of many frames made in one pass: give it the video's frames in their order.

    Of each frame it keeps the small pictures only.
    """

    def __init__(self, chosen: Collection[int], boxes: Sequence[Box], capture_rate: float) -> None:
        """`boxes` are the athlete's in every frame of the video, full-size pixels."""
        self._frames = {
            frame: [place for place in strip_frames(frame, capture_rate) if 0 <= place < len(boxes)]
            for frame in chosen
        }
        self._places = {frame: strip_frames(frame, capture_rate) for frame in chosen}
        self._squares = {
            (frame, place): square
            for frame, places in self._frames.items()
            for place, square in _squares([boxes[place] for place in places], places).items()
        }
        self._crops: dict[int, dict[int, tuple[float, np.ndarray]]] = {}

    @property
    def frames(self) -> list[int]:
        """The frames that the strips need, ascending."""
        return sorted({place for places in self._frames.values() for place in places})

    def add(self, frame: Frame) -> Iterator[tuple[int, np.ndarray]]:
        """Take the next frame, RGB; yields (chosen frame, strip) for each strip it completes.

        A strip is (H, W, 3) uint8 RGB, W five pictures wide.
        """
        for chosen, places in list(self._frames.items()):
            if frame.ref.index in places:
                square = self._squares[chosen, frame.ref.index]
                crop = crop_athlete(frame.image, square, CROP_PX, margin=1.0)
                self._crops.setdefault(chosen, {})[frame.ref.index] = (frame.ref.time_s, crop)
            if frame.ref.index >= places[-1]:
                yield self._finish(chosen)

    def rest(self) -> Iterator[tuple[int, np.ndarray]]:
        """The strips whose last frames did not come: the video ended earlier than it had said."""
        for chosen in list(self._frames):
            yield self._finish(chosen)

    def _finish(self, chosen: int) -> tuple[int, np.ndarray]:
        del self._frames[chosen]
        crops = self._crops.pop(chosen, {})
        own_time_s = crops[chosen][0] if chosen in crops else 0.0
        pictures = []
        for place in self._places[chosen]:
            time_s, crop = crops.get(place, (own_time_s, None))
            is_own = place == chosen
            caption = "this frame" if is_own else f"{1000 * (time_s - own_time_s):+.0f} ms"
            pictures.append(_picture(crop, "" if crop is None else caption, marked=is_own))
        gap = np.full((len(pictures[0]), _GAP_PX, 3), _PAPER, np.uint8)
        parts = [part for picture in pictures for part in (gap, picture)]
        return chosen, np.hstack(parts[1:])


def _squares(boxes: Sequence[Box], places: Sequence[int]) -> dict[int, Box]:
    """The square of each frame: as large for all, at one height, and it follows the athlete
    sideways, so that the foot is seen to leave the ground."""
    side = max(max(box.width_px, box.height_px) for box in boxes)
    middle = float(np.median([box.y_px + box.height_px / 2 for box in boxes]))
    top = round(middle - side / 2)
    return {
        place: Box(round(box.x_px + box.width_px / 2 - side / 2), top, side, side)
        for place, box in zip(places, boxes, strict=True)
    }


def _picture(crop: np.ndarray | None, caption: str, *, marked: bool) -> np.ndarray:
    """One picture above its caption; grey where the video has no such frame."""
    picture = np.full((CROP_PX + _CAPTION_PX, CROP_PX, 3), _PAPER, np.uint8)
    if crop is not None:
        picture[:CROP_PX] = crop
    if marked:
        corner = (CROP_PX - 1 - _MARK_PX // 2, CROP_PX - 1 - _MARK_PX // 2)
        cv2.rectangle(picture, (_MARK_PX // 2, _MARK_PX // 2), corner, _MARK, _MARK_PX)
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.75
    (width, height), _ = cv2.getTextSize(caption, font, scale, 1)
    origin = ((CROP_PX - width) // 2, CROP_PX + (_CAPTION_PX + height) // 2)
    ink = _MARK if marked else _INK
    cv2.putText(picture, caption, origin, font, scale, ink, 1, cv2.LINE_AA)
    return picture
