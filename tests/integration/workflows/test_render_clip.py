"""Clips from asking to taking home, with a real queue; stale ones are gone."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest

from pushoff.coach.clips import clips_folder, session_clips
from pushoff.coach.corrections import Correction, record_correction, undo_last
from pushoff.coach.deletion import soft_delete
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession
from pushoff.workflows.render_clip import render_clip
from tests.coach_sessions import KeptRig, kept_rig


@pytest.fixture
def rig(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptRig]:
    """The page and a worker's environment over one folder."""
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "REDIS_URL": redis_url,
        "JOB_SECRET": "a-good-key",
        "BACKEND_PASSWORD": "a-good-password",
        "WEBHOOK_SECRET": "a-good-secret",
    }.items():
        monkeypatch.setenv(f"PUSHOFF_{name}", value)
    with kept_rig(tmp_path, redis_url) as rig:
        yield rig


def work(rig: KeptRig, session: CoachSession, what: str) -> dict:
    """What the worker does with the job that was asked for."""
    now = current_report(rig.services.database, rig.services.storage, session)
    wanted = next(one for one in session_clips(session.session_id, now) if one.target == what)
    return render_clip(rig.services, session.session_id, what, wanted.key)


def states(rig: KeptRig, at: str) -> dict[str, str]:
    return {one["target"]: one["state"] for one in rig.client.get(at).json()["clips"]}


def test_a_clip_is_requested_rendered_and_downloaded(rig: KeptRig) -> None:
    """From half a second before the push-off to half a second after, at 1/8 of real time, as
    MP4."""
    session = rig.session()
    at = f"/coach/sessions/{session.session_id}/clips"
    page = rig.as_("carla")
    assert states(rig, at) == dict.fromkeys(("session", "60", "120", "190"), "none")
    assert page.get(f"{at}/190.mp4").status_code == 404
    for _ in range(2):
        assert page.post(at, data={"target": "190"}).status_code == 202
    assert states(rig, at)["190"] == "waiting"
    assert len(rig.services.queue.jobs.rq_queue("fast").job_ids) == 1
    for _ in range(2):
        assert work(rig, session, "190").clip == "190"
    assert states(rig, at)["190"] == "ready"
    answer = page.get(f"{at}/190.mp4")
    assert answer.headers["content-type"] == "video/mp4"
    assert (
        'filename="Anne-Sophie-2026-11-20-triple-jump-frame-190.mp4"'
        in (answer.headers["content-disposition"])
    )
    file = rig.services.settings.data_dir / "taken.mp4"
    file.write_bytes(answer.content)
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.width, stream.height) == (190, 320, 192)
        assert stream.average_rate == Fraction(30)
        assert float(stream.duration * stream.time_base) == pytest.approx(190 / 30)


def test_a_corrected_session_has_no_outdated_clip(rig: KeptRig) -> None:
    """A new clip replaces the old file."""
    session = rig.session()
    at = f"/coach/sessions/{session.session_id}/clips"
    database, page = rig.services.database, rig.as_("carla")
    work(rig, session, "session")
    old = rig.services.storage.list(clips_folder(session.session_id))
    assert page.get(f"{at}/session.mp4").status_code == 200
    moved = Correction("move", 190, 185)
    record_correction(database, session.session_id, rig.accounts["carla"], moved)
    assert page.get(f"{at}/session.mp4").status_code == 404
    assert page.get(f"{at}/190.mp4").status_code == 404
    assert render_clip(rig.services, session.session_id, "session", old[0]).clip is None
    undo_last(database, session.session_id, rig.accounts["carla"])
    assert page.get(f"{at}/session.mp4").status_code == 200
    record_correction(database, session.session_id, rig.accounts["carla"], moved)
    work(rig, session, "185")
    left = rig.services.storage.list(clips_folder(session.session_id))
    assert len(left) == 1
    assert not set(left) & set(old)


def test_other_peoples_clips(rig: KeptRig) -> None:
    """Another coach can neither see, ask for nor take a clip; nonsense is not there."""
    session = rig.session()
    at = f"/coach/sessions/{session.session_id}/clips"
    work(rig, session, "60")
    other = rig.as_("otto")
    assert other.get(at).status_code == 404
    assert other.post(at, data={"target": "60"}).status_code == 404
    assert other.get(f"{at}/60.mp4").status_code == 404
    own = rig.as_("carla")
    for what in ("61", "", "../60", "60.mp4"):
        assert own.post(at, data={"target": what}).status_code == 404
    assert own.get(f"{at}/..%2F60.mp4").status_code == 404
    del own.headers["X-CSRF-Token"]
    assert own.post(at, data={"target": "60"}).status_code == 403


def test_a_session_deleted_meanwhile_leaves_no_clip(rig: KeptRig) -> None:
    """A job that comes after the deletion makes nothing."""
    session = rig.session()
    now = current_report(rig.services.database, rig.services.storage, session)
    wanted = session_clips(session.session_id, now)[0]
    soft_delete(rig.services.database, session.session_id)
    assert render_clip(rig.services, session.session_id, wanted.target, wanted.key).clip is None
    assert not rig.services.storage.list(clips_folder(session.session_id))
