"""sdk_scripts/demo/stack.py: waiting for the services of one machine."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.errors import StudioUnreachable
from sdk_scripts.demo.stack import Stack, wait_ready
from tests.unit.studio.serving import Answer, serve


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """In the place of honcho."""
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield sleeping
    sleeping.kill()
    sleeping.wait()


def stack(folder: Path, process, redis_url: str, studio_url: str, backend_url: str) -> Stack:
    log = folder / "stack.log"
    log.write_text("the log's last line\n")
    env = {
        "PUSHOFF_REDIS_URL": redis_url,
        "PUSHOFF_LABEL_STUDIO_URL": studio_url,
        "PUSHOFF_BACKEND_URL": backend_url,
    }
    return Stack(env, folder / "env", process, log)


def test_a_slow_label_studio_does_not_end_the_rest(tmp_path, redis_url, process):
    """It is reported once and waited for; the coach's page stays up meanwhile."""
    up, reported = threading.Event(), []

    def slow(late: Stack) -> None:
        reported.append(late)
        up.set()

    answer = lambda _: Answer(status=200 if up.is_set() else 503)  # noqa: E731
    with serve(answer) as studio, serve(lambda _: Answer()) as backend:
        late = stack(tmp_path, process, redis_url, studio.url, backend.url)
        wait_ready(late, patience_s=0, on_slow=slow)
    assert reported == [late]


def test_without_patience_a_slow_label_studio_is_an_error(tmp_path, redis_url, process):
    """The demo needs it; the end of the log is shown."""
    with serve(lambda _: Answer(status=503)) as studio, serve(lambda _: Answer()) as backend:
        late = stack(tmp_path, process, redis_url, studio.url, backend.url)
        with pytest.raises(StudioUnreachable, match="the log's last line"):
            wait_ready(late, patience_s=0)


def test_processes_that_end_are_not_waited_for(tmp_path, redis_url, process):
    """Even where a slow Label Studio would be."""
    process.kill()
    process.wait()
    with serve(lambda _: Answer(status=503)) as studio, serve(lambda _: Answer()) as backend:
        dead = stack(tmp_path, process, redis_url, studio.url, backend.url)
        with pytest.raises(StudioUnreachable):
            wait_ready(dead, patience_s=0, on_slow=lambda _: None)


def test_a_backend_that_does_not_start_is_an_error(tmp_path, redis_url, process):
    """Without it there is no page to look at."""
    with serve(lambda _: Answer()) as studio, serve(lambda _: Answer(status=503)) as backend:
        late = stack(tmp_path, process, redis_url, studio.url, backend.url)
        with pytest.raises(StudioUnreachable):
            wait_ready(late, patience_s=0, on_slow=lambda _: None)
