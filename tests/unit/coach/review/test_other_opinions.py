"""A newer version's findings and another person's check, beside a session's report."""

from pathlib import Path

import pytest

from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.review.checks import mark_checked
from pushoff.coach.review.other_opinions import page_view
from pushoff.coach.session_files import delete_newer_analysis, save_newer_analysis
from pushoff.coach.sessions import CoachSession, change_session, get_session
from tests.coach_sessions import KeptRig, kept_rig
from tests.unit.coach.review.review_samples import LLR, analysis_of


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with kept_rig(Path(tmp_path_factory.mktemp("kept"))) as opened:
        yield opened


def view(rig: KeptRig, session: CoachSession):
    database, storage = rig.services.database, rig.services.storage
    return page_view(database, storage, get_session(database, session.session_id))


def test_a_newer_analysis_is_shown_beside_the_report(rig):
    """It changes nothing of it."""
    session = rig.session()
    assert view(rig, session).newer is None
    newer = analysis_of((60, 190), (LLR[0], LLR[2]))
    save_newer_analysis(rig.services.storage, session.session_id, newer)
    change_session(rig.services.database, session.session_id, newer_version="newer")
    shown = view(rig, session)
    assert [event.frame for event in shown.newer.events] == [60, 190]
    assert [event.frame for event in shown.report.events] == [60, 120, 190]
    delete_newer_analysis(rig.services.storage, session.session_id)
    assert view(rig, session).newer is None


def test_two_people_who_disagree_on_one_video_are_told(rig):
    """Only once both have checked it."""
    own, other = rig.session(), rig.session("otto")
    database = rig.services.database
    record_correction(database, other.session_id, rig.accounts["otto"], Correction("delete", 120))
    mark_checked(database, own.session_id, rig.accounts["carla"])
    assert view(rig, own).disputed_frames == ()
    mark_checked(database, other.session_id, rig.accounts["otto"])
    assert view(rig, own).disputed_frames == view(rig, other).disputed_frames == (120,)
