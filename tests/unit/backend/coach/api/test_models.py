"""backend/coach/api/models.py: the response models name what is returned."""

from backend.coach.api.models import PageData, PushOff, Report, session_model
from backend.coach.sessions.status import SessionStatus
from backend.coach.sessions.view import page_data
from pushoff.coach.session_report import current_report
from pushoff.report.json_csv import as_json


def test_the_keys_of_a_report_are_documented(kept):
    """Each key of the report is in its model, and no other; a push-off has the named ones."""
    session = kept.session()
    view = current_report(kept.services.database, kept.services.storage, session)
    report = as_json(view.report)
    assert set(Report.model_fields) == set(report)
    assert set(PushOff.model_fields) <= set(report["push_offs"][0])
    assert set(PageData.model_fields) <= set(page_data(session, view, kept.accounts["carla"]))


def test_keys_that_are_not_named_pass_through(kept):
    """Nothing is dropped or changed."""
    session = kept.session()
    view = current_report(kept.services.database, kept.services.storage, session)
    data = page_data(session, view, kept.accounts["carla"])
    assert PageData.model_validate(data).model_dump(mode="json") == data


def test_the_job_s_failure_is_the_session_s(kept):
    """The state is that of the status, not of the row."""
    session = kept.session()
    assert session_model(SessionStatus(session)).state is session.state
    assert session_model(SessionStatus(session)).id == session.session_id
