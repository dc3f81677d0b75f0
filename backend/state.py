"""What one backend process holds: opened once, closed with the application."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from typing import TYPE_CHECKING

from backend.coach.server_sent_events import EventStreams
from backend.coach.templating import Pages
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

REDIS_TIMEOUT_S = 0.2
"""Longest wait for Redis, to connect and for each command. Label Studio waits 1 s for an answer."""
PREDICT_THREADS = 16
"""Predict requests handled at once in one process. They wait for images and for one batch of the
network, so they do not compete for the cores."""
WEBHOOK_THREADS = 16
TRAIN_THREADS = 2
PASSWORD_THREADS = 1
"""Password hashes computed at once: each takes 64 MiB and one core for 50 ms. A pool of their own
keeps sign-ins from delaying anything else."""
UPLOAD_THREADS = 4
"""Uploads written to disk at once."""


class _BackendServices(Services):
    """Services of a process that has to answer while Label Studio is down."""

    @cached_property
    def studio(self) -> "LabelStudioClient":
        """Without a test request: frames in our own storage do not need Label Studio."""
        from pushoff.studio.client import LabelStudioClient
        from pushoff.studio.credentials import Credentials

        url = self.settings.label_studio_url
        return LabelStudioClient(url, Credentials(url, self.settings.secret("label_studio_token")))


class AppState:
    """Services, models, thread pools, counters and page templates of one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.pages = Pages()
        self.event_streams = EventStreams()
        self.predict_threads = ThreadPoolExecutor(PREDICT_THREADS, "predict")
        self.webhook_threads = ThreadPoolExecutor(WEBHOOK_THREADS, "webhook")
        self.train_threads = ThreadPoolExecutor(TRAIN_THREADS, "train")
        self.password_threads = ThreadPoolExecutor(PASSWORD_THREADS, "password")
        self.upload_threads = ThreadPoolExecutor(UPLOAD_THREADS, "upload")
        self._services = _BackendServices(settings)
        self._lock = threading.Lock()
        self._queue: JobQueue | None = None
        self.champion = ChampionCache(
            self.registry,
            self._services.model_cache,
            settings.data_dir.absolute() / "last-served",
            self.metrics,
            lambda timeout_s: self.queue().champion_changes.wait(timeout_s),
        )
        self.predictor = Predictor(
            self.champion, lambda: self._services.storage, self._fetcher, self.metrics
        )
        self.webhooks = WebhookHandler(
            self.queue,
            settings.refit_every,
            settings.retrain_every,
            settings.retrain_delay_s,
        )

    def start(self) -> None:
        """Start to follow the champion; returns at once."""
        self.champion.start()

    def close(self) -> None:
        """Stop the threads, then close the connections they use."""
        self.champion.stop()
        self.predictor.close()
        for threads in (
            self.predict_threads,
            self.webhook_threads,
            self.train_threads,
            self.password_threads,
            self.upload_threads,
        ):
            threads.shutdown(cancel_futures=True)
        if self._queue is not None:
            self._queue.champion_changes.close()
            self._queue.jobs.connection.close()
        self._services.close()

    @property
    def database(self) -> "Database":
        """Accounts, coaches' sessions, corrections. Raises StorageFailed."""
        with self._lock:
            return self._services.database

    @property
    def storage(self) -> "Storage":
        """Videos, analyses, images."""
        return self._services.storage

    @property
    def upload_staging(self) -> "UploadStaging":
        """The folder of unfinished uploads."""
        return self._services.upload_staging

    def queue(self) -> "JobQueue":
        """The job queue, with short timeouts. Raises QueueUnavailable."""
        from pushoff.queue import JobQueue, connect

        if self._queue is None:
            with self._lock:
                if self._queue is None:
                    connection = connect(self.settings.redis, timeout_s=REDIS_TIMEOUT_S)
                    self._queue = JobQueue(
                        connection,
                        self.settings.secret("job_secret"),
                        timeout_s=self.settings.job_timeout_s,
                    )
        return self._queue

    def registry(self) -> "Registry":
        """Versions and champion. Its methods raise RegistryUnavailable."""
        return self._services.registry

    def _fetcher(self) -> "MediaFetcher":
        with self._lock:
            return self._services.fetcher


@cache
def default_state() -> AppState:
    """The state of a process that another program runs, from the settings of its environment."""
    state = AppState(Settings())
    state.start()
    return state
