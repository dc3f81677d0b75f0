"""Single frames of stored videos as JPEGs, for Label Studio and for training, and beside each the
strip of the athlete around it, for the annotator."""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import VideoRefused
from pushoff.storage.videos import is_stored, load_video, media_key, strip_key, video_key
from pushoff.util.progress import OnProgress, Progress, ignore_progress

if TYPE_CHECKING:
    import numpy as np

    from pushoff.storage.object_store import Storage
    from pushoff.values import Box, LabelledFrame, VideoInfo

log = logging.getLogger(__name__)

STRIP_QUALITY = 85
"""JPEG quality of a strip, which people look at and no model sees: about 80 kB."""


def write_pictures(
    storage: "Storage",
    video_id: str,
    path: Path,
    info: "VideoInfo",
    frames: Collection[int],
    boxes: Sequence["Box"],
    on_progress: OnProgress = ignore_progress,
) -> None:
    """Write the JPEG and the strip of each frame, in one pass over the probed file at `path`.

    `frames` are zero-based indices, `boxes` the athlete's in every frame of the video; without
    boxes there are no strips. Raises VideoRefused, StorageFailed.
    """
    from pushoff.video.athlete_strip import AthleteStrips
    from pushoff.video.decoding.decode import decode
    from pushoff.video.images import encode_jpeg

    strips = AthleteStrips(frames if boxes else (), boxes, float(info.capture_rate))

    def write_strip(index: int, strip: "np.ndarray") -> None:
        storage.write(strip_key(video_id, index), encode_jpeg(strip, STRIP_QUALITY))

    written = 0
    for frame in decode(path, info, indices={*frames, *strips.frames}).frames():
        if frame.ref.index in frames:
            storage.write(media_key(video_id, frame.ref.index), encode_jpeg(frame.image))
            written += 1
            on_progress(Progress("writing frames", written, len(frames), "frame"))
        for index, strip in strips.add(frame):
            write_strip(index, strip)
    for index, strip in strips.rest():
        write_strip(index, strip)


def write_frames(
    storage: "Storage", video_id: str, frames: Collection[int], boxes: Sequence["Box"] = ()
) -> int:
    """Write the JPEGs that are not there yet; returns of how many frames. `frames` are zero-based
    indices, `boxes` as in `write_pictures`.

    Raises VideoRefused, StorageFailed, BadInput when there is no such video.
    """
    missing = {
        index
        for index in frames
        if not storage.exists(media_key(video_id, index))
        or (boxes and not storage.exists(strip_key(video_id, index)))
    }
    if missing:
        from pushoff.video.decoding.probe import probe

        capture_fps = load_video(storage, video_id).capture_fps
        with storage.local_copy(video_key(video_id)) as path:
            write_pictures(storage, video_id, path, probe(path, capture_fps), missing, boxes)
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
