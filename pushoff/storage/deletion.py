"""A video's traces in storage, and how they go. Every step may be killed and done again."""

import hashlib

from pushoff.storage.datasets import delete_image
from pushoff.storage.feature_store import delete_features
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import video_key


def delete_folder(storage: Storage, prefix: str) -> None:
    """Everything below the folder."""
    for key in storage.list(prefix):
        storage.delete(key)


def delete_video(storage: Storage, video_id: str) -> None:
    """The video, its frames, what describes it, and the exports of labels that name it.

    Pictures that frozen datasets hold go before the frames they were made of, for a frame's bytes
    are the only way to find them. What stays: the manifests of frozen datasets (session number,
    athlete's name, times, labels, no picture), so that a session once held out stays held out,
    and the models trained on them, which keep what they learnt. Raises Unsafe, StorageFailed.
    """
    video_folder = video_key(video_id).rpartition("/")[0]
    for key in storage.list(f"media/{video_id}"):
        delete_image(storage, hashlib.sha256(storage.read(key)).hexdigest())
        storage.delete(key)
    delete_features(storage, video_id)
    for key in storage.list("features"):
        if key.rpartition("/")[2].startswith(f"{video_id}-"):
            storage.delete(key)
    for key in storage.list("exports"):
        if video_id.encode() in storage.read(key):
            storage.delete(key)
    delete_folder(storage, video_folder)
