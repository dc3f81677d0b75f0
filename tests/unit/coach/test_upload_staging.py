"""The folder of unfinished uploads."""

import pytest

from pushoff.coach.upload_staging import Chapter, UploadStaging
from pushoff.errors import StorageFailed, Unsafe

SESSION_ID = "0" * 16
CHAPTERS = [Chapter("GH010001.MP4", 5, 1), Chapter("Ä.MP4", 3, 2)]


@pytest.fixture
def staging(tmp_path) -> UploadStaging:
    staging = UploadStaging(tmp_path / "uploads")
    staging.declare(SESSION_ID, CHAPTERS)
    return staging


def test_declared_chapters_are_read_back(staging):
    """In order; a session without a folder has none."""
    assert staging.declared(SESSION_ID) == CHAPTERS
    assert staging.declared("1" * 16) == []
    assert staging.sessions() == [SESSION_ID]


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff", b'[{"name": "a"}]', b"{}"])
def test_a_damaged_list_is_reported(staging, data):
    """Whatever stands in the file."""
    (staging.folder(SESSION_ID) / "chapters.json").write_bytes(data)
    with pytest.raises(StorageFailed):
        staging.declared(SESSION_ID)


def test_the_size_of_the_file_is_what_was_received(staging):
    """So both agree after a crash; the missing bytes are reserved on the disk."""
    assert staging.staged_bytes(SESSION_ID, 0) == 0
    staging.path(SESSION_ID, 0).write_bytes(b"one")
    assert staging.staged_bytes(SESSION_ID, 0) == 3
    staging.mark_done(SESSION_ID)
    assert staging.is_done(SESSION_ID)
    assert staging.last_modified_s(SESSION_ID) is not None


def test_missing_bytes_are_not_free(tmp_path):
    """A declared terabyte lowers the free space by as much, until the upload is done."""
    staging = UploadStaging(tmp_path)
    free = staging.free_bytes()
    staging.declare(SESSION_ID, [Chapter("large.mp4", 10**12, 1)])
    assert free - staging.free_bytes() == pytest.approx(10**12, rel=0.1)
    staging.mark_done(SESSION_ID)
    assert staging.free_bytes() == pytest.approx(free, rel=0.1)


def test_a_deleted_folder_is_gone(staging):
    """Deleting again changes nothing; an id that is none is refused."""
    for _ in range(2):
        staging.delete(SESSION_ID)
    assert staging.sessions() == [] and staging.last_modified_s(SESSION_ID) is None
    with pytest.raises(Unsafe):
        staging.delete("..")
