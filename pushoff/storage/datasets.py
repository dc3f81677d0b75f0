"""Frozen datasets: images, exports and manifests, named by their content and written once."""

import hashlib
import re
from typing import Any

from pushoff.errors import StorageFailed, Unsafe
from pushoff.storage.object_store import Storage
from pushoff.util.canonical_json import canonical_json

_SIGNATURES = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG": "png",
    b"GIF8": "gif",
    b"RIFF": "webp",
    b"BM": "bmp",
}
"""The first bytes of image files, and the ending of their names."""
_ENDINGS = (*_SIGNATURES.values(), "bin")
_NEWEST_KEY = "datasets/newest.json"
"""Names the data set that was frozen last; there is one series of them."""


def save_image(storage: Storage, data: bytes) -> str:
    """Store an image file once; returns its SHA-256, 64 hex digits. Raises StorageFailed."""
    sha256 = hashlib.sha256(data).hexdigest()
    ending = next((end for start, end in _SIGNATURES.items() if data.startswith(start)), "bin")
    key = f"images/{sha256}.{ending}"
    if not storage.exists(key):
        storage.write(key, data)
    return sha256


def load_image(storage: Storage, sha256: str) -> bytes:
    """The image file, verified. Raises Unsafe, StorageFailed (`not_stored`, `damaged`)."""
    key = next((key for key in _image_keys(sha256) if storage.exists(key)), None)
    if key is None:
        raise StorageFailed(
            f"Image {sha256} is not stored.",
            code="not_stored",
            remedy="Pull the labels again to fetch it.",
        )
    data = storage.read(key)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StorageFailed(
            f"{key} is damaged: its content has another SHA-256.",
            code="damaged",
            remedy="Delete it and pull the labels again.",
        )
    return data


def stored_images(storage: Storage) -> frozenset[str]:
    """The SHA-256 of every stored image file, none of them verified. Raises StorageFailed.

    One listing: in a bucket it takes as long as a question for one image or two.
    """
    names = (key.rpartition("/")[2] for key in storage.list("images"))
    return frozenset(name.partition(".")[0] for name in names)


def delete_image(storage: Storage, sha256: str) -> None:
    """Delete the image file; frozen datasets that name it can be read but not trained on.

    Raises Unsafe, StorageFailed.
    """
    for key in _image_keys(sha256):
        storage.delete(key)


def export_key(sha256: str) -> str:
    """Where an export with this SHA-256 lies. Raises Unsafe for what is not one."""
    return f"exports/{_check_sha256(sha256)}.json"


def save_dataset(storage: Storage, manifest: dict[str, Any]) -> str:
    """Store a manifest as the newest; returns its fingerprint, the SHA-256 of its canonical JSON.

    Raises BadInput when it cannot be written as JSON, StorageFailed.
    """
    data = canonical_json(manifest)
    fingerprint = hashlib.sha256(data).hexdigest()
    key = f"datasets/{fingerprint}.json"
    if not storage.exists(key):
        storage.write(key, data)
    storage.write_json(_NEWEST_KEY, {"fingerprint": fingerprint})
    return fingerprint


def fingerprint_of(manifest: dict[str, Any]) -> str:
    """The SHA-256 of the manifest's canonical JSON, 64 hex digits. Raises BadInput."""
    return hashlib.sha256(canonical_json(manifest)).hexdigest()


def load_dataset(storage: Storage, fingerprint: str) -> dict[str, Any]:
    """The manifest, verified. Raises Unsafe, StorageFailed when it is missing or damaged."""
    key = f"datasets/{_check_sha256(fingerprint)}.json"
    manifest = storage.read_json(key)
    if not isinstance(manifest, dict) or fingerprint_of(manifest) != fingerprint:
        raise StorageFailed(
            f"{key} is damaged: its content has another fingerprint.",
            code="damaged",
            remedy="Delete it: the next retrain freezes a data set again.",
        )
    return manifest


def newest_dataset(storage: Storage) -> dict[str, Any] | None:
    """The manifest that was frozen last, None before the first. Raises StorageFailed."""
    if not storage.exists(_NEWEST_KEY):
        return None
    return load_dataset(storage, storage.read_json(_NEWEST_KEY)["fingerprint"])


def _image_keys(sha256: str) -> list[str]:
    return [f"images/{_check_sha256(sha256)}.{ending}" for ending in _ENDINGS]


def _check_sha256(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Unsafe(f"{sha256[:80]!r} is not a SHA-256 (64 lower-case hex digits)")
    return sha256
