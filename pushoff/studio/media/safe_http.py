"""GET and POST to checked addresses: no redirects, cookies or proxies, limited size and time.

A name is resolved once per connection, every IP address is checked, and the connection goes to a
checked address: a name that resolves to another address a moment later (DNS rebinding) has no
effect. Door: httpcore.
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
SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]


def resolve(host: str, port: int) -> list[str]:
    """All IP addresses of a name, by the system's resolver."""
    records = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(record[4][0]) for record in records))


@dataclass(frozen=True)
class Response:
    """Status, body and the two headers that are used."""

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
        hosts = {tuple(origin_of(url).split("://")[1].rsplit(":", 1)) for url in trusted}
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
        """GET. A redirect is a response, never followed.

        Raises MediaRefused (address not allowed, too large) and MediaUnavailable (no connection,
        too slow, breaks off).
        """
        return self._send("GET", url, headers or {}, None)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST once; returns the status, also of a redirect. Raises as `get`."""
        return self._send("POST", url, headers, body).status

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        deadline = time.monotonic() + self._timeout_s
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)
        sent: dict[bytes | str, bytes | str] = {
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "User-Agent": "pushoff",
        }
        sent.update(headers)
        try:
            with self._pool.stream(
                method,
                url.partition("#")[0].encode("ascii"),
                headers=sent,
                content=content,
                extensions={"timeout": limits},
            ) as response:
                received = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                body = self._body(response.iter_stream(), received, deadline)
                return Response(
                    response.status,
                    body,
                    received.get("location", ""),
                    received.get("content-type", ""),
                )
        except UnicodeEncodeError:
            raise MediaRefused(
                "The image address has characters that must be percent-encoded"
            ) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise MediaUnavailable(
                f"{origin_of(url)} did not send the image ({type(error).__name__})"
            ) from None

    def _body(self, chunks: Iterable[bytes], headers: Mapping[str, str], deadline: float) -> bytes:
        too_large = MediaRefused(
            f"The image is larger than {self._max_bytes:,} bytes (PUSHOFF_MEDIA_MAX_BYTES)"
        )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_bytes:
            raise too_large
        encoding = headers.get("content-encoding", "identity")
        if encoding != "identity":
            raise MediaRefused(
                f"Unexpected Content-Encoding: {encoding[:20]}", code="content_encoding"
            )
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > self._max_bytes:
                raise too_large
            if time.monotonic() > deadline:
                raise MediaUnavailable(
                    f"The image took longer than {self._timeout_s:g} s (PUSHOFF_MEDIA_TIMEOUT_S)"
                )
        return bytes(body)


class _CheckedBackend(httpcore.SyncBackend):
    """Resolves, checks, and connects to a checked address. TLS still verifies the host's name."""

    def __init__(self, trusted: Collection[tuple[str, ...]], resolver: Resolver) -> None:
        super().__init__()
        self._trusted = trusted
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers."""
        name = host.strip("[]")
        as_in_origin = f"[{ipaddress.IPv6Address(name)}]" if ":" in name else name
        trusted = (as_in_origin, str(port)) in self._trusted
        try:
            addresses = list(self._resolver(name, port))
        except (OSError, UnicodeError):
            raise httpcore.ConnectError(f"{name} has no address") from None
        for address in addresses:
            check_ip(address, trusted)
        failure: Exception = httpcore.ConnectError(f"{name} has no address")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def check_ip(text: str, trusted: bool) -> None:
    """Raises MediaRefused for an IP address that must not be connected to.

    Link-local (cloud metadata), multicast, reserved and unspecified addresses never; loopback and
    private ones only for a trusted host. IPv4 inside IPv6 is checked as the IPv4 address it is.
    """
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    is_special = address.is_link_local or address.is_multicast or address.is_unspecified
    if is_special or (address.is_reserved and not address.is_loopback):
        raise MediaRefused(f"{address} is a reserved address")
    if not trusted and not address.is_global:
        raise MediaRefused(f"{address} is a private address, which only allowed origins may have")
