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

    @property
    def shows_athlete(self) -> bool:
        """Whether the athlete fills it, as in the crops of videos."""
        return self in (Crop.GIVEN, Crop.FOUND)


_WITHOUT_BOX = (Crop.FOUND, Crop.NOBODY)


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


class FeatureStore:
    """The features of one feature extractor. Methods raise StorageFailed."""

    def __init__(self, storage: Storage, backbone: str) -> None:
        """`backbone` is the extractor's fingerprint, 16 hex digits. Raises Unsafe."""
        self.backbone = check_id(backbone, "feature extractor fingerprint")
        self._storage = storage
        self._folder = f"frame-features/{backbone}/{FORMAT}"
        self._videos: dict[str, np.ndarray | None] = {}
        self._archives: dict[str, dict[str, np.ndarray]] = {}
        """Features of images by `image_key`, by archive."""
        self._images: dict[str, np.ndarray] | None = None

    def video(self, video_id: str) -> np.ndarray | None:
        """A video's (F, D) float16 in the order of its frames; None when they are not stored, or
        for what is not a video id."""
        if not is_id(video_id):
            return None
        if video_id not in self._videos:
            self._videos[video_id] = self._open(video_id)
        return self._videos[video_id]

    def save_video(self, video_id: str, features: np.ndarray) -> None:
        """Store a video's (F, D) features, replacing earlier ones. Raises Unsafe."""
        check_video_id(video_id)
        file = io.BytesIO()
        np.save(file, np.asarray(features, np.float16), allow_pickle=False)
        self._storage.write(self._video_key(video_id), file.getvalue())
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

    def refresh(self) -> None:
        """See what was stored or deleted elsewhere since; arrays that are known are not read again.

        An array that was replaced meanwhile is read again only if it is a video's.
        """
        self._videos.clear()
        self._images = None

    def crop(self, frame: FrameAddress) -> Crop | None:
        """What the frame's features show; None where it has none."""
        if self._video_with(frame) is not None:
            return Crop.GIVEN
        image = self._image(frame)
        return image[0] if image else None

    def rows(self, frames: Sequence[FrameAddress]) -> tuple[np.ndarray, np.ndarray]:
        """(N, D) float16 of N frames, and (N,) bool: known or not. Unknown features are zeros."""
        videos: dict[str, np.ndarray] = {}
        rows_of: dict[str, list[int]] = {}
        images: dict[int, np.ndarray] = {}
        for row, frame in enumerate(frames):
            video = self._video_with(frame)
            if video is not None:
                videos[frame.video_id] = video
                rows_of.setdefault(frame.video_id, []).append(row)
            elif (found := self._image(frame)) is not None:
                images[row] = found[1]
        widths = [video.shape[1] for video in videos.values()]
        widths += [len(image) for image in images.values()]
        features = np.zeros((len(frames), widths[0] if widths else 0), np.float16)
        known = np.zeros(len(frames), bool)
        for video_id, video_rows in rows_of.items():
            indices = [frames[row].frame_index or 0 for row in video_rows]
            features[video_rows], known[video_rows] = videos[video_id][indices], True
        for row, image in images.items():
            features[row], known[row] = image, True
        return features, known

    def _video_with(self, frame: FrameAddress) -> np.ndarray | None:
        """The stored video that has the frame."""
        if frame.frame_index is None:
            return None
        video = self.video(frame.video_id)
        return video if video is not None and frame.frame_index < len(video) else None

    def _image(self, frame: FrameAddress) -> tuple[Crop, np.ndarray] | None:
        """The features of the frame's own image, and what they show."""
        features = self._image_features()
        for crop in (Crop.GIVEN,) if frame.box else _WITHOUT_BOX:
            if (found := features.get(image_key(frame, crop))) is not None:
                return crop, found
        return None

    def _image_features(self) -> dict[str, np.ndarray]:
        """By `image_key`; each archive is read once."""
        if self._images is None:
            archives: dict[str, dict[str, np.ndarray]] = {}
            for key in self._storage.list(f"{self._folder}/images"):
                archive = self._archives.get(key) or self._read_archive(key)
                if archive is not None:
                    archives[key] = archive
            self._archives, self._images = archives, {}
            for archive in archives.values():
                self._images |= archive
        return self._images

    def _read_archive(self, key: str) -> dict[str, np.ndarray] | None:
        """None for a damaged one, which is deleted."""
        try:
            with np.load(io.BytesIO(self._storage.read(key)), allow_pickle=False) as arrays:
                keys, features = arrays["keys"], arrays["features"]
            return dict(zip(map(str, keys), features, strict=True))
        except DAMAGED:
            self._storage.delete(key)
            return None

    def _open(self, video_id: str) -> np.ndarray | None:
        key = self._video_key(video_id)
        if not self._storage.exists(key):
            return None
        path = self._storage.local_path(key)
        try:
            if path is not None:
                features = np.load(path, mmap_mode="r", allow_pickle=False)
            else:
                features = np.load(io.BytesIO(self._storage.read(key)), allow_pickle=False)
            if features.ndim != 2 or not len(features):
                raise ValueError("it is not a matrix")
        except DAMAGED:
            self._storage.delete(key)
            return None
        return features

    def _video_key(self, video_id: str) -> str:
        return f"{self._folder}/{video_id}-frames.npy"


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
