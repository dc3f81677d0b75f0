"""Feature vectors of frames, computed once per feature extractor: float16, memory-mapped.

The frames of a video are one array; images uploaded by hand are stored in an array per batch. 512
features of a frame are 1 KiB: 1,000,000 frames are 1 GB on disk, and only the rows that are used
are in memory (`make bench-features`). From a bucket an array is downloaded as a whole.

Everything here can be computed again, so a damaged or unknown array is deleted and not an error.
"""

import hashlib
import io
from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import numpy as np

from pushoff.storage.object_store import Storage
from pushoff.util.canonical_json import canonical_json
from pushoff.util.ids import check_id, check_video_id, is_id
from pushoff.util.nearest import nearest_indices
from pushoff.util.npz import DAMAGED
from pushoff.values import Box

FORMAT = 2
"""Raised when crops change: features of another format are extracted again."""


class Crop(str, Enum):
    """The part of an image from which its features were extracted."""

    GIVEN = "given"
    """The athlete's box in the task's data, or in the stored video."""
    FOUND = "found"
    """There was no box; the athlete was found in the image."""
    NOBODY = "nobody"
    """There was no box and nobody was found: the whole image."""
    UNSEARCHED = "unsearched"
    """There was no box and no pose model to search with: the whole image."""

    @property
    def shows_athlete(self) -> bool:
        """Whether the athlete fills it, as in the crops of videos."""
        return self in (Crop.GIVEN, Crop.FOUND)


_WITHOUT_BOX = (Crop.FOUND, Crop.NOBODY, Crop.UNSEARCHED)


class FrameAddress(Protocol):
    """A frame as a task or a frozen dataset names it."""

    @property
    def video_id(self) -> str:
        """The video's id, or another name for frames uploaded by hand."""

    @property
    def frame_index(self) -> int | None:
        """Zero-based in the video; None for an image without a video."""

    @property
    def image(self) -> str:
        """The image's address."""

    @property
    def box(self) -> Box | None:
        """The athlete in the image; None where that is not known."""


class FrameFeatures:
    """One video's frames in order: their times and features."""

    def __init__(self, times_s: np.ndarray, features: np.ndarray) -> None:
        """(F,) camera seconds, ascending, and (F, D) float16."""
        self.times_s, self.features = times_s, features


class FeatureStore:
    """The features of one feature extractor. Methods raise StorageFailed."""

    def __init__(self, storage: Storage, backbone: str) -> None:
        """`backbone` is the extractor's fingerprint, 16 hex digits. Raises Unsafe."""
        self.backbone = check_id(backbone, "feature extractor fingerprint")
        self._storage = storage
        self._folder = f"frame-features/{backbone}/{FORMAT}"
        self._videos: dict[str, FrameFeatures | None] = {}
        self._images: dict[str, np.ndarray] | None = None

    def video(self, video_id: str) -> FrameFeatures | None:
        """A video's features; None when they are not stored, or for what is not a video id."""
        if not is_id(video_id):
            return None
        if video_id not in self._videos:
            key = self._video_key(video_id)
            self._videos[video_id] = self._open(video_id) if self._storage.exists(key) else None
        return self._videos[video_id]

    def save_video(self, video_id: str, times_s: np.ndarray, features: np.ndarray) -> None:
        """Store (F, D) features at (F,) camera seconds, replacing earlier ones. Raises Unsafe."""
        check_video_id(video_id)
        if len(times_s) != len(features):
            raise ValueError(f"{len(times_s)} times for {len(features)} frames")
        # the times first: where there are features there are times
        self._storage.write(self._times_key(video_id), _npy(np.asarray(times_s, np.float64)))
        self._storage.write(self._video_key(video_id), _npy(np.asarray(features, np.float16)))
        self._videos.pop(video_id, None)

    def save_images(
        self, frames: Sequence[FrameAddress], features: np.ndarray, crops: Sequence[Crop]
    ) -> None:
        """Store (N, D) features of these crops of N images that belong to no stored video."""
        rows_of: dict[str, list[int]] = {}
        for row, frame in enumerate(frames):
            # named by the video where there is one, so that they are deleted with it
            name = frame.video_id if is_id(frame.video_id) else "0"
            rows_of.setdefault(name, []).append(row)
        for name, rows in rows_of.items():
            keys = [image_key(frames[row], crops[row]) for row in rows]
            digest = hashlib.sha256("".join(keys).encode()).hexdigest()[:32]
            archive = io.BytesIO()
            np.savez(archive, keys=np.array(keys), features=np.asarray(features, np.float16)[rows])
            self._storage.write(f"{self._folder}/images/{name}-{digest}.npz", archive.getvalue())
        self._images = None

    def delete_video(self, video_id: str) -> None:
        """Delete the video's features and those of its images. Raises Unsafe."""
        delete_features(self._storage, video_id)
        self._videos.pop(video_id, None)
        self._images = None

    def crop(self, frame: FrameAddress) -> Crop | None:
        """What the frame's features show; None where it has none."""
        if self._video_with(frame) is not None:
            return Crop.GIVEN
        image = self._image(frame)
        return image[0] if image else None

    def rows(
        self, frames: Sequence[FrameAddress], offsets_s: Sequence[float] = (0.0,)
    ) -> tuple[np.ndarray, np.ndarray]:
        """(N, K, D) float16 of N frames at K offsets in time, and (N, K) bool: known or not.

        Unknown features are zeros. Beyond a video's ends its first or last frame is used; an image
        without a video is known at offset 0 only.
        """
        videos: dict[str, FrameFeatures] = {}
        rows_of: dict[str, list[int]] = {}
        indices: dict[int, int] = {}
        images: dict[int, np.ndarray] = {}
        for row, frame in enumerate(frames):
            video = self._video_with(frame)
            if video is not None:
                videos[frame.video_id] = video
                rows_of.setdefault(frame.video_id, []).append(row)
                indices[row] = frame.frame_index or 0
            elif (found := self._image(frame)) is not None:
                images[row] = found[1]
        widths = [video.features.shape[1] for video in videos.values()]
        widths += [len(image) for image in images.values()]
        width = widths[0] if widths else 0
        features = np.zeros((len(frames), len(offsets_s), width), np.float16)
        known = np.zeros((len(frames), len(offsets_s)), bool)
        for video_id, video_rows in rows_of.items():
            video, at = videos[video_id], np.array(video_rows)
            own = np.array([indices[row] for row in video_rows])
            for column, offset_s in enumerate(offsets_s):
                # offset 0 by number: a video's seconds change when the camera's rate is corrected
                near = nearest_indices(video.times_s, video.times_s[own] + offset_s)
                features[at, column] = video.features[own if offset_s == 0 else near]
                known[at, column] = True
        for column in [k for k, offset_s in enumerate(offsets_s) if offset_s == 0]:
            for row, image in images.items():
                features[row, column], known[row, column] = image, True
        return features, known

    def _video_with(self, frame: FrameAddress) -> FrameFeatures | None:
        """The stored video that has the frame."""
        if frame.frame_index is None:
            return None
        video = self.video(frame.video_id)
        return video if video is not None and frame.frame_index < len(video.features) else None

    def _image(self, frame: FrameAddress) -> tuple[Crop, np.ndarray] | None:
        """The features of the frame's own image, and what they show."""
        features = self._image_features()
        for crop in (Crop.GIVEN,) if frame.box else _WITHOUT_BOX:
            if (found := features.get(image_key(frame, crop))) is not None:
                return crop, found
        return None

    def _image_features(self) -> dict[str, np.ndarray]:
        """By `image_key`; read once."""
        if self._images is None:
            self._images = {}
            for key in self._storage.list(f"{self._folder}/images"):
                archive = io.BytesIO(self._storage.read(key))
                try:
                    with np.load(archive, allow_pickle=False) as arrays:
                        keys, features = arrays["keys"], arrays["features"]
                    self._images |= dict(zip(map(str, keys), features, strict=True))
                except DAMAGED:
                    self._storage.delete(key)
        return self._images

    def _open(self, video_id: str) -> FrameFeatures | None:
        key, times_key = self._video_key(video_id), self._times_key(video_id)
        if not self._storage.exists(times_key):
            return None  # half deleted
        times_file = io.BytesIO(self._storage.read(times_key))
        path = self._storage.local_path(key)
        try:
            times_s = np.load(times_file, allow_pickle=False)
            if path is not None:
                features = np.load(path, mmap_mode="r", allow_pickle=False)
            else:
                features = np.load(io.BytesIO(self._storage.read(key)), allow_pickle=False)
            if features.ndim != 2 or len(features) != len(times_s) or not len(features):
                raise ValueError("sizes do not match")
        except DAMAGED:
            self._storage.delete(key)
            return None
        return FrameFeatures(times_s, features)

    def _video_key(self, video_id: str) -> str:
        return f"{self._folder}/{video_id}-frames.npy"

    def _times_key(self, video_id: str) -> str:
        return f"{self._folder}/{video_id}-frames.times"


def image_key(frame: FrameAddress, crop: Crop) -> str:
    """Names one crop: a digest of the image's address and what of it is shown, 32 hex digits."""
    shown = frame.box.as_list() if frame.box and crop is Crop.GIVEN else crop.value
    return hashlib.sha256(canonical_json([frame.image, shown])).hexdigest()[:32]


def delete_features(storage: Storage, video_id: str) -> None:
    """Delete a video's features of every extractor. Raises Unsafe, StorageFailed."""
    check_video_id(video_id)
    for key in storage.list("frame-features"):
        if key.rpartition("/")[2].startswith(f"{video_id}-"):
            storage.delete(key)


def prune_features(storage: Storage, keep: Sequence[str]) -> int:
    """Delete the features of extractors not in `keep`; returns the number of files.

    Those of frames alone and those of whole videos. Raises StorageFailed.
    """
    deleted = 0
    for key in [*storage.list("frame-features"), *storage.list("features")]:
        backbone = key.split("/")[1]
        if is_id(backbone) and key.count("/") >= 2 and backbone not in keep:
            storage.delete(key)
            deleted += 1
    return deleted


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
