"""One GET to one checked address: no redirects, no cookies, no proxies, bounded in size and time.

A name is resolved once per connection, every answer is checked, and the connection goes to a
checked answer: a name that points elsewhere a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import httpcore
import httpx

from pushoff.errors import MediaRefused, MediaUnavailable
from pushoff.studio.media.urls import origin_of

Resolver = Callable[[str, int], Collection[str]]
"""From host name and port to IP addresses."""


def resolve(host: str, port: int) -> list[str]:
    """All IP addresses of a name, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    body: bytes
    location: str
    """The redirect's target; empty when there is none."""
    content_type: str


class SafeHttpClient:
    """Connections to a fixed set of origins. Thread-safe.

    `trusted`: origins whose host may have a private address (Label Studio's, and configured ones).
    """

    def __init__(
        self,
        trusted: Collection[str],
        max_bytes: int,
        timeout_s: float,
        resolver: Resolver = resolve,
    ) -> None:
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        hosts = {tuple(origin_of(one).split("://")[1].rsplit(":", 1)) for one in trusted}
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
            network_backend=_CheckedBackend(hosts, resolver),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET. A redirect is an answer, never followed.

        Raises MediaRefused (address not allowed, too large) and MediaUnavailable (no connection,
        too slow, breaks off).
        """
        deadline = time.monotonic() + self._timeout_s
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)
        sent = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "pushoff"}
        try:
            with self._pool.stream(
                "GET",
                url.partition("#")[0].encode("ascii"),
                headers={**sent, **(headers or {})},
                extensions={"timeout": limits},
            ) as response:
                found = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                body = self._body(response.iter_stream(), found, deadline)
                return Response(
                    response.status, body, found.get("location", ""), found.get("content-type", "")
                )
        except UnicodeEncodeError:
            raise MediaRefused(
                "The image address has letters that must be percent-encoded"
            ) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise MediaUnavailable(
                f"{origin_of(url)} did not give the image ({type(error).__name__})"
            ) from None

    def _body(self, chunks: Iterable[bytes], headers: Mapping[str, str], deadline: float) -> bytes:
        too_large = f"The image is larger than {self._max_bytes:,} bytes (PUSHOFF_MEDIA_MAX_BYTES)"
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_bytes:
            raise MediaRefused(too_large)
        if headers.get("content-encoding", "identity") != "identity":
            raise MediaRefused("The image comes compressed although we did not ask for that")
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > self._max_bytes:
                raise MediaRefused(too_large)
            if time.monotonic() > deadline:
                raise MediaUnavailable(
                    f"The image took longer than {self._timeout_s:g} s (PUSHOFF_MEDIA_TIMEOUT_S)"
                )
        return bytes(body)


class _CheckedBackend(httpcore.SyncBackend):
    """Resolves, checks, and connects to what was checked. TLS still names the host."""

    def __init__(self, trusted: Collection[tuple[str, ...]], resolver: Resolver) -> None:
        super().__init__()
        self._trusted = trusted
        self._resolver = resolver

    def connect_tcp(self, host: str, port: int, *args: object, **kwargs: object) -> object:
        """Connect to the first checked address that answers."""
        bare = host.strip("[]")
        written = f"[{ipaddress.IPv6Address(bare)}]" if ":" in bare else bare
        trusted = (written, str(port)) in self._trusted
        try:
            found = list(self._resolver(bare, port))
        except (OSError, UnicodeError):
            raise httpcore.ConnectError(f"{bare} has no address") from None
        for address in found:
            check_ip(address, trusted)
        failure: Exception = httpcore.ConnectError(f"{bare} has no address")
        for address in found:
            try:
                return super().connect_tcp(address, port, *args, **kwargs)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def check_ip(text: str, trusted: bool) -> None:
    """Raises MediaRefused for an IP address that must not be connected to.

    Link-local (cloud metadata), multicast, reserved and unspecified ones never; loopback and
    private ones only for a trusted host. IPv4 inside IPv6 counts as the IPv4 address it is.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    never = address.is_link_local or address.is_multicast or address.is_unspecified
    if never or (address.is_reserved and not address.is_loopback):
        raise MediaRefused(f"{address} is an address that images never come from")
    if not trusted and not address.is_global:
        raise MediaRefused(f"{address} is a private address that no allowed origin may lead to")
