"""Single frames of stored videos as JPEGs, written once: for Label Studio and for training."""

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pushoff.errors import VideoRefused
from pushoff.storage.videos import is_stored, load_video, media_key, video_key

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage
    from pushoff.values import LabelledFrame

log = logging.getLogger(__name__)


def write_frames(storage: "Storage", video_id: str, frames: Collection[int]) -> int:
    """Write the JPEGs that are not there yet; returns how many. `frames` are zero-based indices.

    Raises VideoRefused, StorageFailed, BadInput when there is no such video.
    """
    missing = sorted(
        index for index in set(frames) if not storage.exists(media_key(video_id, index))
    )
    if not missing:
        return 0
    from pushoff.video.decoding.decode import decode
    from pushoff.video.decoding.probe import probe
    from pushoff.video.images import encode_jpeg

    capture_fps = load_video(storage, video_id).capture_fps
    with storage.local_copy(video_key(video_id)) as path:
        for frame in decode(path, probe(path, capture_fps), indices=missing).frames():
            storage.write(media_key(video_id, frame.ref.index), encode_jpeg(frame.image))
    return len(missing)


def write_labelled(storage: "Storage", labels: Sequence["LabelledFrame"]) -> int:
    """Write the JPEGs of frames that were labelled on whole videos; returns how many.

    Frames of videos that are not in storage or cannot be decoded are skipped: they count as
    unavailable images.
    """
    frames_of: dict[str, list[int]] = {}
    for label in labels:
        if label.frame_index is not None:
            frames_of.setdefault(label.video_id, []).append(label.frame_index)
    written = 0
    for video_id, frames in frames_of.items():
        if is_stored(storage, video_id):
            try:
                written += write_frames(storage, video_id, frames)
            except VideoRefused as error:
                log.warning("frames of video %s have no image: %s", video_id, error)
    return written
