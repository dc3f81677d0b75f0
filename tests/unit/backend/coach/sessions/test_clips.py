"""Slow-motion clips over HTTP: listed, requested, downloaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.clips import session_clips
from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession
from tests.coach_sessions import KeptRig, kept_rig


@pytest.fixture
def rig(tmp_path: Path, redis_url: str) -> Iterator[KeptRig]:
    with kept_rig(tmp_path, redis_url) as rig:
        yield rig


@pytest.fixture
def session(rig: KeptRig) -> CoachSession:
    return rig.session()


@pytest.fixture
def path(session: CoachSession) -> str:
    return f"/coach/sessions/{session.session_id}/clips"


def states(rig: KeptRig, path: str) -> dict[str, str]:
    """State by target."""
    listed = rig.as_("carla").get(path).json()["clips"]
    return {entry["target"]: entry["state"] for entry in listed}


def test_a_requested_clip_waits_for_the_worker(rig: KeptRig, path: str) -> None:
    """Twice requested it is one job; the other clips stay as they are."""
    assert states(rig, path) == dict.fromkeys(("session", "60", "120", "190"), "none")
    for _ in range(2):
        assert rig.as_("carla").post(path, data={"target": "120"}).status_code == 202
    assert states(rig, path) == {"session": "none", "60": "none", "120": "waiting", "190": "none"}
    assert rig.services.queue.jobs.rq_queue("fast").count == 1


def test_a_rendered_clip_is_downloaded_until_a_correction(
    rig: KeptRig, session: CoachSession, path: str
) -> None:
    """After a correction it would show the wrong frame, so there is none until a new one."""
    services = rig.services
    view = current_report(services.database, services.storage, session)
    for clip in session_clips(session.session_id, view):
        services.storage.write(clip.key, b"a clip")
    assert set(states(rig, path).values()) == {"ready"}
    answer = rig.client.get(f"{path}/120.mp4")
    assert answer.content == b"a clip"
    assert "frame-120.mp4" in answer.headers["Content-Disposition"]
    record_correction(
        services.database, session.session_id, rig.accounts["carla"], Correction("delete", 60)
    )
    assert set(states(rig, path).values()) == {"none"}
    assert rig.client.get(f"{path}/120.mp4").json()["error"]["code"] == "no_such_clip"


def test_a_push_off_that_no_longer_exists_has_no_clip(rig: KeptRig, path: str) -> None:
    """404 for requests and downloads."""
    client = rig.as_("carla")
    assert client.post(path, data={"target": "61"}).status_code == 404
    assert client.get(f"{path}/61.mp4").status_code == 404
