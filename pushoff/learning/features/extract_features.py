"""A video's features, extracted once and stored.

Every analysis of a video and every training starts here.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import BadInput
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.feature_extractor import Augmentation, FeatureExtractor
from pushoff.learning.features.landmarks import load_landmarks, save_landmarks
from pushoff.learning.features.video_features import (
    FEATURES_FORMAT,
    VIEWS,
    VideoFeatures,
    features_from_bytes,
    features_to_bytes,
)
from pushoff.util.canonical_json import canonical_json
from pushoff.util.file_digest import sha256_of
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.video.event_inputs import EventInput, event_inputs, frames_per_moment
from pushoff.video.pose import LANDMARKS, PoseFinder, to_full_size
from pushoff.video.scan import VideoScan, scan_video
from pushoff.video.vertical_flow import rise_channels

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

IMAGE_VIEWS = ("colours", "motion")
"""The views that are images; features of each are extracted from the whole and its lower part."""
_BATCH = 32


def load_or_extract(
    storage: "Storage",
    path: Path,
    capture_fps: float | None,
    extractor: FeatureExtractor,
    augmentations: tuple[Augmentation, ...],
    on_progress: OnProgress = ignore_progress,
    scratch: Path | None = None,
    *,
    sha256: str | None = None,
) -> VideoFeatures:
    """The video's features from storage, or extracted and stored. Damaged ones are replaced.

    `capture_fps` is the camera's rate, frames/s (None: as the file says); `scratch` a folder for
    what is larger than memory; `sha256` the file's digest where it is known already. Raises
    BadInput, VideoRefused, StorageFailed.
    """
    sha256 = sha256 or sha256_of(path)
    stored = load_stored(storage, sha256, capture_fps, extractor, augmentations)
    if stored is not None:
        return stored
    landmarks = load_landmarks(storage, sha256, capture_fps)
    features = extract_features(
        path,
        capture_fps,
        extractor,
        augmentations,
        on_progress,
        scratch,
        sha256=sha256,
        landmarks=landmarks,
    )
    if landmarks is None:
        save_landmarks(storage, sha256, capture_fps, features.landmarks)
    key = features_key(sha256, capture_fps, extractor, augmentations)
    storage.write(key, features_to_bytes(features))
    return features


def load_stored(
    storage: "Storage",
    sha256: str,
    capture_fps: float | None,
    extractor: FeatureExtractor,
    augmentations: tuple[Augmentation, ...],
) -> VideoFeatures | None:
    """The video's features if they are stored and undamaged; nothing is extracted.

    Of the file's digest `sha256` the first 16 digits are enough, the video's id. Raises
    StorageFailed.
    """
    key = features_key(sha256, capture_fps, extractor, augmentations)
    if not storage.exists(key):
        return None
    try:
        return features_from_bytes(storage.read(key))
    except BadInput:
        return None


def extract_features(
    path: Path,
    capture_fps: float | None,
    extractor: FeatureExtractor,
    augmentations: tuple[Augmentation, ...],
    on_progress: OnProgress = ignore_progress,
    scratch: Path | None = None,
    *,
    name_seconds: bool = True,
    sha256: str | None = None,
    landmarks: np.ndarray | None = None,
) -> VideoFeatures:
    """Scan a video and extract features of every frame with the athlete. Raises VideoRefused.

    `sha256` is the file's digest and `landmarks` its frames' body landmarks where they are known
    already; None: they are computed here.
    `name_seconds` as in `scan_video`.
    """
    with scan_video(path, capture_fps, scratch, on_progress, name_seconds=name_seconds) as scan:
        rise = rise_channels(scan.track, scan.images, scan.times_s).astype(np.float16)
        scan = replace(scan, images=np.zeros(0))
    count = len(scan.times_s)
    views = {
        augmentation: {name: np.zeros((count, size), np.float16) for name, size in VIEWS.items()}
        | {"rise": rise}  # a mirrored athlete rises as fast
        for augmentation in augmentations
    }
    if landmarks is not None and len(landmarks) != count:
        landmarks = None  # of another decoder
    bodies = np.full((count, LANDMARKS, 4), np.nan, np.float32)
    with ExitStack() as stack:
        finder = stack.enter_context(PoseFinder()) if landmarks is None else None
        for inputs in _batches(path, scan, extractor):
            indices, images = _stack(inputs)
            if finder:
                for event_input in inputs:
                    bodies[event_input.index] = finder.find(event_input.body)
            for augmentation in augmentations:
                for name in IMAGE_VIEWS:
                    vectors = extractor.extract_with_lower(images[name], augmentation)
                    views[augmentation][name][indices] = vectors[:, :FEATURES]
                    views[augmentation][f"{name}-low"][indices] = vectors[:, FEATURES:]
            on_progress(Progress("extracting features", indices[-1] + 1, count, "frame"))
    return VideoFeatures(
        sha256=sha256 or sha256_of(path),
        info=scan.info,
        times_s=scan.times_s,
        track=scan.track,
        step=frames_per_moment(scan.info),
        views=views,
        landmarks=to_full_size(bodies, scan.track.boxes) if landmarks is None else landmarks,
    )


def features_key(
    sha256: str,
    capture_fps: float | None,
    extractor: FeatureExtractor,
    augmentations: tuple[Augmentation, ...],
) -> str:
    """Where a video's features are stored: by extractor, video and the other arguments."""
    arguments = {
        "format": FEATURES_FORMAT,
        "capture_fps": capture_fps,
        "augmentations": [asdict(augmentation) for augmentation in augmentations],
    }
    digest = hashlib.sha256(canonical_json(arguments)).hexdigest()
    return f"features/{extractor.fingerprint}/{sha256[:16]}-{digest[:12]}.npz"


def _batches(
    path: Path, scan: VideoScan, extractor: FeatureExtractor
) -> Iterator[list[EventInput]]:
    """The inputs of frames with the athlete, a batch at a time."""
    if not any(scan.track.found):
        return
    inputs: list[EventInput] = []
    for event_input in event_inputs(path, scan.info, scan.track, extractor.size_px):
        if scan.track.found[event_input.index]:
            inputs.append(event_input)
        if len(inputs) == _BATCH:
            yield inputs
            inputs = []
    if inputs:
        yield inputs


def _stack(inputs: list[EventInput]) -> tuple[list[int], dict[str, np.ndarray]]:
    """Frame numbers and their (B, S, S, 3) images by view."""
    images = {
        "colours": np.stack([event_input.colours for event_input in inputs]),
        "motion": np.stack([event_input.motion for event_input in inputs]),
    }
    return [event_input.index for event_input in inputs], images
