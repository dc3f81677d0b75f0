"""Deleting a video from storage. Every step is safe to repeat after a kill."""

import hashlib

from pushoff.storage.datasets import delete_image
from pushoff.storage.feature_store import delete_features
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import video_folder


def delete_folder(storage: Storage, prefix: str) -> None:
    """Delete every file below the folder. Raises StorageFailed."""
    for key in storage.list(prefix):
        storage.delete(key)


def delete_what_was_extracted(storage: Storage, video_id: str) -> None:
    """Delete a video's features and body landmarks, whichever backbone they are of.

    Raises Unsafe, StorageFailed.
    """
    delete_features(storage, video_id)
    for key in storage.list("features"):
        if key.rpartition("/")[2].startswith(f"{video_id}-"):
            storage.delete(key)


def delete_video(storage: Storage, video_id: str) -> None:
    """Delete the video, its frames and features, and the exports that name it.

    Images of frozen datasets are deleted before the frames they are copies of, because the frame's
    content is the only way to find them. Not deleted: the manifests of frozen datasets (video id,
    athlete's name, times, labels, no picture), so that a held-out video stays held out, and the
    models trained on it. Raises Unsafe, StorageFailed.
    """
    folder = video_folder(video_id)
    for key in storage.list(f"media/{video_id}"):
        delete_image(storage, hashlib.sha256(storage.read(key)).hexdigest())
        storage.delete(key)
    delete_what_was_extracted(storage, video_id)
    for key in storage.list("exports"):
        if video_id.encode() in storage.read(key):
            storage.delete(key)
    delete_folder(storage, folder)
