"""The champion of every watched project, in memory. The registry is polled every 0.3 s.

A new version is loaded and verified while the old one serves; then one reference is swapped.
Requests in progress finish with the model they started with. A version that fails to load is
refused, and the old one keeps serving. Everything slow, including the import of torch, happens in
one background thread.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from backend.metrics import Metrics
from pushoff.errors import ModelRefused, NoSuchModel, PushoffError, StorageFailed
from pushoff.util.atomic_write import write_atomic

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier
    from pushoff.learning.registry.registry import RegisteredModel, Registry

log = logging.getLogger(__name__)

POLL_S = 0.3
"""A registry request takes about 5 ms; a promotion is served within 2 s, mostly loading time."""
MAX_RESIDENT = 8
"""Projects whose models are in memory (45 MB each); the least recently used is unloaded first."""
MAX_PROJECTS = 1000
RETRY_REFUSED_S = 60.0
STOP_TIMEOUT_S = 5


@dataclass(frozen=True)
class ServedModel:
    """A verified model and its version."""

    version: str
    classifier: "FrameClassifier"

    @property
    def threshold(self) -> float:
        """Probability from which a frame is a push_off."""
        return self.classifier.card.threshold


@dataclass
class _ProjectEntry:
    project_id: int
    served: ServedModel | None = None
    checked: threading.Event = field(default_factory=threading.Event)
    """Set after the first request to the registry and its result."""
    used_at_s: float = 0.0
    refused: dict[str, float] = field(default_factory=dict)
    """Versions that failed to load, and when to try again (monotonic seconds)."""
    last_failure: str = ""
    """The last failure logged: an outage gives one line, not one for each poll."""


class ChampionCache:
    """The model that serves each project. Thread-safe; only `get` waits."""

    def __init__(
        self,
        registry: Callable[[], "Registry"],
        cache_dir: Path,
        last_served_dir: Path,
        metrics: Metrics,
        poll_s: float = POLL_S,
    ) -> None:
        """`registry` is opened on first use. `last_served_dir` has one file per project with the
        version it served last, so that a new process knows what to load."""
        self._open, self._cache_dir, self._last_served_dir = registry, cache_dir, last_served_dir
        self._metrics, self._poll_s = metrics, poll_s
        self._registry: Registry | None = None
        self._entries: dict[int, _ProjectEntry] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="champions", daemon=True)

    def start(self) -> None:
        """Start the background thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; waits up to 5 s for a model that is being loaded."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def watch(self, project_id: int) -> None:
        """Poll the champion of a project from now on."""
        if project_id not in self._entries and len(self._entries) < MAX_PROJECTS:
            with self._lock:
                self._entries.setdefault(project_id, _ProjectEntry(project_id))
            self._wake.set()

    def projects(self) -> list[int]:
        """The watched projects."""
        return sorted(self._entries)

    def version(self, project_id: int) -> str | None:
        """The version that serves, or served last before this process started; never waits."""
        entry = self._entries.get(project_id)
        if entry and entry.checked.is_set():
            return entry.served.version if entry.served else None
        return self._last_served(project_id)[0] or None

    def get(self, project_id: int, wait_s: float) -> ServedModel | None:
        """The model that serves, or None; waits for the first request to the registry."""
        self.watch(project_id)
        entry = self._entries.get(project_id)
        if entry is None:
            return None
        entry.used_at_s = time.monotonic()
        entry.checked.wait(wait_s)
        return entry.served

    def versions(self, projects: Iterable[int]) -> list[str]:
        """Every registered version of the projects, newest first. Raises RegistryUnavailable."""
        registry = self._open()
        return [model.version for project_id in projects for model in registry.versions(project_id)]

    # -- the background thread -------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._poll()
            except Exception:
                log.exception("polling the champions failed; continuing")
            self._wake.wait(self._poll_s)
            self._wake.clear()

    def _poll(self) -> None:
        for path in self._last_served_dir.glob("*.version"):
            if path.stem.isdigit():
                self.watch(int(path.stem))
        if self._registry is None:
            self._registry = self._open()
            from pushoff.learning.frame import classifier  # noqa: F401 - import torch in advance
        recent_first = sorted(self._entries.values(), key=lambda entry: -entry.used_at_s)
        for rank, entry in enumerate(recent_first):
            if self._stopped:
                return
            if rank < MAX_RESIDENT:
                self._refresh(self._registry, entry)
            elif entry.served:
                log.info("project %d: model unloaded, not used recently", entry.project_id)
                entry.checked.clear()
                entry.served = None

    def _refresh(self, registry: "Registry", entry: _ProjectEntry) -> None:
        try:
            self._follow(registry, entry, registry.champion(entry.project_id))
        except PushoffError as error:
            self._metrics.registry_errors.inc()
            self._log_failure(entry, f"the registry request failed: {error}")
            self._fall_back(entry)
        finally:
            entry.checked.set()

    def _follow(
        self, registry: "Registry", entry: _ProjectEntry, champion: "RegisteredModel | None"
    ) -> None:
        serving = entry.served.version if entry.served else None
        if serving == (champion.version if champion else None):
            entry.last_failure = ""
        elif champion is None:
            self._swap(entry, None, "")
        elif entry.refused.get(champion.version, 0.0) <= time.monotonic():
            try:
                folder = registry.fetch(champion, self._cache_dir)
                self._swap(entry, self._load(champion.version, folder), folder.name)
                entry.refused.clear()
            except (ModelRefused, NoSuchModel) as error:
                entry.refused[champion.version] = time.monotonic() + RETRY_REFUSED_S
                self._metrics.refused.inc()
                self._log_failure(entry, f"champion {champion.version} is refused: {error}")
                self._fall_back(entry)

    def _fall_back(self, entry: _ProjectEntry) -> None:
        """If nothing serves: load the version that served last from the local copy.

        A process can therefore start while the registry is down.
        """
        version, folder = self._last_served(entry.project_id)
        if entry.served or not version or entry.refused.get(version, 0.0) > time.monotonic():
            return
        try:
            self._swap(entry, self._load(version, self._cache_dir / Path(folder).name), folder)
        except ModelRefused as error:
            entry.refused[version] = time.monotonic() + RETRY_REFUSED_S
            self._log_failure(
                entry, f"the last version in use, {version}, was also rejected: {error}"
            )

    @staticmethod
    def _load(version: str, folder: Path) -> ServedModel:
        from pushoff.learning.frame.classifier import load_model

        return ServedModel(version, load_model(folder))

    def _swap(self, entry: _ProjectEntry, served: ServedModel | None, folder: str) -> None:
        old, entry.served = entry.served, served
        project = str(entry.project_id)
        if old:
            self._metrics.serving.labels(project, old.version).set(0)
        if served:
            self._metrics.serving.labels(project, served.version).set(1)
            self._metrics.swaps.inc()
        if old or served:
            version = served.version if served else "no model"
            log.info("project %s: now using %s", project, version)
        self._save_last_served(entry.project_id, served.version if served else "", folder)

    def _log_failure(self, entry: _ProjectEntry, failure: str) -> None:
        if failure != entry.last_failure:
            serving = entry.served.version if entry.served else "nothing"
            log.error("project %d: %s; using %s", entry.project_id, failure, serving)
        entry.last_failure = failure

    # -- the version served last -----------------------------------------------------------

    def _last_served(self, project_id: int) -> tuple[str, str]:
        """(version, folder name); empty strings if there is none."""
        try:
            text = self._last_served_path(project_id).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return "", ""
        version, _, folder = text.partition(" ")
        return version.strip(), folder.strip()

    def _save_last_served(self, project_id: int, version: str, folder: str) -> None:
        """Not essential: without it a new process has to ask the registry first."""
        try:
            write_atomic(self._last_served_path(project_id), f"{version} {folder}".encode())
        except StorageFailed as error:
            log.warning("project %d: could not save the version in use: %s", project_id, error)

    def _last_served_path(self, project_id: int) -> Path:
        return self._last_served_dir / f"{project_id}.version"
