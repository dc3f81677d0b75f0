"""Everything one backend process holds, opened once; the server and the model below share it."""

import threading
from functools import cache, cached_property
from typing import TYPE_CHECKING

from backend.metrics import Metrics
from backend.model_cache import ChampionCache
from backend.prediction import Predictor
from backend.webhooks import WebhookHandler
from pushoff.services import Services
from pushoff.settings import Settings

if TYPE_CHECKING:
    from pushoff.coach.database import Database
    from pushoff.coach.upload_staging import UploadStaging
    from pushoff.learning.registry.registry import Registry
    from pushoff.queue import JobQueue
    from pushoff.storage.object_store import Storage
    from pushoff.studio.client import LabelStudioClient
    from pushoff.studio.media.fetcher import MediaFetcher

REDIS_S = 0.2
"""Longest wait for Redis: connecting, and each answer. Label Studio hangs up after 1 s."""


class _Services(Services):
    """Services of a process that must answer while others are down."""

    @cached_property
    def studio(self) -> "LabelStudioClient":
        """Not proven by a request first: frames in our own storage need no Label Studio."""
        from pushoff.studio.client import LabelStudioClient
        from pushoff.studio.credentials import Credentials

        url = self.settings.label_studio_url
        return LabelStudioClient(url, Credentials(url, self.settings.secret("label_studio_token")))


class AppState:
    """One process's model cache, predictor, queue and counters."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._services = _Services(settings)
        self._lock = threading.Lock()
        self._queue: JobQueue | None = None
        self.champions = ChampionCache(
            self.registry,
            self._services.model_cache,
            settings.data_dir.absolute() / "serving",
            self.metrics,
        )
        self.predictor = Predictor(self.champions, self._fetcher, self.metrics)
        self.webhooks = WebhookHandler(
            self.queue,
            settings.refit_every,
            settings.retrain_every,
            settings.retrain_delay_s,
        )

    def start(self) -> None:
        """Begin to watch the champions; returns at once."""
        if self.settings.project is not None:
            self.champions.watch(self.settings.project)
        self.champions.start()

    def close(self) -> None:
        """End threads and connections."""
        self.champions.stop()
        self.predictor.close()
        if self._queue is not None:
            self._queue.jobs.connection.close()
        self._services.close()

    @property
    def database(self) -> "Database":
        """Accounts, coaches' sessions, corrections. Raises StorageFailed."""
        with self._lock:
            return self._services.database

    @property
    def storage(self) -> "Storage":
        """Videos, readings, pictures."""
        return self._services.storage

    @property
    def upload_staging(self) -> "UploadStaging":
        """Videos that are being uploaded."""
        return self._services.upload_staging

    def queue(self) -> "JobQueue":
        """The job queue with short waits. Raises QueueUnavailable."""
        from pushoff.queue import JobQueue, connect

        if self._queue is None:
            with self._lock:
                if self._queue is None:
                    connection = connect(self.settings.redis, timeout_s=REDIS_S)
                    self._queue = JobQueue(
                        connection,
                        self.settings.secret("job_secret"),
                        timeout_s=self.settings.job_timeout_s,
                    )
        return self._queue

    def registry(self) -> "Registry":
        """Models and champions. Raises RegistryUnavailable when it is used."""
        return self._services.registry

    def _fetcher(self) -> "MediaFetcher":
        with self._lock:
            return self._services.fetcher


@cache
def default_state() -> AppState:
    """The parts of a process that somebody else runs, from the environment's settings."""
    state = AppState(Settings())
    state.start()
    return state
