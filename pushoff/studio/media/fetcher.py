"""Images of tasks from storage, Label Studio, or an allowed origin; from nowhere else."""

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
        self._origins = {origin_of(url) for url in allowed_origins}
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._http = SafeHttpClient({studio.url, *self._origins}, max_bytes, timeout_s, resolver)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def image(self, address: str, task_id: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB, upright. Raises what `fetch` and `decode_image` raise."""
        return decode_image(self.fetch(address, task_id), self._max_pixels)

    def fetch(self, address: str, task_id: int) -> bytes:
        """The image file's bytes.

        Raises MediaRefused (address, size) and MediaUnavailable (not there at the moment, or not
        for this service's token).
        """
        url = parse_media_url(address, self._studio.url, self._origins, self._max_bytes)
        if url.source is MediaSource.DATA:
            return url.data
        stored = self._from_storage(url)
        if stored is not None:
            return stored
        if url.source is MediaSource.CLOUD:
            return self._from_cloud(url.url, task_id)
        if url.source is MediaSource.WEB:
            return _image_bytes(self._http.get(url.url), origin_of(url.url))
        return _image_bytes(self._from_studio(url.url), "Label Studio")

    def _from_storage(self, url: MediaUrl) -> bytes | None:
        """A stored frame, read without a request; None when it is not in storage."""
        if self._storage is None:
            return None
        bucket = self._storage.url.rstrip("/") + "/"
        key = url.key
        if url.source is MediaSource.CLOUD and url.url.startswith(bucket):
            key = url.url.removeprefix(bucket)
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
            authorization = self._studio.authorization()
            response = self._http.get(url, {"Authorization": authorization})
            if response.status == 401:
                renewed = self._studio.credentials.renewed(authorization)
                if renewed != authorization:
                    response = self._http.get(url, {"Authorization": renewed})
            return response
        except Upstream as failed:
            raise MediaUnavailable(str(failed)) from None

    def _from_cloud(self, uri: str, task_id: int) -> bytes:
        """Through Label Studio's /resolve/: the bytes, or one redirect to an allowed origin."""
        encoded = base64.urlsafe_b64encode(uri.encode()).decode()
        url = f"{self._studio.url}/tasks/{int(task_id)}/resolve/?fileuri={encoded}"
        response = self._from_studio(url)
        scheme = uri.split(":", 1)[0]
        if response.status == 404:
            raise MediaUnavailable(
                f"Label Studio cannot resolve this {scheme}:// address. The project needs a cloud "
                "storage that covers it, and the file must exist."
            )
        if response.status not in REDIRECTS:
            return _image_bytes(response, "Label Studio")
        target = urljoin(url, response.location)
        origin = _origin_text(target)
        if origin not in self._origins:
            raise MediaRefused(
                f"Label Studio's {scheme}:// storage redirects to {origin}. If images should be "
                "fetched from there, add it to PUSHOFF_MEDIA_ORIGINS."
            )
        return _image_bytes(self._http.get(target), origin)


def _image_bytes(response: Response, source: str) -> bytes:
    """The body of a successful response; `source` names the server in errors."""
    if response.status in REDIRECTS:
        raise MediaRefused(f"{source} redirects to another address, which is not allowed")
    if response.status in (401, 403):
        raise MediaUnavailable(
            f"{source} refuses the image ({response.status}). Check the token's user and the "
            "project's storage."
        )
    if not 200 <= response.status < 300:
        raise MediaUnavailable(f"{source} does not have the image (status {response.status})")
    if response.content_type.startswith("text/html"):
        raise MediaUnavailable(f"{source} answers with a web page instead of an image")
    return response.body


def _origin_text(url: str) -> str:
    """The origin only: presigned URLs contain credentials."""
    try:
        return origin_of(url)
    except MediaRefused:
        return "an address that is not http(s)"
