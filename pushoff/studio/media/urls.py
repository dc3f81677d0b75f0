"""The kinds of image addresses a task may have. Everything else is refused."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from pushoff.errors import MediaRefused

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

MAX_CHARACTERS = 8192
"""Longest address that is not a data: URI."""
CLOUD_SCHEMES = ("s3", "gs", "azure-blob")
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9_](?:[a-z0-9_-]{0,62})")


class MediaSource(Enum):
    """How an image is fetched."""

    DATA = "inside the address"
    STUDIO = "from Label Studio"
    LOCAL = "from a folder Label Studio serves"
    CLOUD = "from a bucket, through Label Studio"
    WEB = "from another allowed origin"


@dataclass(frozen=True)
class MediaUrl:
    """A checked address."""

    source: MediaSource
    url: str = ""
    """STUDIO, LOCAL, WEB: the URL to GET. CLOUD: the URI to resolve."""
    key: str = ""
    """LOCAL: the path below the document root, unquoted."""
    data: bytes = b""
    """DATA: the image file."""


def parse_media_url(
    text: object, studio_url: str, allowed_origins: Collection[str], max_bytes: int
) -> MediaUrl:
    """Check an address. `allowed_origins` and Label Studio's own are compared exactly.

    Raises MediaRefused, naming the setting where an origin would have to be allowed.
    """
    if not isinstance(text, str) or not text.strip():
        raise MediaRefused("The task has no image address")
    text = text.strip()
    if text[:5].lower() == "data:":
        return MediaUrl(MediaSource.DATA, data=_decode_data(text, max_bytes))
    if len(text) > MAX_CHARACTERS:
        raise MediaRefused(f"The image address is longer than {MAX_CHARACTERS} characters")
    if "\\" in text or any(ord(character) <= 32 or ord(character) == 127 for character in text):
        raise MediaRefused("The image address has spaces, backslashes or control characters")
    scheme = text.split(":", 1)[0].lower() if "://" in text else ""
    if scheme in CLOUD_SCHEMES:
        return MediaUrl(MediaSource.CLOUD, url=text)
    if not scheme:
        return _studio_path(text, studio_url)
    if scheme not in _PORTS:
        raise MediaRefused(f"Image addresses that start with {scheme[:20]}:// are not fetched")
    origin = origin_of(text)
    if origin == origin_of(studio_url):
        return _studio_path(text[len(text.split("/", 3)[0]) + 2 :].partition("/")[2], studio_url)
    if origin not in {origin_of(url) for url in allowed_origins}:
        raise MediaRefused(
            f"Images are not fetched from {origin}. If they should be, add it to "
            "PUSHOFF_MEDIA_ORIGINS."
        )
    return MediaUrl(MediaSource.WEB, url=text)


def origin_of(url: str) -> str:
    """`scheme://host:port`, always with the port. Raises MediaRefused for unusual hosts.

    Refused: a user name, percent signs, brackets except around an IPv6 address, and other spellings
    of an IPv4 address (decimal, hex, octal, short).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise MediaRefused("The image address has a malformed host or port") from None
    if parts.scheme not in _PORTS or "@" in parts.netloc or port == 0:
        raise MediaRefused("The image address has a user name or no usable host")
    if ":" in host:
        try:
            host = f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            raise MediaRefused("The image address has a malformed host or port") from None
    elif not _HOST.fullmatch(host) or len(host) > 253 or _looks_like_ipv4(host):
        raise MediaRefused("The image address has a malformed host or port")
    return f"{parts.scheme}://{host}:{port or _PORTS[parts.scheme]}"


def frame_address(storage: "Storage", key: str) -> str:
    """The address of a stored frame, as task data holds it and Label Studio resolves it."""
    if storage.url.startswith("s3://"):
        return storage.uri(key)
    return f"/data/local-files/?d={quote(key)}"


def _studio_path(path: str, studio_url: str) -> MediaUrl:
    """A path on Label Studio: uploads and local files only, never another of its pages."""
    path = "/" + path.lstrip("/")
    base = urlsplit(studio_url).path.rstrip("/")
    if base and path.startswith(f"{base}/"):
        path = path[len(base) :]
    parts = urlsplit(path)
    steps = unquote(unquote(parts.path)).split("/")
    if ".." in steps or "." in steps or "" in steps[1:-1] or "\0" in unquote(path):
        raise MediaRefused("The image address leads out of its folder")
    url = f"{studio_url.rstrip('/')}{path.partition('#')[0]}"
    if parts.path in ("/data/local-files/", "/data/local-files"):
        keys = parse_qs(parts.query, keep_blank_values=True).get("d", [])
        if len(keys) != 1 or not _stays_inside(keys[0]):
            raise MediaRefused("The image address leads out of its folder")
        return MediaUrl(MediaSource.LOCAL, url=url, key=keys[0].strip("/"))
    if re.fullmatch(r"/(tasks|projects)/\d+/(resolve|presign)/?", parts.path):
        return MediaUrl(MediaSource.CLOUD, url=_bucket_uri(parts.query))
    if parts.path.startswith("/data/upload/"):
        return MediaUrl(MediaSource.STUDIO, url=url)
    raise MediaRefused(
        "The image address is neither one of Label Studio's uploads (/data/upload/...) nor one of "
        "its local files (/data/local-files/?d=...)"
    )


def _bucket_uri(query: str) -> str:
    """The URI inside `/tasks/1/resolve/?fileuri=...`, which Label Studio lists for bucket files."""
    uris = parse_qs(query).get("fileuri", [])
    try:
        uri = base64.urlsafe_b64decode(uris[0]).decode() if len(uris) == 1 else ""
    except (binascii.Error, ValueError):
        uri = ""
    scheme = uri.split("://")[0].lower()
    if scheme not in CLOUD_SCHEMES or any(ord(character) < 32 for character in uri):
        raise MediaRefused("The image address does not name a file in a bucket")
    return uri


def _stays_inside(key: str) -> bool:
    return bool(key.strip("/")) and not any(
        step in ("", ".", "..") or "\\" in step or "\0" in step
        for text in (key, unquote(key))
        for step in text.strip("/").split("/")
    )


def _looks_like_ipv4(host: str) -> bool:
    """Whether a resolver may read the host as an IPv4 address in another spelling."""
    if not re.fullmatch(r"(0x[0-9a-f]*|\d+)", host.rsplit(".", 1)[-1]):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


def _decode_data(text: str, max_bytes: int) -> bytes:
    head, comma, body = text.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise MediaRefused("A data: address must be base64")
    if len(body) > (max_bytes + 2) // 3 * 4 + 4:
        raise MediaRefused(
            f"The image is larger than {max_bytes:,} bytes (PUSHOFF_MEDIA_MAX_BYTES)"
        )
    try:
        return base64.b64decode(unquote(body), validate=True)
    except (binascii.Error, ValueError):
        raise MediaRefused("The data: address is not valid base64") from None
