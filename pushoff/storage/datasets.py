"""Frozen datasets: images and manifests named by their own content, written once."""

import hashlib
import re
from typing import Any

from pushoff.errors import StorageFailed, Unsafe
from pushoff.storage.object_store import Storage
from pushoff.util.canonical_json import canonical_json

_MAGIC = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"GIF8": "gif", b"RIFF": "webp", b"BM": "bmp"}
_KINDS = (*_MAGIC.values(), "bin")


def save_image(storage: Storage, data: bytes) -> str:
    """Keep an image's bytes as they are; returns their SHA-256 in hex. Twice is once."""
    sha256 = hashlib.sha256(data).hexdigest()
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "bin")
    key = f"images/{sha256}.{kind}"
    if not storage.exists(key):
        storage.write(key, data)
    return sha256


def load_image(storage: Storage, sha256: str) -> bytes:
    """The image's bytes, checked against their name. Raises StorageFailed when gone or damaged."""
    keys = (f"images/{_checked(sha256)}.{kind}" for kind in _KINDS)
    key = next((key for key in keys if storage.exists(key)), None)
    if key is None:
        raise StorageFailed(f"Image {sha256} is not stored. Pull the labels again to fetch it.")
    data = storage.read(key)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StorageFailed(
            f"{key} is damaged: its bytes do not have that SHA-256. Delete it and pull again."
        )
    return data


def image_stored(storage: Storage, sha256: str) -> bool:
    """Whether the image's bytes are there, unchecked."""
    return any(storage.exists(f"images/{_checked(sha256)}.{kind}") for kind in _KINDS)


def delete_image(storage: Storage, sha256: str) -> None:
    """The image goes; frozen datasets that name it can be read, but not trained on, any more."""
    for kind in _KINDS:
        storage.delete(f"images/{_checked(sha256)}.{kind}")


def export_key(sha256: str) -> str:
    """Where an export lies, named by its SHA-256. Raises Unsafe for what is not one."""
    return f"exports/{_checked(sha256)}.json"


def save_dataset(storage: Storage, manifest: dict[str, Any]) -> str:
    """Keep a manifest; returns its fingerprint, the SHA-256 of its canonical JSON.

    A manifest with a `project_id` becomes that project's newest.
    Raises BadInput when it cannot be written as JSON.
    """
    data = canonical_json(manifest)
    fingerprint = hashlib.sha256(data).hexdigest()
    key = f"datasets/{fingerprint}.json"
    if not storage.exists(key):
        storage.write(key, data)
    if manifest.get("project_id") is not None:
        pointer = _newest_key(int(manifest["project_id"]))
        storage.write_json(pointer, {"fingerprint": fingerprint})
    return fingerprint


def fingerprint_of(manifest: dict[str, Any]) -> str:
    """The SHA-256 of the manifest's canonical JSON: its name."""
    return hashlib.sha256(canonical_json(manifest)).hexdigest()


def load_dataset(storage: Storage, fingerprint: str) -> dict[str, Any]:
    """The manifest, checked against its fingerprint. Raises StorageFailed when gone or damaged."""
    key = f"datasets/{_checked(fingerprint)}.json"
    manifest = storage.read_json(key)
    if fingerprint_of(manifest) != fingerprint:
        raise StorageFailed(f"{key} is damaged: it does not have that fingerprint")
    return manifest


def newest_dataset(storage: Storage, project_id: int) -> dict[str, Any] | None:
    """The manifest the project froze last, or None before the first."""
    pointer = _newest_key(project_id)
    if not storage.exists(pointer):
        return None
    return load_dataset(storage, storage.read_json(pointer)["fingerprint"])


def _newest_key(project_id: int) -> str:
    return f"datasets/newest/{int(project_id)}.json"


def _checked(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Unsafe(f"{sha256!r} is not a SHA-256 in hex")
    return sha256
