import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pushoff.errors import StorageFailed, Unsafe
from pushoff.storage.object_store import Storage, check_key, translate_os_errors

NASTY = st.text(alphabet="./\\ab\x00\n%2e~é\ud800", max_size=30)


@given(NASTY | st.text(max_size=600))
@example("../x")
@example("/etc/passwd")
@example("a/../../b")
@example("a//b")
@example("")
@example("a/.hidden")
@example("x" * 513)
def test_no_key_leaves_the_storage(key):
    """Whatever text is given as a key, it is refused or names something inside the folder."""
    root = "/top/storage"
    try:
        inside = os.path.normpath(f"{root}/{check_key(key)}")
    except Unsafe:
        return
    assert inside.startswith(root + "/") and "\x00" not in inside


@pytest.mark.parametrize("key", ["videos/ab/video", "media/x/000001.jpg", "a", "träning/löp.mp4"])
def test_ordinary_keys_are_kept_as_they_are(key):
    """A relative posix path is its own key."""
    assert check_key(key) == key


def test_a_link_does_not_lead_out(tmp_path):
    """A symbolic link inside the storage that points outside is refused, read or written."""
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "door").symlink_to(tmp_path)
    storage = Storage(str(tmp_path / "store"))
    for use in (storage.read, storage.exists, storage.delete, lambda key: storage.write(key, b"")):
        with pytest.raises(Unsafe):
            use("door/secret")
    assert (tmp_path / "secret").read_bytes() == b"s"


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_bytes_come_back_as_they_went(tmp_path_factory, first, second):
    """The last bytes written are the bytes read, and the size is theirs."""
    storage = Storage(str(tmp_path_factory.mktemp("s")))
    storage.write("a/b", first)
    storage.write("a/b", second)
    assert storage.read("a/b") == second
    assert storage.size("a/b") == len(second)


def test_listing_deleting_and_copies(tmp_path):
    """Keys are listed sorted below a folder, half-written files never; deleting twice is fine."""
    storage = Storage(f"file://{tmp_path}/store")
    assert storage.list() == []
    source = tmp_path / "video"
    source.write_bytes(b"video" * 1000)
    storage.write_file("s/2/video", source)
    storage.write_json("s/1.json", {"b": 1, "a": [None, "é"]})
    (tmp_path / "store" / "s" / ".1.json.0.tmp").write_bytes(b"half")
    assert storage.list("s") == ["s/1.json", "s/2/video"]
    assert storage.list() == storage.list("s")
    assert storage.read("s/1.json") == '{"a":[null,"é"],"b":1}'.encode()
    with storage.local_copy("s/2/video") as path:
        assert path.read_bytes() == source.read_bytes()
    assert storage.uri("s/1.json") == str(storage.local_path("s/1.json"))
    storage.delete("s/1.json")
    storage.delete("s/1.json")
    assert not storage.exists("s/1.json")


def test_a_bucket_keeps_the_same_promises():
    """The same calls work on a remote file system, with the prefix kept out of the keys."""
    storage = Storage("memory://bucket/prefix")
    storage.write("a/b", b"1")
    storage.write_file("a/c", Path(__file__))
    assert storage.list("a") == ["a/b", "a/c"]
    assert storage.read("a/b") == b"1" and storage.size("a/b") == 1
    assert storage.local_path("a/b") is None
    assert storage.uri("a/b") == "memory://bucket/prefix/a/b"
    with storage.local_copy("a/c") as path:
        assert path.read_bytes() == Path(__file__).read_bytes()
    storage.delete("a/b")
    storage.delete("a/b")
    assert not storage.exists("a/b") and storage.exists("a/c")


def test_copies_out_of_a_bucket_lie_in_scratch(tmp_path):
    """Copies from a bucket go to the named folder and are deleted afterwards."""
    storage = Storage("memory://bucket/scratched", tmp_path)
    storage.write("a/video", b"1")
    with storage.local_copy("a/video") as path:
        assert path.is_relative_to(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_bytes(tmp_path):
    """A source that breaks in the middle leaves the old file whole and nothing beside it."""
    storage = Storage(str(tmp_path / "store"))
    storage.write("a/b", b"old")
    with pytest.raises(StorageFailed):
        storage.write_file("a/b", tmp_path)  # a folder cannot be read as a file
    assert storage.read("a/b") == b"old"
    assert [path.name for path in (tmp_path / "store" / "a").iterdir()] == ["b"]


def test_missing_and_damaged_files_have_codes(tmp_path):
    """A key without bytes and a file that is no JSON raise StorageFailed, naming the key."""
    storage = Storage(str(tmp_path))
    with pytest.raises(StorageFailed, match="a/b") as missing:
        storage.read("a/b")
    storage.write("c", b"{")
    with pytest.raises(StorageFailed, match="c in") as damaged:
        storage.read_json("c")
    assert (missing.value.code, damaged.value.code) == ("not_stored", "invalid_json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_has_a_code():
    """Running out of space raises StorageFailed that says so."""
    with pytest.raises(StorageFailed) as caught, translate_os_errors("a/b"):
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")
    assert caught.value.code == "disk_full"
    assert caught.value.__cause__.errno == errno.ENOSPC


@pytest.mark.parametrize("other_disk", [False, True])
def test_a_file_is_moved_once(tmp_path, other_disk):
    """It is renamed, or copied from another disk; done again after a kill it stays as it is."""
    storage = Storage(str(tmp_path / "storage"))
    elsewhere = Path("/dev/shm") if other_disk else tmp_path
    if other_disk and (not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev):
        pytest.skip("there is no second disk here")
    with tempfile.TemporaryDirectory(dir=elsewhere) as folder:
        source = Path(folder) / "video"
        source.write_bytes(b"video")
        storage.take_file("a/b", source)
        assert not source.exists()
        storage.take_file("a/b", source)
        assert storage.read("a/b") == b"video"
        with pytest.raises(StorageFailed) as missing:
            storage.take_file("a/c", source)
        assert missing.value.code == "not_stored"
        assert storage.list() == ["a/b"]
