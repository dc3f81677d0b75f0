"""The camera's frame rate, set after the upload."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.sessions import State, change_session, get_session
from pushoff.queue import job_ids
from tests.coach_sessions import KeptRig, kept_rig


@pytest.fixture
def rig(tmp_path: Path, redis_url: str) -> Iterator[KeptRig]:
    with kept_rig(tmp_path, redis_url) as rig:
        yield rig


def test_a_new_rate_analyses_the_video_again(rig: KeptRig) -> None:
    """The session waits with the new rate, its analysis is queued; until then it is busy."""
    session = rig.session()
    path = f"/coach/sessions/{session.session_id}/capture-rate"
    client = rig.as_("carla")
    answer = client.post(path, data={"capture_fps": "120"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, path.rpartition("/")[0])
    after = get_session(rig.services.database, session.session_id)
    assert (after.details.capture_fps, after.state) == (120.0, State.WAITING)
    job_id = job_ids.analyze_session(session.session_id)
    assert rig.services.queue.jobs.status(job_id).state == "queued"
    assert client.post(path, data={"capture_fps": "240"}).status_code == 409


@pytest.mark.parametrize("rate", ["fast", "-1", "0", "1e9", "nan"])
def test_an_impossible_rate_changes_nothing(rig: KeptRig, rate: str) -> None:
    """A session that failed for its rate keeps its state."""
    session = rig.session()
    change_session(rig.services.database, session.session_id, state=State.FAILED)
    before = get_session(rig.services.database, session.session_id)
    path = f"/coach/sessions/{session.session_id}/capture-rate"
    answer = rig.as_("carla").post(path, data={"capture_fps": rate}, follow_redirects=False)
    assert answer.status_code == 422
    assert get_session(rig.services.database, session.session_id) == before
