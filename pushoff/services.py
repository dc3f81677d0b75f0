"""The connections of one process, opened from Settings when first used and closed at the end."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import PushoffError, SettingWrong
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

log = logging.getLogger(__name__)

_CLOSED_IN_ORDER = ("fetcher", "studio", "database", "redis")
"""Services with connections of their own; the fetcher before the client that it uses.

fsspec and MLflow keep their connections for the life of the process, and offer no way to close
them."""


class Services:
    """Opened services. A service is imported when it is first used: commands start fast."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def close(self) -> None:
        """Close every connection that was opened, each even if another fails to close."""
        opened = vars(self)  # where cached_property puts what was used
        with ExitStack() as stack:
            for name in reversed(_CLOSED_IN_ORDER):
                if name in opened:
                    stack.callback(opened.pop(name).close)

    @cached_property
    def storage(self) -> "Storage":
        """Videos, features, data sets, exports."""
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
        """The connection of `queue`. Raises QueueUnavailable."""
        from pushoff.queue import connect

        return connect(self.settings.redis)

    @cached_property
    def queue(self) -> "JobQueue":
        """Jobs, label counts and locks. Raises QueueUnavailable."""
        from pushoff.queue import JobQueue

        return JobQueue(
            self.redis,
            self.settings.secret("job_secret"),
            timeout_s=self.settings.job_timeout_s,
        )

    @property
    def label_studio_connected(self) -> bool:
        """Whether there is a Label Studio; without one, coaches' videos are still analysed."""
        return self.settings.label_studio_connected

    @cached_property
    def studio(self) -> "LabelStudioClient":
        """Label Studio. Raises StudioUnreachable or StudioRefused."""
        from pushoff.studio.client import connect

        return connect(self.settings.label_studio_url, self.settings.secret("label_studio_token"))

    @cached_property
    def registry(self) -> "Registry":
        """Models and champions. Raises RegistryUnavailable when it is used."""
        from pushoff.learning.registry.registry import Registry

        return Registry(self.settings.mlflow, self.settings.artifact_root, self.announce_champion)

    def announce_champion(self) -> None:
        """Tell every backend process that another model serves.

        Without Redis it finds out by itself, seconds later.
        """
        try:
            self.queue.champion_changes.announce()
        except PushoffError as error:
            log.info("the change of champion was not announced: %s", error)

    @cached_property
    def fetcher(self) -> "MediaFetcher":
        """Images of tasks, from allowed origins only. Opens `studio`."""
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
        """Folder of models copied from the registry, shared by all processes of this machine."""
        return self.settings.data_dir.absolute() / "model-cache"

    @property
    def scratch(self) -> Path:
        """Folder on disk for what does not fit into memory; /tmp may be in memory itself."""
        folder = self.settings.data_dir.absolute() / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def run_dir(self, project_id: int, fingerprint: str) -> Path:
        """Folder of one training run: a killed run resumes in the folder of the same labels."""
        return self.settings.data_dir.absolute() / "runs" / f"{project_id}-{fingerprint[:16]}"

    def interface(self, project_id: int) -> "Interface":
        """The project's labelling interface, of frames or of whole videos.

        Raises LabelConfigWrong.
        """
        from pushoff.studio.config.label_config import parse_label_config
        from pushoff.studio.project import project_label_config

        return parse_label_config(project_label_config(self.studio, project_id))

    def projects(self) -> list[int]:
        """The projects that Label Studio has connected to this backend."""
        from pushoff.studio.connections import connected_projects

        return connected_projects(self.studio, self.settings.backend_url)

    def project(self, project_id: int | None = None) -> int:
        """The given project, else the setting's, else the only connected one.

        Raises SettingWrong when none is given and not exactly one is connected.
        """
        chosen = project_id if project_id is not None else self.settings.project
        if chosen is not None:
            return chosen
        connected = self.projects()
        if len(connected) == 1:
            return connected[0]
        raise SettingWrong(
            f"{len(connected)} Label Studio projects are connected to {self.settings.backend_url}: "
            f"{connected}.",
            code="ambiguous_project",
            remedy="Name one with --project or PUSHOFF_PROJECT, or make one with "
            "`pushoff project create`.",
        )


@contextmanager
def open_services(settings: Settings | None = None) -> Iterator[Services]:
    """Services for one job or command, closed at the end. Raises SettingWrong."""
    services = Services(settings or Settings())
    try:
        yield services
    finally:
        services.close()
