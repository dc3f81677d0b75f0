"""Single frames of stored films as JPEGs, written once: for Label Studio to show, and training."""

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pushoff.errors import VideoRefused
from pushoff.storage.videos import known_film, load_session, media_key, video_key

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage
    from pushoff.values import LabelledFrame

log = logging.getLogger(__name__)


def write_frames(storage: "Storage", film_id: str, frames: Collection[int]) -> int:
    """Write those that are not there yet; returns how many. `frames` are zero-based.

    Raises VideoRefused, StorageFailed, BadInput when there is no such film.
    """
    missing = sorted(at for at in set(frames) if not storage.exists(media_key(film_id, at)))
    if not missing:
        return 0
    from pushoff.video.decoding.decode import decode
    from pushoff.video.decoding.probe import probe
    from pushoff.video.picture import encode_jpeg

    capture_fps = load_session(storage, film_id).capture_fps
    with storage.local_copy(video_key(film_id)) as path:
        for frame in decode(path, probe(path, capture_fps), indices=missing).frames():
            storage.write(media_key(film_id, frame.ref.index), encode_jpeg(frame.image))
    return len(missing)


def write_labelled(storage: "Storage", labelled: Sequence["LabelledFrame"]) -> int:
    """The pictures of frames that were labelled on whole films; returns how many were written.

    Those of films that are not here, or cannot be decoded, any more are left: they count as images
    that cannot be had.
    """
    wanted: dict[str, list[int]] = {}
    for frame in labelled:
        if frame.frame_index is not None:
            wanted.setdefault(frame.session_id, []).append(frame.frame_index)
    written = 0
    for film_id, frames in wanted.items():
        if known_film(storage, film_id):
            try:
                written += write_frames(storage, film_id, frames)
            except VideoRefused as why:
                log.warning("film %s gives no pictures any more: %s", film_id, why)
    return written
