"""The coach's page as it runs for people: real backend, worker, Redis, model, all small."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx
import psutil

from pushoff.coach.accounts import Account, Role, add_account, authenticate
from pushoff.coach.session_files import chapter_key
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    change_session,
    create_session,
    get_session,
)
from pushoff.queue import connect, embedded_redis_command
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.synthetic.render import DrillSpec, render_drill, render_drills
from pushoff.values import Exercise

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct horse battery"
PEOPLE = {"carla": Role.COACH, "otto": Role.COACH, "anna": Role.ANNOTATOR, "root": Role.ADMIN}
ATHLETE = "Änne-Sophie <b>Donaudampfschifffahrtsgesellschaftskapitän</b>"
"""Long, accented, and HTML if anybody forgets to escape it."""


def spec(seed: int, **more: object) -> DrillSpec:
    """A small drill of one athlete, quick to render and read."""
    plain = {
        "exercise": Exercise.HOPS,
        "push_offs": 3,
        "capture_fps": 60,
        "width_px": 320,
        "height_px": 180,
        "second_person": None,
    }
    return DrillSpec(seed=seed, **{**plain, **more})


@dataclass
class CoachRig:
    """Everything up and running; `url` is the backend's."""

    folder: Path
    url: str
    services: Services
    video: Path
    """A rendered drill, 60/s, 320 x 180."""
    accounts: dict[str, Account]
    env: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start `redis`, `backend` or `worker` (again)."""
        port = self.url.rpartition(":")[2]
        command = {
            "redis": embedded_redis_command(Path(self.env["PUSHOFF_DATA_DIR"])),
            "backend": [sys.executable, "-m", "backend.app", "--port", port],
            "worker": [sys.executable, "-m", "worker.main", "fast"],
        }[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """As the out-of-memory killer would, with its children."""
        process = self.processes.pop(name)
        family = psutil.Process(process.pid).children(recursive=True)
        for one in (process, *family):
            one.kill()
        process.wait()

    def wait_until_up(self) -> None:
        """Until the backend answers."""
        deadline = time.monotonic() + 60
        while True:
            try:
                assert httpx.get(f"{self.url}/livez").status_code == 200
                return
            except httpx.TransportError:
                assert time.monotonic() < deadline, (self.folder / "backend.log").read_text()
                time.sleep(0.1)

    def add(self, video: Path, owner: str = "carla", **more: object) -> CoachSession:
        """A session of the video, put in without the upload page, and asked to be read."""
        plain = {
            "athlete": ATHLETE,
            "exercise": Exercise.HOPS,
            "filmed_on": date(2026, 11, 20),
            "capture_fps": None,
            "filename": video.name,
            "size_bytes": video.stat().st_size,
            "footage": "synthetic",
        }
        database = self.services.database
        details = SessionDetails(**{**plain, **more})
        session = create_session(database, self.accounts[owner], details, consent=True)
        self.services.storage.write_file(chapter_key(session.session_id, 0), video)
        change_session(database, session.session_id, state=State.WAITING)
        self.services.queue.request.analyze_session(session.session_id)
        return session

    def ready(self, video: Path, owner: str = "carla", **more: object) -> CoachSession:
        """A session that has been read."""
        return self.read(self.add(video, owner, **more).session_id)

    def read(self, session_id: str, seconds: float = 120) -> CoachSession:
        """The session, once it is ready or has failed."""
        deadline = time.monotonic() + seconds
        while True:
            session = get_session(self.services.database, session_id)
            if session.state in (State.READY, State.FAILED):
                return session
            assert time.monotonic() < deadline, (self.folder / "worker.log").read_text()
            time.sleep(0.2)

    def client(self, name: str | None = "carla") -> httpx.Client:
        """A browser without scripts, signed in; `csrf` goes along with every change."""
        client = httpx.Client(base_url=self.url, timeout=30)
        if name is not None:
            found = authenticate(self.services.database, name, PASSWORD)
            assert found is not None
            from backend.coach.auth.session_auth import COOKIE, csrf_of

            client.cookies.set(COOKIE, found[1], path="/coach")
            client.headers["X-CSRF-Token"] = csrf_of(found[1])
        return client


@contextmanager
def coach_rig(folder: Path) -> Iterator[CoachRig]:
    """Train, start, add people; everything is stopped at the end. `folder` has a short name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PUSHOFF_")}
    settings = {
        "PUSHOFF_DATA_DIR": str(folder / "data"),
        "PUSHOFF_WEIGHTS": "none",
        "PUSHOFF_SIZE_PX": "64",
        "PUSHOFF_HEAD_STEPS": "150",
        "PUSHOFF_BACKEND_URL": url,
        "PUSHOFF_BACKEND_PASSWORD": "canary-password",
        "PUSHOFF_WEBHOOK_SECRET": "canary-webhook",
        "PUSHOFF_JOB_SECRET": "canary-jobs",
    }
    env = {**kept, **settings, "PYTHONPATH": str(ROOT)}
    render_drills(folder / "clips", [spec(seed, athlete="ada") for seed in range(2)])
    video = folder / "hops.mp4"
    render_drill(video, spec(7))
    train = "from sdk_scripts.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", train, "train", "--clips", str(folder / "clips")],
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        timeout=300,
    )
    values = {name.removeprefix("PUSHOFF_").lower(): value for name, value in settings.items()}
    services = Services(Settings(_env_file=None, **values))
    accounts = {
        name: add_account(services.database, name, role, PASSWORD) for name, role in PEOPLE.items()
    }
    rig = CoachRig(folder, url, services, video, accounts, env)
    try:
        rig.start("redis")
        _until_redis(services.settings.redis)
        rig.start("backend")
        rig.start("worker")
        rig.wait_until_up()
        yield rig
    finally:
        for name in list(rig.processes):
            rig.kill(name)
        services.database.close()


def _until_redis(url: str) -> None:
    from pushoff.errors import QueueUnavailable

    deadline = time.monotonic() + 15
    while True:
        try:
            connect(url).close()
            return
        except QueueUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)
