"""Services are opened when first used, and everything opened is closed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest
from pydantic import SecretStr

from pushoff.errors import SettingWrong
from pushoff.queue import connect
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from tests.conftest import until
from tests.queue_jobs import open_queue


@pytest.fixture
def settings(tmp_path, redis_url, monkeypatch) -> Settings:
    """Settings of a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return Settings(data_dir=tmp_path, redis_url=redis_url, job_secret="k" * 32)


def test_nothing_is_opened_before_it_is_used(settings):
    """Opening the services alone connects to nothing, and closing them is fine."""
    with open_services(settings) as services:
        assert set(vars(services)) == {"settings"}


@pytest.fixture
def http_port() -> Iterator[int]:
    """A server that answers every GET and keeps the connection open."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Not onto the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def client_sockets(port: int) -> int:
    """This process's open connections to a port of this machine."""
    return sum(
        bool(connection.raddr) and connection.raddr.port == port
        for connection in psutil.Process().net_connections("tcp4")
        if connection.status == psutil.CONN_ESTABLISHED
    )


def test_everything_opened_is_closed(settings, http_port, redis_url):
    """Redis, the database, the connections to Label Studio and to images: all are closed."""
    observer = connect(redis_url)

    def connected() -> set[str]:
        return {client["id"] for client in observer.client_list()}

    url = f"http://127.0.0.1:{http_port}"
    token = "0123456789abcdef0123456789abcdef01234567"  # of the legacy kind: sent as it is
    values = {"label_studio_url": url, "label_studio_token": SecretStr(token)}
    with open_services(settings.model_copy(update=values)) as services:
        services.fetcher.fetch(f"{url}/data/upload/1/image.png", 1)
        services.studio.get("/api/version")
        with services.database.reading() as connection:
            connection.exec_driver_sql("select 1")
        services.queue.jobs.status("none")
        opened = vars(services)
        assert {"fetcher", "studio", "database", "redis"} <= set(opened)
        engine = services.database._engine
        assert engine.pool.checkedin() == 1
        client_id = str(services.redis.client_id())
        assert client_id in connected()
        assert client_sockets(http_port) == 2
    assert client_sockets(http_port) == 0
    until(lambda: client_id not in connected(), 5)
    assert engine.pool.checkedin() == 0
    assert not {"fetcher", "studio", "database", "redis"} & set(opened)


def test_what_fails_to_close_keeps_nothing_else_open(settings):
    """An error of one service comes after the others are closed."""
    services = Services(settings)
    redis = services.redis

    class Broken:
        def close(self) -> None:
            raise OSError("broken pipe")

    vars(services)["studio"] = Broken()
    with pytest.raises(OSError, match="broken pipe"):
        services.close()
    assert "redis" not in vars(services) and redis.ping()  # redis-py opens it again when used


def test_the_project_is_the_given_one_or_the_settings(settings):
    """--project wins over PUSHOFF_PROJECT; neither asks Label Studio."""
    assert Services(settings).project(3) == 3
    chosen = settings.model_copy(update={"project": 5})
    assert Services(chosen).project() == 5 and Services(chosen).project(3) == 3


def test_a_missing_secret_is_refused_where_it_is_needed(settings):
    """Without a token nothing is connected, and using Label Studio names the setting."""
    services = Services(settings)
    assert not services.label_studio_connected
    with pytest.raises(SettingWrong, match="PUSHOFF_LABEL_STUDIO_TOKEN") as caught:
        services.studio  # noqa: B018
    assert caught.value.code == "missing_secret"


def test_a_change_of_champion_is_announced(settings, redis_url):
    """Every backend process hears of it."""
    changes = open_queue(redis_url).champion_changes
    changes.wait(0)
    assert not changes.wait(0)
    with open_services(settings) as services:
        services.announce_champion()
    assert changes.wait(0)


def test_without_redis_nothing_is_announced(settings, tmp_path):
    """The change is made all the same, and the backend finds out by itself."""
    away = settings.model_copy(update={"redis_url": f"unix://{tmp_path}/none.sock"})
    with open_services(away) as services:
        services.announce_champion()
