"""A uvicorn HTTP protocol that closes connections whose request headers do not arrive in time.

The TLS proxy in front of the coach's pages has such a timeout too, but Label Studio, Prometheus and
everything else on the internal network connect to this port directly. Without a timeout, idle
connections could use up the connection limit of the process (the slowloris attack).
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_TIMEOUT_S = 10.0
"""From the connection, or the first byte of a further request, to the end of its headers."""


class HeaderTimeoutProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with a header timeout."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for a new connection."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEADER_TIMEOUT_S, self._close_if_idle)

    def data_received(self, data: bytes) -> None:
        """Stop the timer after complete headers; start it at the first byte of a new request."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._timer is None and self.conn.trailing_data[0]:
            self._timer = self.loop.call_later(HEADER_TIMEOUT_S, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_if_idle(self) -> None:
        self._timer = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
