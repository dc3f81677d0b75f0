"""Sessions that are ready, made without reading a video: a quick preview, a reading, a row."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
from starlette.testclient import TestClient

from backend.app import create_app
from backend.coach.auth.session_auth import COOKIE, csrf_of
from pushoff.coach.accounts import Account, Role, add_account, authenticate
from pushoff.coach.session_files import preview_key, save_analysis
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    change_session,
    create_session,
    get_session,
)
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.values import Exercise, VideoInfo
from pushoff.video.preview import PREVIEW_FPS, VideoWriter

PASSWORD = "correct horse battery"
PEOPLE = {"carla": Role.COACH, "otto": Role.COACH, "anna": Role.ANNOTATOR}
LLR = (0.97, 0.96, 0.03)
SCALE = {"pixels_per_metre": 100.0}


@dataclass
class KeptRig:
    """A data folder with accounts, and the application over it."""

    services: Services
    accounts: dict[str, Account]
    client: TestClient

    def as_(self, name: str) -> TestClient:
        """The client, signed in as somebody; `X-CSRF-Token` goes along."""
        found = authenticate(self.services.database, name, PASSWORD)
        assert found is not None
        self.client.cookies.set(COOKIE, found[1])
        self.client.headers["X-CSRF-Token"] = csrf_of(found[1])
        return self.client

    def session(self, owner: str = "carla", **more: object) -> CoachSession:
        """A ready session; see `kept_session`."""
        return kept_session(self.services, self.accounts[owner], **more)


@contextmanager
def kept_rig(folder: Path, redis_url: str = "unix:///nowhere/redis.sock") -> Iterator[KeptRig]:
    """The page over an empty folder; no worker, and no Redis unless one is given."""
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        redis_url=redis_url,
        backend_password="a-good-password",
        webhook_secret="a-good-secret",
        job_secret="a-good-key",
    )
    services = Services(settings)
    database = services.database
    accounts = {name: add_account(database, name, role, PASSWORD) for name, role in PEOPLE.items()}
    client = TestClient(create_app(settings), raise_server_exceptions=False)
    yield KeptRig(services, accounts, client)
    client.close()
    database.close()


def kept_session(
    services: Services,
    owner: Account,
    *,
    pushes: tuple[int, ...] = (60, 120, 190),
    feet: tuple[float, ...] = LLR,
    frames: int = 260,
    fps: int = 240,
    calibration: dict | None = None,
    **more: object,
) -> CoachSession:
    """A ready session with push-offs in these frames, whose toes lie 100 px a quarter second."""
    plain = {
        "athlete": "Änne-Sophie",
        "exercise": Exercise.TRIPLE,
        "filmed_on": date(2026, 11, 20),
        "capture_fps": float(fps),
        "filename": "jump.mp4",
        "size_bytes": 1000,
        "footage": "real",
    }
    session = create_session(
        services.database, owner, SessionDetails(**{**plain, **more}), consent=True
    )
    read = reading(pushes, feet, frames, fps)
    save_analysis(services.storage, session.session_id, read)
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "preview.mp4"
        write_video(video, frames)
        services.storage.write_file(preview_key(session.session_id), video)
    change_session(
        services.database,
        session.session_id,
        state=State.READY,
        video_id="0" * 16,
        model_version=read.model_version,
        headline="Triple",
        push_offs=len(pushes),
        calibration=calibration,
    )
    return get_session(services.database, session.session_id)


def reading(
    pushes: tuple[int, ...], feet: tuple[float, ...], frames: int, fps: int
) -> VideoAnalysis:
    """What a model might have seen in a video of 640 x 384."""
    curve = np.full(frames, 0.02)
    curve[list(pushes)] = 0.97
    flat = np.zeros(frames)
    events = tuple(
        PushOffEvent(
            frame,
            frame / fps,
            0.97,
            left,
            toe_px=(20 + 400 * frame / fps, 300.0),
            toe_uncertainty_px=2.0,
        )
        for frame, left in zip(pushes, feet, strict=True)
    )
    boxes = np.array([[round(2 * k), 100, 120, 200] for k in range(frames)], np.int32)
    return VideoAnalysis(
        info=VideoInfo(640, 384, Fraction(30), Fraction(fps), frames / 30, 0, frames, "h264"),
        capture_known=True,
        track=TrackSummary("athlete found", "fixed", "right", ()),
        boxes_px=boxes,
        scores=FrameScores(np.arange(frames) / fps, curve, flat, flat, flat, np.ones(frames, bool)),
        events=events,
        model_version="spotter-v1-abc",
        model_score="On 11 clips it reached F1 0.9.",
        warnings=(),
    )


def write_video(path: Path, frames: int) -> None:
    """A preview of 320 x 192 whose grey says which frame it is: 40 + frame % 200."""
    with VideoWriter(path, Fraction(PREVIEW_FPS)) as writer:
        for k in range(frames):
            writer.write(np.full((192, 320, 3), 40 + k % 200, np.uint8))
