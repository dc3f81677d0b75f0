"""backend/coach/sessions/compare.py: two sessions side by side."""

import re
from datetime import date

import pytest

from pushoff.coach.sessions import CoachSession
from tests.coach_sessions import SCALE, KeptRig


@pytest.fixture(scope="module")
def two(kept: KeptRig) -> tuple[CoachSession, CoachSession]:
    """The same athlete twice: the second pushes off at other times, at 120 frames/s."""
    return (
        kept.session(calibration=SCALE),
        kept.session(
            athlete="änne-Sophie ",
            pushes=(30, 70, 100),
            frames=140,
            fps=120,
            filmed_on=date(2026, 11, 23),
        ),
    )


def get(kept: KeptRig, a: str, b: str, name: str = "carla"):
    return kept.as_(name).get("/coach/compare", params={"a": a, "b": b})


def test_the_page_has_both_videos_and_their_differences(
    kept: KeptRig, two: tuple[CoachSession, CoachSession]
) -> None:
    """With their own push-offs and rates."""
    page = get(kept, *(one.session_id for one in two))
    assert page.status_code == 200
    assert 'data-push-offs="60,120,190"' in page.text
    assert 'data-push-offs="30,70,100"' in page.text
    assert re.findall(r'data-rate="([\d.]+)"', page.text) == ["240.0", "120.0"]
    assert f'data-step="{1 / 120}"' in page.text
    assert page.text.count("<img") >= 30
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "+0.083 ± " in text or "+0.08 ± " in text
    assert "unknown in one of the sessions" in text
    assert "same foot" in text


def test_swapped_sessions_have_opposite_differences(
    kept: KeptRig, two: tuple[CoachSession, CoachSession]
) -> None:
    """Equal sessions have none."""
    text = get(kept, two[1].session_id, two[0].session_id).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "-0.083 ± " in text or "-0.08 ± " in text
    twin = kept.session()
    text = get(kept, two[0].session_id, twin.session_id).text
    assert "within measurement error" in text


def test_who_may_compare_what(kept: KeptRig, two: tuple[CoachSession, CoachSession]) -> None:
    """Not sessions of another coach or athlete, not real with synthetic, not one with itself."""
    a, b = (one.session_id for one in two)
    assert get(kept, a, b, "anna").status_code == 200
    assert get(kept, a, b, "otto").status_code == 404
    own = kept.session("otto")
    assert get(kept, a, own.session_id, "otto").status_code == 404
    assert get(kept, a, own.session_id, "anna").status_code == 422
    assert get(kept, a, kept.session(athlete="Bea").session_id).status_code == 422
    assert get(kept, a, kept.session(footage="synthetic").session_id).status_code == 422
    assert get(kept, a, a).status_code == 422
    assert get(kept, a, "../etc").status_code == 422
    assert get(kept, a, "f" * 16).status_code == 404


def test_a_session_without_push_offs_cannot_be_compared(kept: KeptRig) -> None:
    """The page names it and shows no video."""
    a = kept.session(athlete="Cleo")
    b = kept.session(athlete="Cleo", pushes=(), feet=())
    page = get(kept, a.session_id, b.session_id)
    assert "Session B has no push-offs" in page.text
    assert "<video" not in page.text
