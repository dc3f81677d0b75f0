"""backend/coach/sessions/entries.py: what was entered at the upload, changed later."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pushoff.coach.session_queries import SessionFilter, list_sessions
from pushoff.coach.sessions import State, change_session, get_session
from pushoff.storage.videos import add_video, load_video
from pushoff.values import Exercise
from tests.coach_sessions import KeptRig

NEW = {"athlete": " Zoë ", "exercise": "hops", "date": "2026-10-01"}


def post(kept: KeptRig, session_id: str, who: str = "carla", **fields: str):
    path = f"/coach/sessions/{session_id}/entries"
    return kept.as_(who).post(path, data={**NEW, **fields}, follow_redirects=False)


def test_entries_are_changed(kept: KeptRig) -> None:
    """Athlete, exercise and day; the list finds the session by the new name only."""
    session = kept.session(athlete="Yves")
    assert post(kept, session.session_id).status_code == 303
    details = get_session(kept.services.database, session.session_id).details
    assert (details.athlete, details.exercise, details.filmed_on) == (
        "Zoë",
        Exercise.HOPS,
        date(2026, 10, 1),
    )
    for name, count in (("zoe", 1), ("yves", 0)):
        filters = SessionFilter(text=name)
        assert list_sessions(kept.services.database, kept.accounts["carla"], filters)[1] == count


def test_the_report_asks_for_the_new_exercise(kept: KeptRig) -> None:
    """Its sentence on the exercise asked for, and the list's headline, follow."""
    session = kept.session(exercise=Exercise.HOPS)
    page = kept.as_("carla").get(f"/coach/sessions/{session.session_id}/download/report.json")
    assert page.json()["sequence"]["fits_request"] is False
    post(kept, session.session_id, exercise="triple")
    page = kept.client.get(f"/coach/sessions/{session.session_id}/download/report.json")
    assert page.json()["sequence"]["fits_request"] is True
    after = get_session(kept.services.database, session.session_id)
    assert after.headline == page.json()["headline"]


def test_the_stored_video_follows(kept: KeptRig, tmp_path: Path) -> None:
    """Later tasks name the new athlete; a video that another coach has too keeps its details."""
    storage = kept.services.storage
    for content, others in (("own", 0), ("shared", 1)):
        file = tmp_path / content
        file.write_text(content)
        video = add_video(storage, file, athlete="Old", exercise=Exercise.TRIPLE)
        session = kept.session()
        sessions = [session, *(kept.session("otto") for _ in range(others))]
        for one in sessions:
            change_session(kept.services.database, one.session_id, video_id=video.video_id)
        post(kept, session.session_id)
        stored = load_video(storage, video.video_id)
        assert (stored.athlete, stored.exercise) == (
            ("Old", Exercise.TRIPLE) if others else ("Zoë", Exercise.HOPS)
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"athlete": " "},
        {"athlete": "x" * 121},
        {"exercise": "flying"},
        {"date": "yesterday"},
        {"date": str(date.today() + timedelta(days=2))},
    ],
)
def test_invalid_entries_change_nothing(kept: KeptRig, wrong: dict[str, str]) -> None:
    """422, as at the upload."""
    session = kept.session()
    assert post(kept, session.session_id, **wrong).status_code == 422
    assert get_session(kept.services.database, session.session_id) == session


def test_a_session_that_is_being_analysed_is_left_alone(kept: KeptRig) -> None:
    """409: its analysis stores the video with the entries it began with."""
    session = kept.session()
    change_session(kept.services.database, session.session_id, state=State.ANALYZING)
    assert post(kept, session.session_id).status_code == 409


def test_only_its_coach_changes_a_session(kept: KeptRig) -> None:
    """The form is on no other page."""
    session = kept.session()
    assert post(kept, session.session_id, "anna").status_code == 403
    assert "/entries" not in kept.as_("anna").get(f"/coach/sessions/{session.session_id}").text
    assert "/entries" in kept.as_("carla").get(f"/coach/sessions/{session.session_id}").text
