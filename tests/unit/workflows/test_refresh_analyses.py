"""After a promotion sessions are analysed again, and people's answers stand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.deletion import soft_delete
from pushoff.coach.review.checks import mark_checked
from pushoff.coach.review.newer_analyses import sessions_behind
from pushoff.coach.session_files import load_analysis, load_newer_analysis
from pushoff.coach.sessions import get_session
from pushoff.learning.features.feature_extractor import load_feature_extractor
from pushoff.learning.starter import RULES
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.deletion import delete_video
from pushoff.workflows.refresh_analyses import refresh_analyses
from tests.unit.learning.event_samples import known
from tests.unit.workflows.session_samples import coach, ready_session

EXTRACTOR, _ = load_feature_extractor("resnet18", "none", 32)


@pytest.fixture
def services(tmp_path: Path, redis_url: str) -> Iterator[Services]:
    """Without a champion the pose rules are the version in use; the samples show no body."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        redis_url=redis_url,
        job_secret="k" * 32,
        weights="none",
        size_px=32,
    )
    with open_services(settings) as opened:
        yield opened


def ready(services: Services, athlete: str = "ana", seed: int = 0):
    return ready_session(services, EXTRACTOR, known(4), athlete, seed=seed)


def row(services: Services, session):
    return get_session(services.database, session.session_id)


def test_an_untouched_session_gets_the_new_analysis(services):
    """File, version, headline and number of push-offs; then none is behind."""
    session = ready(services)
    result = refresh_analyses(services)
    assert (result.session_id, result.version, result.left) == (session.session_id, RULES, 0)
    after = row(services, session)
    assert (after.model_version, after.push_offs) == (RULES, 0)
    assert load_analysis(services.storage, session.session_id).model_version == RULES
    assert load_newer_analysis(services.storage, session.session_id) is None
    assert refresh_analyses(services).session_id is None


def test_a_corrected_or_checked_session_keeps_its_analysis(services):
    """The newer one lies beside it, and the session is not behind any more."""
    corrected, checked = ready(services), ready(services, seed=1)
    account, frame = coach(services), known(4).push_off_frames[0]
    record_correction(services.database, corrected.session_id, account, Correction("delete", frame))
    mark_checked(services.database, checked.session_id, account)
    assert [refresh_analyses(services).left for _ in range(2)] == [1, 0]
    for session in (corrected, checked):
        after = row(services, session)
        assert (after.model_version, after.newer_version) == ("earlier", RULES)
        assert len(load_analysis(services.storage, session.session_id).events) == 4
        assert load_newer_analysis(services.storage, session.session_id).events == ()
    assert sessions_behind(services.database, RULES) == []


def test_one_at_a_time_and_the_rest_is_requested(services):
    """So that an upload waits for one of them at most."""
    for seed in range(2):
        ready(services, seed=seed)
    assert refresh_analyses(services).left == 1
    queue = services.queue.jobs.rq_queue("fast")
    assert [job.func_name for job in queue.jobs] == ["worker.jobs.refresh_analyses"]
    queue.empty()
    assert refresh_analyses(services).left == 0 and not queue.job_ids


def test_a_video_that_is_gone_is_not_tried_again(services):
    """The session keeps its analysis."""
    session = ready(services)
    delete_video(services.storage, session.video_id)
    assert refresh_analyses(services).session_id == session.session_id
    assert row(services, session).model_version == "earlier"
    assert refresh_analyses(services).session_id is None


def test_a_deleted_session_is_left_alone(services):
    """It is hidden at once, and nothing new is written for it."""
    session = ready(services)
    soft_delete(services.database, session.session_id)
    assert refresh_analyses(services).session_id is None
