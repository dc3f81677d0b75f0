"""The coach's part of the demo: train on the first drills, analyse the last one."""

import json
from datetime import date
from pathlib import Path

from pushoff.coach.accounts import Account, Role, add_account, authenticate
from pushoff.coach.session_queries import SessionFilter, list_sessions
from pushoff.coach.sessions import CoachSession, SessionDetails, State, get_session
from pushoff.coach.upload_staging import Chapter
from pushoff.coach.uploads import UploadLimits, begin_uploads, finish_upload
from pushoff.errors import PushoffError
from pushoff.queue import job_ids
from pushoff.services import Services
from pushoff.values import Exercise
from pushoff.workflows.results import SessionResult
from pushoff.workflows.train_event_model import train_event_model
from sdk_scripts.jobs import progress_bar, stdout, wait_for_job

COACH = "coach"
"""Account name; the password is in the demo's settings file."""
Video = tuple[Path, str, Exercise]


def coach_part(services: Services, videos: list[Video], password: str) -> CoachSession:
    """Train the event model on all videos but the last, and analyse the last one as a session."""
    account = _account(services, password)
    _train(services, videos[:-1])
    path, athlete, exercise = videos[-1]
    existing, _ = list_sessions(services.database, account, SessionFilter(text=athlete))
    session = existing[0] if existing else _upload(services, account, path, athlete, exercise)
    if session.state is not State.READY:
        job_id = job_ids.analyze_session(session.session_id)
        wait_for_job(services, job_id, "analysis", SessionResult)
    session = get_session(services.database, session.session_id)
    if session.state is not State.READY:
        raise PushoffError(f"the session was not analysed: {session.reason}")
    stdout.print(f"  {session.headline}: {session.push_offs} push-offs, {session.model_version}")
    return session


def _account(services: Services, password: str) -> Account:
    signed_in = authenticate(services.database, COACH, password)
    return (
        signed_in[0] if signed_in else add_account(services.database, COACH, Role.COACH, password)
    )


def _train(services: Services, videos: list[Video]) -> None:
    if services.registry.champion() is not None:
        return
    folder = videos[0][0].parent
    truths: dict[str, object] = {}
    for path, _, _ in videos:
        truths |= json.loads(path.with_suffix(".json").read_text())
    (folder / "events.json").write_text(json.dumps(truths))
    settings = services.settings
    with progress_bar("train") as on_progress:
        result = train_event_model(
            services,
            [folder],
            None,
            architecture=settings.architecture,
            weights=settings.weights,
            promote=True,
            on_progress=on_progress,
        )
    stdout.print(f"  {result.version} {result.decision.reason}")


def _upload(
    services: Services, account: Account, path: Path, athlete: str, exercise: Exercise
) -> CoachSession:
    """Upload a video as the page does, without the page."""
    size = path.stat().st_size
    details = SessionDetails(athlete, exercise, date.today(), None, path.name, size, "synthetic")
    chapter = Chapter(path.name, size, int(1000 * path.stat().st_mtime))
    limits = UploadLimits(2**34, 2**38)
    (session,) = begin_uploads(
        services.database, services.upload_staging, account, [(details, [chapter])], limits
    )
    staged = services.upload_staging.path(session.session_id, 0)
    staged.write_bytes(path.read_bytes())
    finish_upload(
        services.database,
        services.storage,
        services.upload_staging,
        lambda: services.queue,
        session.session_id,
    )
    return session
