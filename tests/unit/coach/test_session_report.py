"""The current report of a session."""

import pytest

from pushoff.coach.corrections import Correction, record_correction, undo_last
from pushoff.coach.session_files import save_analysis
from pushoff.coach.session_report import current_report
from pushoff.errors import BadInput
from pushoff.storage.object_store import Storage
from tests.coach_sessions import LLR, reading


@pytest.fixture
def storage(tmp_path) -> Storage:
    return Storage(str(tmp_path / "storage"))


def test_active_corrections_are_applied(database, people, add, storage):
    """A deleted push-off is missing until the deletion is undone; the log keeps both."""
    session = add(capture_fps=240.0)
    save_analysis(storage, session.session_id, reading((60, 120, 190), LLR, 260, 240))
    record_correction(database, session.session_id, people["carla"], Correction("delete", 120))
    view = current_report(database, storage, session)
    assert [event.frame for event in view.report.events] == [60, 190]
    assert [entry.correction.kind for entry in view.corrections] == ["delete"]
    undo_last(database, session.session_id, people["carla"])
    view = current_report(database, storage, session)
    assert [event.frame for event in view.report.events] == [60, 120, 190]
    assert view.corrections == () and len(view.log) == 1


def test_without_an_analysis_there_is_no_report(database, add, storage):
    """The code says that the video is not analysed yet."""
    with pytest.raises(BadInput) as refused:
        current_report(database, storage, add())
    assert refused.value.code == "not_analyzed"
