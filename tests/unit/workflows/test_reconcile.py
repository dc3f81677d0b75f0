"""Trainings that are due are requested, whether a webhook arrived or not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pushoff.errors import StudioUnreachable
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.connections import webhook_url
from pushoff.workflows.reconcile import REASON, reconcile
from tests.unit.studio.serving import Answer, Seen, serve

BACKEND = "http://backend:9090"


@dataclass
class LabelStudio:
    """What a small Label Studio says of its projects."""

    labels: dict[int, int] = field(default_factory=dict)
    """Label count by project; -1: the project answers with an error."""
    down: bool = False

    def answer(self, seen: Seen) -> Answer:
        """As Label Studio answers these requests."""
        path = seen.path.split("?")[0].rstrip("/")
        status, body = 200, {}
        if self.down:
            status = 503
        elif path == "/api/webhooks":
            body = [{"url": webhook_url(BACKEND), "project": project} for project in self.labels]
        elif path.startswith("/api/projects/"):
            count = self.labels[int(path.rpartition("/")[2])]
            status = 500 if count < 0 else 200
            body = {"total_annotations_number": count, "label_config": build_label_config()}
        return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json"})


@pytest.fixture
def studio() -> LabelStudio:
    """Without projects yet."""
    return LabelStudio()


@pytest.fixture
def services(studio: LabelStudio, redis_url: str, tmp_path) -> Iterator[Services]:
    """A scheduler's services: real Redis, 40 labels to retrain on, refits every 20."""
    with serve(studio.answer) as server:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            redis_url=redis_url,
            job_secret="k" * 32,
            label_studio_url=server.url,
            label_studio_token="0" * 40,
            backend_url=BACKEND,
            retrain_min_labels=40,
            retrain_every=50,
            refit_every=20,
        )
        with open_services(settings) as opened:
            yield opened


def reasons(services: Services, name: str) -> list[str]:
    """Why jobs of this name wait."""
    queue = services.queue.jobs
    waiting = [*queue.rq_queue("fast").jobs]
    train = queue.rq_queue("train")
    waiting += [train.fetch_job(job_id) for job_id in train.scheduled_job_registry.get_job_ids()]
    return [job.kwargs["reason"] for job in waiting if job.func_name.endswith(f".{name}")]


def test_labels_without_a_webhook_bring_a_refit_and_a_retrain(services, studio):
    """Each once, with the reason; asked again, nothing more is due."""
    studio.labels = {3: 70}
    assert reconcile(services) == [3]
    assert reasons(services, "retrain") == [REASON]
    assert reasons(services, "refit") == [REASON]
    assert services.queue.retrain.running_job(3)
    assert reconcile(services) == []
    assert reasons(services, "retrain") == [REASON]
    assert reasons(services, "refit") == [REASON]


def test_too_few_new_labels_bring_nothing(services, studio):
    """Below the steps of the settings, counted from the last training of each kind."""
    services.queue.retrain_labels.remember_total(3, 60)
    services.queue.refit_labels.remember_total(3, 60)
    studio.labels = {3: 79}
    assert reconcile(services) == []
    assert reasons(services, "refit") == []
    studio.labels = {3: 80}
    assert reconcile(services) == []
    assert reasons(services, "refit") == [REASON]
    assert reasons(services, "retrain") == []


def test_below_the_minimum_nothing_is_trained(services, studio):
    """A retrain would only say that there are too few labels."""
    studio.labels = {3: 39}
    services.queue.refit_labels.remember_total(3, 39)
    assert reconcile(services) == []


def test_deleted_labels_are_a_reason_to_train_again(services, studio):
    """What was deleted must not stay in the model."""
    for counts in (services.queue.retrain_labels, services.queue.refit_labels):
        counts.remember_total(3, 200)
    studio.labels = {3: 100}
    assert reconcile(services) == [3]
    assert reasons(services, "refit") == [REASON]


def test_one_project_does_not_stop_the_others(services, studio, caplog):
    """A project whose count Label Studio does not give is logged, without its name."""
    studio.labels = {3: -1, 4: 70}
    assert reconcile(services) == [4]
    assert [record.args[0] for record in caplog.records if record.levelname == "WARNING"] == [3]


def test_without_label_studio_the_next_tick_tries_again(services, studio):
    """The scheduler logs the error; nothing is requested."""
    studio.down = True
    with pytest.raises(StudioUnreachable):
        reconcile(services)
    assert reasons(services, "retrain") == []
