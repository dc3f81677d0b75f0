"""Images of tasks, wherever Label Studio says they are, and from nowhere else."""

import base64
from collections.abc import Collection
from urllib.parse import urljoin

import numpy as np

from pushoff.errors import MediaRefused, MediaUnavailable, StorageFailed, Unsafe, Upstream
from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.media.images import MAX_PIXELS, decode_image
from pushoff.studio.media.safe_http import Resolver, Response, SafeHttpClient, resolve
from pushoff.studio.media.urls import MediaSource, MediaUrl, origin_of, parse_media_url

REDIRECTS = (301, 302, 303, 307, 308)


class MediaFetcher:
    """Fetches and decodes images. Thread-safe.

    Origins other than Label Studio's must be in `allowed_origins` (`https://media.example.org`).
    Label Studio's credentials go to exactly its own origin.
    """

    def __init__(
        self,
        studio: LabelStudioClient,
        storage: Storage | None,
        *,
        allowed_origins: Collection[str] = (),
        max_bytes: int = 32 * 2**20,
        max_pixels: int = MAX_PIXELS,
        timeout_s: float = 10.0,
        resolver: Resolver = resolve,
    ) -> None:
        self._studio = studio
        self._storage = storage
        self._origins = {origin_of(one) for one in allowed_origins}
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._wire = SafeHttpClient({studio.url, *self._origins}, max_bytes, timeout_s, resolver)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def image(self, address: str, task_id: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB, upright. Raises like `fetch`, and MediaRefused for no image."""
        return decode_image(self.fetch(address, task_id), self._max_pixels)

    def fetch(self, address: str, task_id: int) -> bytes:
        """The image file's bytes.

        Raises MediaRefused (address, size) and MediaUnavailable (not there right now, or not for
        our token).
        """
        found = parse_media_url(address, self._studio.url, self._origins, self._max_bytes)
        if found.kind is MediaSource.DATA:
            return found.data
        ours = self._from_storage(found)
        if ours is not None:
            return ours
        if found.kind is MediaSource.CLOUD:
            return self._resolved(found.url, task_id)
        if found.kind is MediaSource.WEB:
            return _bytes(self._wire.get(found.url), origin_of(found.url))
        return _bytes(self._from_studio(found.url), "Label Studio")

    def _from_storage(self, found: MediaUrl) -> bytes | None:
        """Our own frames, read without asking anybody; None when it is not one of ours."""
        if self._storage is None:
            return None
        if found.kind is MediaSource.LOCAL:
            key = found.key
        elif found.kind is MediaSource.CLOUD and found.url.startswith(
            self._storage.url.rstrip("/") + "/"
        ):
            key = found.url.removeprefix(self._storage.url.rstrip("/") + "/")
        else:
            return None
        if not key.startswith("media/"):
            return None
        try:
            if not self._storage.exists(key):
                return None
            if self._storage.size(key) > self._max_bytes:
                raise MediaRefused(
                    f"The image is larger than {self._max_bytes:,} bytes (PUSHOFF_MEDIA_MAX_BYTES)"
                )
            return self._storage.read(key)
        except Unsafe as unsafe:
            raise MediaRefused(str(unsafe)) from None
        except StorageFailed as failed:
            raise MediaUnavailable(str(failed)) from None

    def _from_studio(self, url: str) -> Response:
        """GET on Label Studio's origin with its credentials, renewed once after a 401."""
        try:
            used = self._studio.bearer()
            answer = self._wire.get(url, {"Authorization": used})
            if answer.status == 401:
                renewed = self._studio.credentials.renewed(used)
                if renewed != used:
                    answer = self._wire.get(url, {"Authorization": renewed})
            return answer
        except Upstream as failed:
            raise MediaUnavailable(str(failed)) from None

    def _resolved(self, uri: str, task_id: int) -> bytes:
        """Through Label Studio's /resolve/: the bytes, or one redirect to an allowed origin."""
        encoded = base64.urlsafe_b64encode(uri.encode()).decode()
        url = f"{self._studio.url}/tasks/{int(task_id)}/resolve/?fileuri={encoded}"
        answer = self._from_studio(url)
        scheme = uri.split(":", 1)[0]
        if answer.status == 404:
            raise MediaUnavailable(
                f"Label Studio cannot resolve this {scheme}:// address: the project needs a cloud "
                "storage that covers it, and the file must be there."
            )
        if answer.status not in REDIRECTS:
            return _bytes(answer, "Label Studio")
        target = urljoin(url, answer.location)
        shown = _shown(target)
        if shown not in self._origins:
            raise MediaRefused(
                f"Label Studio's {scheme}:// storage leads to {shown}. If images should be "
                "fetched from there, add it to PUSHOFF_MEDIA_ORIGINS."
            )
        return _bytes(self._wire.get(target), shown)


def _bytes(answer: Response, where: str) -> bytes:
    if answer.status in REDIRECTS:
        raise MediaRefused(f"{where} redirects the image elsewhere, which is not followed")
    if answer.status in (401, 403):
        raise MediaUnavailable(
            f"{where} does not let us have the image ({answer.status}): check the token's user and "
            "the project's storage"
        )
    if not 200 <= answer.status < 300:
        raise MediaUnavailable(f"{where} does not have the image (status {answer.status})")
    if answer.content_type.startswith("text/html"):
        raise MediaUnavailable(f"{where} answers with a web page instead of an image")
    return answer.body


def _shown(url: str) -> str:
    """The origin only: presigned URLs carry credentials."""
    try:
        return origin_of(url)
    except MediaRefused:
        return "an address that is not http(s)"
