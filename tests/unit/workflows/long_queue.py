"""A service whose Label Studio has one project with many tasks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.publications import Publication, QueueEntry
from pushoff.values import Label, Suggestion
from tests.unit.studio.prediction_studio import BACKEND, PredictionStudio
from tests.unit.studio.serving import serve


@contextmanager
def services_of(
    studio: PredictionStudio, redis_url: str, folder: Path, refit_every: int = 20
) -> Iterator[Services]:
    """Connected to `studio`, with a real Redis."""
    with serve(studio.answer) as server:
        settings = Settings(
            _env_file=None,
            data_dir=folder,
            redis_url=redis_url,
            job_secret="k" * 32,
            label_studio_url=server.url,
            label_studio_token="0" * 40,
            backend_url=BACKEND,
            refit_every=refit_every,
        )
        with open_services(settings) as services:
            yield services


def publication(name: str, tasks: list[int]) -> Publication:
    """The tasks in this order, each with a suggestion and a reason."""
    places = {
        task: QueueEntry(
            task, Suggestion(Label.PUSH_OFF, 0.9), (place + 0.5) / len(tasks), "A reason."
        )
        for place, task in enumerate(tasks)
    }
    return Publication(name, name.partition(".")[0], "hybrid", places)
