"""All processes of the service on one machine, with free ports and generated secrets.

`python -m sdk_scripts.demo.stack redis|label-studio` runs that server; the Procfile calls it.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from pushoff.errors import PushoffError, SettingWrong, StudioUnreachable
from pushoff.queue import connect, embedded_redis_command
from pushoff.settings import Settings
from pushoff.studio.predictions import FAST_IMPORT
from pushoff.util.atomic_write import write_atomic
from sdk_scripts.make_env import read_env

ROOT = Path(__file__).resolve().parents[2]
LABEL_STUDIO = ROOT / ".venv-label-studio" / "bin" / "label-studio"
READY_S = 240
"""Timeout for the first start of Label Studio, which creates its database."""
STACK_VARIABLE = "PUSHOFF_STACK"
"""Environment variable of every process of a stack, by which stale processes are found."""


@dataclass(frozen=True)
class Stack:
    """The running processes: where to find them and how to sign in."""

    env: Mapping[str, str]
    """Environment of every process, secrets included."""
    env_file: Path
    """The same as a file for `pushoff --env-file`."""
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def label_studio_url(self) -> str:
        """URL of Label Studio."""
        return self.env["PUSHOFF_LABEL_STUDIO_URL"]


def environment(data_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Settings for one machine, created once and saved in `data_dir/env` (mode 600).

    Ports that are in use by another program are replaced by free ones.
    """
    absolute = data_dir.absolute()
    absolute.mkdir(parents=True, exist_ok=True)
    env = read_env(absolute / "env")
    for name in ("BACKEND_PASSWORD", "WEBHOOK_SECRET", "JOB_SECRET"):
        env.setdefault(f"PUSHOFF_{name}", secrets.token_urlsafe(24))
    env.setdefault("PUSHOFF_LABEL_STUDIO_TOKEN", secrets.token_hex(20))
    env.setdefault("LABEL_STUDIO_PASSWORD", secrets.token_urlsafe(12))
    env.setdefault("LABEL_STUDIO_SECRET_KEY", secrets.token_urlsafe(48))
    for name in ("LABEL_STUDIO_PORT", "PUSHOFF_BACKEND_PORT"):
        env[name] = str(free_port(int(env.get(name, 0))))
    env |= {
        "LABEL_STUDIO_USERNAME": "annotator@example.org",
        "PUSHOFF_DATA_DIR": str(absolute),
        # set explicitly, so that no setting of another installation is inherited
        "PUSHOFF_STORAGE_URL": str(absolute / "storage"),
        "PUSHOFF_REDIS_URL": f"unix://{absolute / 'redis' / 'redis.sock'}",
        "PUSHOFF_MLFLOW_URI": f"sqlite:///{absolute / 'mlflow.db'}",
        "PUSHOFF_LABEL_STUDIO_URL": f"http://127.0.0.1:{env['LABEL_STUDIO_PORT']}",
        "PUSHOFF_BACKEND_URL": f"http://127.0.0.1:{env['PUSHOFF_BACKEND_PORT']}",
        **(extra or {}),
    }
    lines = "".join(f"{name}={value}\n" for name, value in sorted(env.items()))
    write_atomic(absolute / "env", lines.encode(), mode=0o600)
    return env


@contextmanager
def running(
    data_dir: Path,
    extra: Mapping[str, str] | None = None,
    on_slow: Callable[[Stack], None] | None = None,
) -> Iterator[Stack]:
    """Start all processes of the Procfile with honcho, and stop them at the end.

    `on_slow` as in `wait_ready`. Raises SettingWrong when Label Studio is not installed,
    StudioUnreachable when a service does not start.
    """
    if not LABEL_STUDIO.exists():
        raise SettingWrong(f"{LABEL_STUDIO} is missing: run `make .venv-label-studio/ready`")
    kill_stale_processes(data_dir)
    env = environment(data_dir, extra)
    log = data_dir / "stack.log"
    inherited = {name: value for name, value in os.environ.items() if name[:8] != "PUSHOFF_"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "honcho", "-f", str(ROOT / "Procfile"), "start"],
            env={
                **inherited,
                **env,
                STACK_VARIABLE: str(data_dir.absolute()),
                "PYTHONUNBUFFERED": "1",
                "PATH": path,
            },
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only the demo, which stops the rest in order
        )
    try:
        stack = Stack(env, data_dir.absolute() / "env", process, log)
        wait_ready(stack, on_slow=on_slow)
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        kill_stale_processes(data_dir)


def stale_processes(data_dir: Path) -> list[psutil.Process]:
    """Processes of this folder's stack, except the current one.

    Redis overwrites its environment with its title, so it is recognised by its socket.
    """
    folder = str(data_dir.absolute())
    stale = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            tagged = process.environ().get(STACK_VARIABLE) == folder
            ours = tagged or f"{folder}/redis/redis.sock" in " ".join(process.cmdline())
            if ours and process.pid != os.getpid():
                stale.append(process)
    return stale


def kill_stale_processes(data_dir: Path) -> None:
    """Kill all processes of this folder's stack: honcho's children outlive a killed honcho."""
    for process in stale_processes(data_dir):
        with suppress(psutil.Error):
            process.kill()


def end_children() -> None:
    """Ask every process that this one started to end: honcho, which ends the stack's."""
    for process in psutil.Process().children():
        with suppress(psutil.Error):
            process.terminate()


def wait_ready(
    stack: Stack,
    patience_s: float = READY_S,
    on_slow: Callable[[Stack], None] | None = None,
) -> None:
    """Wait until every service answers.

    Without `on_slow` each has to within `patience_s`. With it, it is called once when only Label
    Studio is late, which is then waited for as long as the processes run: the coach's page does not
    need it. Raises StudioUnreachable, with the end of the log.
    """
    checks: dict[str, Callable[[], bool]] = {
        "Redis": lambda: bool(connect(stack.env["PUSHOFF_REDIS_URL"]).ping()),
        "the backend": lambda: _answers(f"{stack.env['PUSHOFF_BACKEND_URL']}/livez"),
        "Label Studio": lambda: _answers(f"{stack.label_studio_url}/health"),
    }
    deadline = time.monotonic() + patience_s
    for name, ready in checks.items():
        while not _succeeds(ready):
            late = time.monotonic() > deadline
            if late and on_slow and name == "Label Studio":
                on_slow(stack)
                deadline, late = float("inf"), False
            if late or stack.process.poll() is not None:
                tail = "\n".join(stack.log.read_text(errors="replace").splitlines()[-15:])
                raise StudioUnreachable(f"{name} did not start; see {stack.log}:\n{tail}")
            time.sleep(0.2)


def _succeeds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (PushoffError, httpx.HTTPError):
        return False


def _answers(url: str) -> bool:
    return httpx.get(url, timeout=2).status_code == 200


def free_port(preferred: int) -> int:
    """`preferred` if it is free on loopback, else another free port."""
    for port in (preferred, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SettingWrong("no free port on 127.0.0.1")


def label_studio_environment(settings: Settings, env: Mapping[str, str]) -> dict[str, str]:
    """Settings of Label Studio for a backend on the same machine.

    Protection against server-side request forgery stays on: loopback and private networks are
    allowed, cloud metadata addresses stay banned.
    """
    return {
        "LABEL_STUDIO_BASE_DATA_DIR": str(settings.data_dir.absolute() / "label-studio"),
        "LABEL_STUDIO_USERNAME": env["LABEL_STUDIO_USERNAME"],
        "LABEL_STUDIO_PASSWORD": env["LABEL_STUDIO_PASSWORD"],
        "LABEL_STUDIO_USER_TOKEN": settings.secret("label_studio_token"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "SECRET_KEY": env["LABEL_STUDIO_SECRET_KEY"],
        "USE_DEFAULT_BANNED_SUBNETS": "false",
        "USER_ADDITIONAL_BANNED_SUBNETS": "169.254.0.0/16,fd00:ec2::254/128",
        "LOCAL_FILES_SERVING_ENABLED": "true",
        "LOCAL_FILES_DOCUMENT_ROOT": settings.storage,
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",  # otherwise error reports with request data are sent to its makers
        "FRONTEND_SENTRY_DSN": "",
        "LATEST_VERSION_CHECK": "false",
        FAST_IMPORT: "true",
        "DEBUG": "false",
    }


def exec_service(name: str) -> None:
    """Replace this process by the named server."""
    settings = Settings()
    if name == "redis":
        command = embedded_redis_command(settings.data_dir)
        os.execv(command[0], command)  # noqa: S606 — a fixed argument list, no shell
    Path(settings.storage).mkdir(parents=True, exist_ok=True)
    port = os.environ["LABEL_STUDIO_PORT"]
    command = [str(LABEL_STUDIO), "start", "--no-browser"]
    command += ["--internal-host", "127.0.0.1", "--port", port]
    env = {**os.environ, **label_studio_environment(settings, os.environ)}
    os.execve(command[0], command, env)  # noqa: S606 — likewise


if __name__ == "__main__":
    exec_service(sys.argv[1])
