"""From a video's file to its description, frame by frame, made once and kept in storage.

Whoever reads push-offs out of a video (a command, a worker's job) starts here.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import BadInput
from pushoff.learning.event.feature_extractor import FEATURES, Augmentation, FeatureExtractor
from pushoff.learning.event.video_features import (
    FORMAT,
    VIEWS,
    VideoFeatures,
    features_from_bytes,
    features_to_bytes,
)
from pushoff.util.file_digest import sha256_of
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.video.event_inputs import event_inputs, frames_per_moment
from pushoff.video.scan import VideoScan, scan_video
from pushoff.video.vertical_flow import rise_channels

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

PICTURES = ("colours", "motion")
"""What the trunk looks at, each as a whole and at its lower part."""
_BATCH = 32

"""Told of progress: `stage`, and how many of how many."""


def load_or_extract(
    storage: "Storage",
    path: Path,
    capture_fps: float | None,
    trunk: FeatureExtractor,
    wanted: tuple[Augmentation, ...],
    on_progress: OnProgress = ignore_progress,
    scratch: Path | None = None,
) -> VideoFeatures:
    """The video's description out of storage, or made and stored. A damaged one is made anew.

    `capture_fps` is the camera's rate, frames/s (None: as the file says); `scratch` a folder for
    what is larger than memory. Raises BadInput, VideoRefused, StorageFailed.
    """
    sha256 = sha256_of(path)
    key = video_key(sha256, capture_fps, trunk, wanted)
    if storage.exists(key):
        try:
            return features_from_bytes(storage.read(key))
        except BadInput:
            storage.delete(key)
    video = extract_features(path, capture_fps, trunk, wanted, on_progress, scratch, sha256=sha256)
    storage.write(key, features_to_bytes(video))
    return video


def extract_features(
    path: Path,
    capture_fps: float | None,
    trunk: FeatureExtractor,
    wanted: tuple[Augmentation, ...],
    on_progress: OnProgress = ignore_progress,
    scratch: Path | None = None,
    *,
    name_seconds: bool = True,
    sha256: str | None = None,
) -> VideoFeatures:
    """Watch a video and describe every frame with the athlete in it. Raises VideoRefused.

    `sha256` is the file's digest where it is known already; None: it is computed here.
    """
    with scan_video(path, capture_fps, scratch, on_progress, name_seconds=name_seconds) as watched:
        rise = rise_channels(watched.track, watched.images, watched.times_s)
        seen = replace(watched, images=np.zeros(0))
    described = {
        variant: {
            view: np.zeros((len(seen.times_s), width), np.float16) for view, width in VIEWS.items()
        }
        | {"rise": rise.astype(np.float16)}  # a mirrored athlete rises as fast
        for variant in wanted
    }
    for indices, pictures in _batches(path, seen, trunk):
        for variant in wanted:
            for view in PICTURES:
                numbers = trunk.describe(pictures[view], variant)
                described[variant][view][indices] = numbers[:, :FEATURES]
                described[variant][f"{view}-low"][indices] = numbers[:, FEATURES:]
        on_progress(Progress("reading frames", indices[-1] + 1, len(seen.times_s), "frame"))
    return VideoFeatures(
        sha256=sha256 or sha256_of(path),
        info=seen.info,
        times_s=seen.times_s,
        track=seen.track,
        step=frames_per_moment(seen.info),
        described=described,
    )


def _batches(
    path: Path, seen: VideoScan, trunk: FeatureExtractor
) -> Iterator[tuple[list[int], dict[str, np.ndarray]]]:
    """Frame numbers and their (B, S, S, 3) pictures per view, of frames with the athlete."""
    waiting = []
    if not any(seen.track.found):
        return
    for view in event_inputs(path, seen.info, seen.track, trunk.size_px):
        if seen.track.found[view.index]:
            waiting.append(view)
        if len(waiting) == _BATCH:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)


def _batch(waiting: list) -> tuple[list[int], dict[str, np.ndarray]]:
    pictures = {name: np.stack([getattr(view, name) for view in waiting]) for name in PICTURES}
    return [view.index for view in waiting], pictures


def video_key(
    sha256: str,
    capture_fps: float | None,
    trunk: FeatureExtractor,
    wanted: tuple[Augmentation, ...],
) -> str:
    """Where a described video is kept: by what it is, who described it and how."""
    how = json.dumps([FORMAT, capture_fps, [vars(one) for one in wanted]], sort_keys=True)
    ways = hashlib.sha256(how.encode()).hexdigest()
    return f"features/{trunk.fingerprint[:16]}/{sha256[:16]}-{ways[:12]}.npz"
