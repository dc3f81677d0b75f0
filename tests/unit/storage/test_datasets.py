import hashlib

import pytest

from pushoff.errors import BadInput, StorageFailed, Unsafe
from pushoff.storage.datasets import (
    delete_image,
    export_key,
    load_dataset,
    load_image,
    newest_dataset,
    save_dataset,
    save_image,
    stored_images,
)
from pushoff.storage.object_store import Storage


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path))


def test_images_are_named_by_their_bytes(storage):
    """An image comes back under its SHA-256, whatever its format, and twice is once."""
    for data in (b"\xff\xd8\xff jpeg", b"\x89PNG png", b"something else"):
        sha256 = save_image(storage, data)
        assert save_image(storage, data) == sha256 == hashlib.sha256(data).hexdigest()
        assert load_image(storage, sha256) == data
    assert len(storage.list("images")) == 3


def test_all_stored_images_are_known_at_once(storage):
    """By hash, whatever kind of file they are; without any, none are."""
    assert stored_images(storage) == frozenset()
    hashes = {save_image(storage, data) for data in (b"\xff\xd8\xff one", b"\x89PNG", b"?")}
    assert stored_images(storage) == hashes
    delete_image(storage, min(hashes))
    assert stored_images(storage) == hashes - {min(hashes)}


def test_equal_manifests_have_equal_fingerprints(storage):
    """The order of a manifest's keys does not matter; its values do."""
    first = save_dataset(storage, {"seed": 1, "frames": [1, 2]})
    assert save_dataset(storage, {"frames": [1, 2], "seed": 1}) == first
    assert save_dataset(storage, {"frames": [2, 1], "seed": 1}) != first


def test_the_last_manifest_is_the_newest(storage):
    """There is one series of data sets: the last one that was stored, also for the second time."""
    assert newest_dataset(storage) is None
    for number in (1, 2, 1):
        save_dataset(storage, {"number": number})
        assert newest_dataset(storage) == {"number": number}


def test_damage_is_detected(storage):
    """Content that does not match its name is refused; the message names the file."""
    sha256 = save_image(storage, b"\xff\xd8\xff jpeg")
    storage.write(f"images/{sha256}.jpg", b"\xff\xd8\xff other")
    with pytest.raises(StorageFailed, match=sha256) as damaged:
        load_image(storage, sha256)
    assert damaged.value.code == "damaged"
    fingerprint = save_dataset(storage, {"frames": []})
    storage.write(f"datasets/{fingerprint}.json", b'{"frames":[1]}')
    with pytest.raises(StorageFailed, match=fingerprint) as damaged:
        load_dataset(storage, fingerprint)
    assert damaged.value.code == "damaged"


def test_a_name_that_is_not_a_hash_and_a_manifest_that_is_not_json_are_refused(storage):
    """Names that are not SHA-256 are Unsafe, manifests with NaN are BadInput."""
    for use in (load_image, load_dataset):
        with pytest.raises(Unsafe):
            use(storage, "../x")
    with pytest.raises(Unsafe):
        export_key("x")
    with pytest.raises(BadInput):
        save_dataset(storage, {"loss": float("nan")})
    with pytest.raises(StorageFailed) as missing:
        load_image(storage, "0" * 64)
    assert missing.value.code == "not_stored"
