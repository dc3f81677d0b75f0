"""Coaches' sessions with a video and a reading, made in a second: nothing is trained or watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np

from pushoff.coach.accounts import Account, Role, add_account, list_accounts
from pushoff.coach.session_files import preview_key, save_analysis, thumbnail_key
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    change_session,
    create_session,
    get_session,
)
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.events.ground_truth import load_ground_truth
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.videos import add_video
from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.values import Exercise
from pushoff.video.decoding.probe import probe

PASSWORD = "correct horse battery"


@contextmanager
def coach_services(folder: Path, redis_url: str, **more: object) -> Iterator[Services]:
    """Services of one machine whose Redis is `redis_url`."""
    settings = Settings(
        _env_file=None, data_dir=folder, redis_url=redis_url, job_secret="canary-jobs", **more
    )
    with open_services(settings) as services:
        yield services


def account(services: Services, name: str = "carla", role: Role = Role.COACH) -> Account:
    """The account of that name, made when there is none."""
    known = {one.name: one for one, _ in list_accounts(services.database)}
    return known.get(name) or add_account(services.database, name, role, PASSWORD)


def video(folder: Path, seed: int) -> Path:
    """A rendered drill, 60/s."""
    path = folder / f"video-{seed}.mp4"
    if not path.exists():
        plain = {"exercise": Exercise.HOPS, "push_offs": 3, "capture_fps": 60}
        size = {"width_px": 320, "height_px": 180, "second_person": None}
        render_drill(path, DrillSpec(seed=seed, **plain, **size))
    return path


def ready(services: Services, path: Path, athlete: str, owner: str = "carla") -> CoachSession:
    """A session of the video, read by somebody who knows its push-offs."""
    who = account(services, owner)
    told = SessionDetails(
        athlete,
        Exercise.HOPS,
        date(2026, 11, 20),
        60.0,
        path.name,
        path.stat().st_size,
        "synthetic",
    )
    session = create_session(services.database, who, told, consent=True)
    stored = add_video(
        services.storage,
        path,
        athlete=athlete,
        exercise=Exercise.HOPS,
        capture_fps=60,
        footage="synthetic",
    )
    read = reading(path)
    save_analysis(services.storage, session.session_id, read)
    services.storage.write(preview_key(session.session_id), b"preview")
    services.storage.write(thumbnail_key(session.session_id), b"thumbnail")
    services.storage.write(f"features/{'0' * 16}/{stored.video_id}-{'1' * 12}.npz", b"features")
    change_session(
        services.database,
        session.session_id,
        state=State.READY,
        video_id=stored.video_id,
        push_offs=len(read.events),
    )
    return get_session(services.database, session.session_id)


def reading(path: Path) -> VideoAnalysis:
    """As a perfect model would read it."""
    truth = load_ground_truth(path.with_suffix(".json"))
    info = probe(path, 60)
    count, curve = truth.frames, np.full(truth.frames, 0.5)
    curves = FrameScores(np.arange(count) / 60, curve, curve, curve, curve, np.ones(count, bool))
    return VideoAnalysis(
        info=info,
        capture_known=True,
        track=TrackSummary("one athlete", "fixed", "right", ()),
        boxes_px=np.tile(np.array([60, 40, 120, 120], np.int32), (count, 1)),
        scores=curves,
        events=tuple(PushOffEvent(f, f / 60, 0.9) for f in truth.push_off_frames),
        model_version="spotter-v1",
        model_score=None,
        warnings=(),
    )
