"""The coach's part of the demo: a video that nobody labelled, analysed as a session."""

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
from pushoff.workflows.results import IngestResult, SessionResult
from sdk_scripts.jobs import stdout, wait_for_job

COACH = "coach"
"""Account name; the password is in the demo's settings file."""
Video = tuple[Path, str, Exercise]
"""File, athlete and the exercise that was asked for."""


def coach_part(services: Services, video: Video, password: str) -> CoachSession:
    """Upload a video as a session and analyse it by the champion, or by the rules without one."""
    account = _account(services, password)
    path, athlete, exercise = video
    existing, _ = list_sessions(services.database, account, SessionFilter(text=athlete))
    session = existing[0] if existing else _upload(services, account, path, athlete, exercise)
    if session.state is not State.READY:
        session = _analyze(services, session)
    stdout.print(f"  {session.headline}: {session.push_offs} push-offs, {session.model_version}")
    return session


def _analyze(services: Services, session: CoachSession) -> CoachSession:
    """Wait for the analysis, and for the video's tasks. Raises PushoffError when it failed."""
    job_id = job_ids.analyze_session(session.session_id)
    wait_for_job(services, job_id, "analysis", SessionResult)
    session = get_session(services.database, session.session_id)
    if session.state is not State.READY or session.video_id is None:
        raise PushoffError(f"the session was not analysed: {session.reason}")
    job_id = services.queue.request.ingest_video(session.video_id)
    ingested = wait_for_job(services, job_id, "ingest", IngestResult)
    stdout.print(f"  its frames are tasks for the annotators: {ingested.tasks_created} new")
    return session


def _account(services: Services, password: str) -> Account:
    signed_in = authenticate(services.database, COACH, password)
    return (
        signed_in[0] if signed_in else add_account(services.database, COACH, Role.COACH, password)
    )


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
