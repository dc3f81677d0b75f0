"""What a face opens at its edge: every door, built from Settings once and only when first used."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import SettingWrong
from pushoff.settings import Settings

if TYPE_CHECKING:
    from redis import Redis

    from pushoff.coach.database import Database
    from pushoff.coach.upload_staging import UploadStaging
    from pushoff.learning.registry.registry import Registry
    from pushoff.queue import JobQueue
    from pushoff.storage.object_store import Storage
    from pushoff.studio.client import LabelStudioClient
    from pushoff.studio.config.label_config import Interface
    from pushoff.studio.media.fetcher import MediaFetcher


class Services:
    """The doors of one process. Imports stay inside, so that a command opens only what it needs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def storage(self) -> "Storage":
        """Sessions, frames, datasets and exports."""
        from pushoff.storage.object_store import Storage

        return Storage(self.settings.storage, self.scratch)

    @cached_property
    def database(self) -> "Database":
        """Accounts, coaches' sessions, corrections. Raises StorageFailed, SettingWrong."""
        from pushoff.coach.database import Database

        return Database(self.settings.database)

    @cached_property
    def upload_staging(self) -> "UploadStaging":
        """Videos that are being uploaded."""
        from pushoff.coach.upload_staging import UploadStaging

        return UploadStaging(self.settings.data_dir.absolute() / "uploads")

    @cached_property
    def redis(self) -> "Redis":
        """The Redis connection. Raises QueueUnavailable."""
        from pushoff.queue import connect

        return connect(self.settings.redis)

    @cached_property
    def queue(self) -> "JobQueue":
        """Jobs, dirty counters and fencing numbers. Raises QueueUnavailable."""
        from pushoff.queue import JobQueue

        return JobQueue(
            self.redis,
            self.settings.secret("job_secret"),
            timeout_s=self.settings.job_timeout_s,
        )

    @cached_property
    def studio(self) -> "LabelStudioClient":
        """Label Studio. Raises StudioUnreachable or StudioRefused."""
        from pushoff.studio.client import connect

        return connect(self.settings.label_studio_url, self.settings.secret("label_studio_token"))

    @cached_property
    def registry(self) -> "Registry":
        """Models and the champion. Raises RegistryUnavailable."""
        from pushoff.learning.registry.registry import Registry

        return Registry(self.settings.mlflow, self.settings.artifact_root)

    @cached_property
    def fetcher(self) -> "MediaFetcher":
        """Images of tasks, from allowed origins only."""
        from pushoff.studio.media.fetcher import MediaFetcher

        settings = self.settings
        return MediaFetcher(
            self.studio,
            self.storage,
            allowed_origins=settings.media_origins,
            max_bytes=settings.media_max_bytes,
            max_pixels=settings.media_max_pixels,
            timeout_s=settings.media_timeout_s,
        )

    @property
    def model_cache(self) -> Path:
        """Folder of models copied from the registry, shared by every process of this machine."""
        return self.settings.data_dir.absolute() / "model-cache"

    @property
    def scratch(self) -> Path:
        """Folder on disk for what is larger than memory; /tmp may be memory itself."""
        folder = self.settings.data_dir.absolute() / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def run_dir(self, project_id: int, fingerprint: str) -> Path:
        """Folder of one training run: the same labels go on in the same folder after a kill."""
        return self.settings.data_dir.absolute() / "runs" / f"{project_id}-{fingerprint[:16]}"

    def interface(self, project_id: int) -> "Interface":
        """How the project spells push_off and not_push_off, of frames or on whole videos.

        Raises LabelConfigWrong.
        """
        from pushoff.studio.config.label_config import parse_label_config
        from pushoff.studio.project import project_label_config

        return parse_label_config(project_label_config(self.studio, project_id))

    def projects(self) -> list[int]:
        """Projects connected to this backend, asked of Label Studio, the one truth."""
        from pushoff.studio.connections import connected_projects

        return connected_projects(self.studio, self.settings.backend_url)

    def project(self, wanted: int | None = None) -> int:
        """The project to work on. Raises SettingWrong when that is not clear."""
        chosen = wanted if wanted is not None else self.settings.project
        if chosen is not None:
            return chosen
        connected = self.projects()
        if len(connected) == 1:
            return connected[0]
        raise SettingWrong(
            f"{len(connected)} Label Studio projects are connected to {self.settings.backend_url}: "
            f"{connected}. Name one with --project or PUSHOFF_PROJECT, "
            "or make one with `pushoff project create`."
        )


@contextmanager
def open_services(settings: Settings | None = None) -> Iterator[Services]:
    """Services for one job or command; what was opened is closed at the end."""
    services = Services(settings or Settings())
    try:
        yield services
    finally:
        opened = vars(services)
        if "redis" in opened:
            services.redis.close()
        if "studio" in opened:
            services.studio.close()
        if "database" in opened:
            services.database.close()
