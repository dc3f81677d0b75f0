"""pushoff/storage/deletion.py: one video's traces go, and nobody else's."""

import hashlib
import itertools
from pathlib import Path

import pytest

from pushoff.errors import StorageFailed, Unsafe
from pushoff.storage.datasets import export_key, load_dataset, save_dataset, save_image
from pushoff.storage.deletion import delete_video
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import add_video, media_key, strip_key
from pushoff.values import Exercise


class Breaking(Storage):
    """A storage whose disk fails at the n-th deletion: where a process might be killed."""

    def __init__(self, url: str, at: int) -> None:
        super().__init__(url)
        self.left = at

    def delete(self, key: str) -> None:
        """As `Storage`, until it breaks."""
        if not self.left:
            raise StorageFailed("the disk is broken")
        self.left -= 1
        super().delete(key)


def filled(folder: Path) -> tuple[Storage, str, str]:
    """(storage, one video's id, another's), each with everything a video leaves behind."""
    storage, ids = Storage(str(folder / "storage")), []
    for name in ("ada", "bea"):
        path = folder / name
        path.write_bytes(name.encode() * 100)
        video = add_video(storage, path, athlete=name, exercise=Exercise.HOPS).video_id
        for index in range(2):
            picture = b"\xff\xd8\xff" + f"{video}{index}".encode()
            storage.write(media_key(video, index), picture)
            storage.write(strip_key(video, index), picture)
            save_image(storage, picture)
        storage.write(f"features/{'0' * 16}/{video}-{'1' * 12}.npz", b"features")
        export = f'[{{"data": {{"session": "{video}"}}}}]'.encode()
        storage.write(export_key(hashlib.sha256(export).hexdigest()), export)
        ids.append(video)
    return storage, *ids


def traces(storage: Storage, video: str) -> list[str]:
    """Keys and contents that name the video."""
    return [k for k in storage.list() if video in k or video.encode() in storage.read(k)]


def test_every_trace_of_the_video_goes_and_no_other(tmp_path):
    """Video, frames, strips, frozen pictures, features, exports; the other video's stay byte for
    byte."""
    storage, ada, bea = filled(tmp_path)
    before = {key: storage.read(key) for key in traces(storage, bea)}
    delete_video(storage, ada)
    assert traces(storage, ada) == []
    assert {key: storage.read(key) for key in storage.list()} == before
    delete_video(storage, ada)


def test_a_frozen_dataset_keeps_its_list(tmp_path):
    """What was held out once stays known, so that it stays held out."""
    storage, ada, _ = filled(tmp_path)
    fingerprint = save_dataset(storage, {"project_id": 3, "frames": [{"session": ada}]})
    delete_video(storage, ada)
    assert load_dataset(storage, fingerprint)["frames"] == [{"session": ada}]


def test_killed_at_any_deletion_the_next_run_does_the_rest(tmp_path):
    """However often it breaks, wherever it breaks, in the end nothing is left."""
    for number in itertools.count():
        folder = tmp_path / str(number)
        folder.mkdir()
        storage, ada, bea = filled(folder)
        try:
            delete_video(Breaking(storage.url, number), ada)
        except StorageFailed:
            delete_video(storage, ada)
            assert traces(storage, ada) == []
            assert len(traces(storage, bea)) > 6
            continue
        assert number > 6
        return


@pytest.mark.parametrize("wrong", ["", "..", "a/b", "A" * 16])
def test_what_is_not_a_video_id_is_refused(tmp_path, wrong):
    """Nothing is deleted for a name that is not a video's."""
    storage, *_ = filled(tmp_path)
    before = storage.list()
    with pytest.raises(Unsafe):
        delete_video(storage, wrong)
    assert storage.list() == before
