"""backend/coach/sessions/trend.py: the trend of an athlete."""

import re
from datetime import date

import pytest

from pushoff.coach.session_files import folder
from pushoff.coach.sessions import CoachSession
from pushoff.values import Exercise
from tests.coach_sessions import SCALE, KeptRig


@pytest.fixture(scope="module")
def sessions(kept: KeptRig) -> list[CoachSession]:
    """Three of one athlete, one of them calibrated; and four that belong elsewhere."""
    three = [
        kept.session(
            athlete="Dora",
            filmed_on=date(2026, 10, day),
            pushes=(40, 100 + day, 190),
            calibration=SCALE if day == 8 else None,
        )
        for day in (15, 1, 8)
    ]
    kept.session(athlete="Dora", exercise=Exercise.HOPS)
    kept.session(athlete="Dora", footage="synthetic")
    kept.session(athlete="Eva")
    kept.session("otto", athlete="Dora")
    return three


def get(kept: KeptRig, session: CoachSession, name: str = "carla", **query: str):
    at = f"/coach/sessions/{session.session_id}/trend"
    return kept.as_(name).get(at, params=query)


def test_a_trend_has_comparable_sessions(kept: KeptRig, sessions: list[CoachSession]) -> None:
    """One athlete, one exercise, one coach, one kind of footage, ordered by date."""
    page = get(kept, sessions[0])
    assert page.status_code == 200
    assert "3 sessions of triple" in page.text
    rows = re.findall(r'<th scope="row"><a href="/coach/sessions/\w+">([\d-]+)</a>', page.text)
    assert rows == ["2026-10-01", "2026-10-08", "2026-10-15"]
    assert page.text.count("<svg") == 4
    assert len(re.findall(r"<circle", page.text)) == 3 + 3 + 1 + 1
    assert "Dora" not in str(page.request.url)
    assert "1 session of hops" in get(kept, sessions[0], exercise="hops").text


def test_a_trend_requires_access_to_the_session(
    kept: KeptRig, sessions: list[CoachSession]
) -> None:
    """404 for another coach; an invalid exercise is refused."""
    assert get(kept, sessions[0], "otto").status_code == 404
    assert get(kept, sessions[0], "anna").status_code == 200
    assert get(kept, sessions[0], exercise="swimming").status_code == 422


def test_a_damaged_session_is_left_out(kept: KeptRig) -> None:
    """It is counted; the others are shown."""
    good, bad = (kept.session(athlete="Fee") for _ in range(2))
    kept.services.storage.write(f"{folder(bad.session_id)}/analysis.npz", b"damaged")
    page = get(kept, good)
    assert "1 session of" in page.text
    assert "1 session could not be loaded" in page.text
