"""What our event model is measured against: the plain recipe's whole image, and pose landmarks."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np

from pushoff.events.pose_rules import spot_by_pose
from pushoff.events.values import PushOffEvent
from pushoff.learning.event.feature_extractor import FEATURES, Trunk, Variant
from pushoff.learning.event.training import KnownFilm
from pushoff.learning.event.video_features import VIEWS, Film
from pushoff.learning.frame.classifier import crop_and_resize
from pushoff.video.decoding.decode import decode
from pushoff.video.pose import find_pose, in_picture, pose_picture

_BATCH = 32


def whole_image_film(known: KnownFilm, path: Path, trunk: Trunk) -> Film:
    """The film described by whole frames squeezed to the network's size, as the plain recipe does.

    Every frame counts as one with an athlete: without a tracker nobody knows better.
    """
    film = known.lesson.film
    described = {
        variant: {
            view: np.zeros((len(film.times_s), width), np.float16) for view, width in VIEWS.items()
        }
        for variant in film.described
    }
    waiting: deque[tuple[int, np.ndarray]] = deque()
    for frame in decode(path, film.info).frames():
        waiting.append((frame.ref.index, crop_and_resize(frame.image, None, trunk.size_px)))
        if len(waiting) == _BATCH:
            _describe(waiting, described, trunk)
    if waiting:
        _describe(waiting, described, trunk)
    track = replace(film.track, found=(True,) * len(film.times_s))
    return replace(film, described=described, track=track)


def _describe(
    waiting: deque[tuple[int, np.ndarray]],
    described: dict[Variant, dict[str, np.ndarray]],
    trunk: Trunk,
) -> None:
    indices = [index for index, _ in waiting]
    pictures = np.stack([picture for _, picture in waiting])
    for variant, views in described.items():
        views["colours"][indices] = trunk.describe(pictures, variant)[:, :FEATURES]
    waiting.clear()


def events_by_pose(known: KnownFilm, path: Path) -> list[PushOffEvent]:
    """Push-offs from the foot landmarks' speed and height alone; a panning camera's motion is
    taken out of them, and the film's times are those every other system is given."""
    film = known.lesson.film
    if film.direction is None:
        return []
    boxes = film.track.boxes
    pictures = (
        pose_picture(frame.image, boxes[frame.ref.index])
        if film.track.found[frame.ref.index]
        else None
        for frame in decode(path, film.info).frames()
    )
    landmarks = in_picture(find_pose(pictures), boxes)
    if film.track.drift_px is not None:
        landmarks[..., :2] += film.track.drift_px[:, None, :]
    return spot_by_pose(landmarks, film.times_s, film.direction)
