"""What a backbone made of every frame, kept once: half precision, memory-mapped, named by it.

A video's frames lie in one array, a picture uploaded by hand in an array of those described with
it. 512 features of a frame are 1 KiB: 1,000,000 frames are 1 GB on disk, and in memory only what is
looked at (`make bench-features`). Out of a bucket an array is read as a whole, and kept nowhere.
Another backbone has another folder, filled when it is needed.
"""

import hashlib
import io
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pushoff.storage.object_store import Storage
from pushoff.util.ids import check_id, check_video_id, is_id
from pushoff.util.nearest import nearest_indices
from pushoff.util.npz import DAMAGED
from pushoff.values import Box


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
        """The athlete in the image; None: the whole image."""


class FrameFeatures:
    """One video's frames in order: when they are, and what they look like."""

    def __init__(self, times_s: np.ndarray, features: np.ndarray) -> None:
        """(F,) camera seconds, rising, and (F, D) float16."""
        self.times_s, self.features = times_s, features


class FeatureStore:
    """Everything one backbone described. Methods raise StorageFailed."""

    def __init__(self, storage: Storage, backbone: str) -> None:
        """`backbone` is `Backbone.fingerprint`. Raises Unsafe for what is none."""
        self.backbone = check_id(backbone, "backbone key")
        self._storage = storage
        self._folder = f"frame-features/{backbone}"
        self._videos: dict[str, FrameFeatures | None] = {}
        self._pictures: dict[str, np.ndarray] | None = None

    def video(self, video_id: str) -> FrameFeatures | None:
        """A video's features; None when it has not been described, or is not one of ours."""
        if not is_id(video_id):
            return None
        if video_id not in self._videos:
            key = self._video_key(video_id)
            self._videos[video_id] = self._opened(key) if self._storage.exists(key) else None
        return self._videos[video_id]

    def save_video(self, video_id: str, times_s: np.ndarray, features: np.ndarray) -> None:
        """Keep (F, D) features at (F,) camera seconds. Twice is once."""
        check_video_id(video_id)
        if len(times_s) != len(features):
            raise ValueError(f"{len(times_s)} times for {len(features)} frames")
        self._storage.write(self._times_key(video_id), _npy(np.asarray(times_s, np.float64)))
        # the times first: features that are there are whole
        self._storage.write(self._video_key(video_id), _npy(np.asarray(features, np.float16)))
        self._videos.pop(video_id, None)

    def save_pictures(self, frames: Sequence[FrameAddress], features: np.ndarray) -> None:
        """Keep the features of pictures that belong to no video of ours: (N, D)."""
        by_session: dict[str, list[int]] = {}
        for row, one in enumerate(frames):
            # named by the video, so that they are forgotten with it
            name = one.video_id if is_id(one.video_id) else "0"
            by_session.setdefault(name, []).append(row)
        for name, rows in by_session.items():
            marks = np.array([picture_key(frames[row]) for row in rows])
            digest = hashlib.sha256(marks.tobytes()).hexdigest()[:32]
            held = io.BytesIO()
            np.savez(held, marks=marks, features=np.asarray(features, np.float16)[rows])
            self._storage.write(f"{self._folder}/pictures/{name}-{digest}.npz", held.getvalue())
        self._pictures = None

    def forget_video(self, video_id: str) -> None:
        """The video's features go, those of its loose pictures too."""
        delete_features(self._storage, video_id)
        self._videos.pop(video_id, None)
        self._pictures = None

    def rows(
        self, frames: Sequence[FrameAddress], offsets_s: Sequence[float] = (0.0,)
    ) -> tuple[np.ndarray, np.ndarray]:
        """(N, K, D) float16 of N frames and their neighbours at K offsets in time; (N, K) known.

        Unknown places hold zeros. Beyond a video's ends its first or last frame counts; a picture
        without a video knows offset 0 only.
        """
        by_video: dict[str, list[int]] = {}
        loose: list[int] = []
        for row, one in enumerate(frames):
            video = self.video(one.video_id) if one.frame_index is not None else None
            if video is not None and one.frame_index < len(video.features):
                by_video.setdefault(one.video_id, []).append(row)
            else:
                loose.append(row)
        wide = self._width(by_video, loose, frames)
        found = np.zeros((len(frames), len(offsets_s), wide), np.float16)
        known = np.zeros((len(frames), len(offsets_s)), bool)
        for session, rows in by_video.items():
            video, at = self.video(session), np.array(rows)
            here = np.array([frames[row].frame_index for row in rows])
            for column, offset_s in enumerate(offsets_s):
                # by its number, for a video's seconds change when the camera's rate is told
                places = nearest_indices(video.times_s, video.times_s[here] + offset_s)
                found[at, column] = video.features[here if offset_s == 0 else places]
                known[at, column] = True
        for column in [k for k, offset_s in enumerate(offsets_s) if offset_s == 0]:
            for row in loose:
                one = self._loose().get(picture_key(frames[row]))
                if one is not None:
                    found[row, column], known[row, column] = one, True
        return found, known

    def _width(
        self, by_video: dict[str, list[int]], loose: list[int], frames: Sequence[FrameAddress]
    ) -> int:
        for session in by_video:
            return self.video(session).features.shape[1]
        for row in loose:
            one = self._loose().get(picture_key(frames[row]))
            if one is not None:
                return len(one)
        return 0

    def _loose(self) -> dict[str, np.ndarray]:
        if self._pictures is None:
            self._pictures = {}
            for key in self._storage.list(f"{self._folder}/pictures"):
                try:
                    with np.load(io.BytesIO(self._storage.read(key)), allow_pickle=False) as held:
                        marks, features = held["marks"], held["features"]
                    self._pictures |= dict(zip(map(str, marks), features, strict=True))
                except DAMAGED:
                    self._storage.delete(key)  # made again from the pictures
        return self._pictures

    def _opened(self, key: str) -> FrameFeatures | None:
        times_key = f"{key[:-4]}.times"
        if not self._storage.exists(times_key):
            return None  # half deleted: described again
        times_bytes, path = self._storage.read(times_key), self._storage.local_path(key)
        held = path or io.BytesIO(self._storage.read(key))
        try:
            times_s = np.load(io.BytesIO(times_bytes), allow_pickle=False)
            features = np.load(held, mmap_mode="r" if path else None, allow_pickle=False)
            if features.ndim != 2 or len(features) != len(times_s) or not len(features):
                raise ValueError("sizes do not match")
        except DAMAGED:
            self._storage.delete(key)  # made again from the video
            return None
        return FrameFeatures(times_s, features)

    def _video_key(self, video_id: str) -> str:
        return f"{self._folder}/{video_id}-frames.npy"

    def _times_key(self, video_id: str) -> str:
        return f"{self._folder}/{video_id}-frames.times"


def picture_key(one: FrameAddress) -> str:
    """What makes it the same picture: its address and the athlete's place in it."""
    box = one.box.as_list() if one.box else None
    return hashlib.sha256(f"{one.image} {box}".encode()).hexdigest()[:32]


def delete_features(storage: Storage, video_id: str) -> None:
    """What any backbone made of a video goes. Raises Unsafe for what is not a video id."""
    check_video_id(video_id)
    for key in storage.list("frame-features"):
        if key.rpartition("/")[2].startswith(f"{video_id}-"):
            storage.delete(key)


def prune_features(storage: Storage, keep: Sequence[str]) -> int:
    """Forget what other backbones than `keep` described; returns how many arrays went."""
    gone = 0
    for key in storage.list("frame-features"):
        backbone = key.split("/")[1]
        if is_id(backbone) and key.count("/") >= 2 and backbone not in keep:
            storage.delete(key)
            gone += 1
    return gone


def _npy(array: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.save(held, array, allow_pickle=False)
    return held.getvalue()
