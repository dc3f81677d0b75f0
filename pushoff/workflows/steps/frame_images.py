"""Single frames of stored videos as JPEGs, written once: for Label Studio to show, and training."""

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
    """Write those that are not there yet; returns how many. `frames` are zero-based.

    Raises VideoRefused, StorageFailed, BadInput when there is no such video.
    """
    missing = sorted(at for at in set(frames) if not storage.exists(media_key(video_id, at)))
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


def write_labelled(storage: "Storage", labelled: Sequence["LabelledFrame"]) -> int:
    """The pictures of frames that were labelled on whole videos; returns how many were written.

    Those of videos that are not here, or cannot be decoded, any more are left: they count as images
    that cannot be had.
    """
    wanted: dict[str, list[int]] = {}
    for frame in labelled:
        if frame.frame_index is not None:
            wanted.setdefault(frame.video_id, []).append(frame.frame_index)
    written = 0
    for video_id, frames in wanted.items():
        if is_stored(storage, video_id):
            try:
                written += write_frames(storage, video_id, frames)
            except VideoRefused as why:
                log.warning("video %s gives no pictures any more: %s", video_id, why)
    return written
