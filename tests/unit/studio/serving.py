"""A small real HTTP server whose answers a test decides."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pushoff.studio.connections import webhook_url


@dataclass
class Answer:
    """What the server says."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    length: bool = True
    """Send Content-Length."""
    write: Callable | None = None
    """Writes the body itself."""


@dataclass
class Seen:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """Where it runs and what it saw."""

    url: str
    seen: list[Seen]


@contextmanager
def serve(answer: Callable[[Seen], Answer]) -> Iterator[Server]:
    """Run a server on a free loopback port until the block ends."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            request = Seen(self.command, self.path, dict(self.headers), self.rfile.read(size))
            seen.append(request)
            said = answer(request)
            said.before()
            self.send_response(said.status)
            if said.length:
                self.send_header("Content-Length", str(len(said.body)))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                (said.write or (lambda out: out.write(said.body)))(self.wfile)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_PATCH = do_DELETE = _handle

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}", seen)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def connected_to(backend_url: str, *project_ids: int) -> Callable[[Seen], Answer]:
    """The answers of a Label Studio whose projects are connected to a backend."""

    def answer(seen: Seen) -> Answer:
        hooks = [{"url": webhook_url(backend_url), "project": number} for number in project_ids]
        project = {"model_version": "", "static": [], "live": []}
        body = hooks if seen.path.startswith("/api/webhooks") else project
        return Answer(json.dumps(body).encode(), headers={"Content-Type": "application/json"})

    return answer
