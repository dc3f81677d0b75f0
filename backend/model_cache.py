"""The champion of every known project, resident and fresh: the registry is asked every 0.3 s.

A version is loaded and proven beside the one that serves, then one reference is swapped; requests
under way end on the model they began with. What cannot be loaded is refused, and the old one goes
on serving. Everything slow, torch's import too, happens in one background thread.
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
"""Asking takes about 5 ms; loading takes most of the 2 s a promotion may need to be served."""
MAX_RESIDENT = 8
"""Projects whose models stay in memory (45 MB each); the least recently asked leaves first."""
MAX_PROJECTS = 1000
"""Projects that are watched at all."""
RETRY_REFUSED_S = 60.0


@dataclass(frozen=True)
class ServedModel:
    """A proven model under the version it is served as."""

    version: str
    classifier: "FrameClassifier"

    @property
    def threshold(self) -> float:
        """Probability from which a frame is a push_off."""
        return self.classifier.card.threshold


@dataclass
class _Slot:
    project_id: int
    served: ServedModel | None = None
    checked: threading.Event = field(default_factory=threading.Event)
    """Set once the registry has been asked and the answer dealt with."""
    used_at: float = 0.0
    refused: dict[str, float] = field(default_factory=dict)
    """Versions that did not load, and when to try again (monotonic seconds)."""
    trouble: str = ""
    """The last failure logged, so that an outage is one line and not one per poll."""


class ChampionCache:
    """Which model a project is answered with. Thread-safe; nothing here waits but `get`."""

    def __init__(
        self,
        registry: Callable[[], "Registry"],
        cache_dir: Path,
        notes: Path,
        metrics: Metrics,
        poll_s: float = POLL_S,
    ) -> None:
        """`registry` opens it on first use. `notes` is a folder with one file per project, which
        holds the version served last: by it a new process knows what to load."""
        self._open, self._cache_dir, self._notes = registry, cache_dir, notes
        self._metrics, self._poll_s = metrics, poll_s
        self._registry: Registry | None = None
        self._slots: dict[int, _Slot] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="champions", daemon=True)

    def start(self) -> None:
        """Begin to watch; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a model that is being loaded is waited for, 5 s at most."""
        self._ended = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def watch(self, project_id: int) -> None:
        """Make the project known."""
        if project_id not in self._slots and len(self._slots) < MAX_PROJECTS:
            with self._lock:
                self._slots.setdefault(project_id, _Slot(project_id))
            self._wake.set()

    def projects(self) -> list[int]:
        """Every project known here."""
        return sorted(self._slots)

    def version(self, project_id: int) -> str | None:
        """The version served, or served last before this process began. Takes no time."""
        slot = self._slots.get(project_id)
        if slot and slot.checked.is_set():
            return slot.served.version if slot.served else None
        return self._noted(project_id)[0] or None

    def get(self, project_id: int, wait_s: float) -> ServedModel | None:
        """The model to answer with, None without one; waits for the first look at the registry."""
        self.watch(project_id)
        slot = self._slots.get(project_id)
        if slot is None:
            return None
        slot.used_at = time.monotonic()
        slot.checked.wait(wait_s)
        return slot.served

    def versions(self, projects: Iterable[int]) -> list[str]:
        """Every registered version of the projects, newest first. Raises RegistryUnavailable."""
        registry = self._open()
        return [model.version for project_id in projects for model in registry.versions(project_id)]

    # -- the background thread -------------------------------------------------------------

    def _run(self) -> None:
        while not self._ended:
            try:
                self._look()
            except Exception:
                log.exception("watching the champions failed; going on")
            self._wake.wait(self._poll_s)
            self._wake.clear()

    def _look(self) -> None:
        for path in self._notes.glob("*.version"):
            if path.stem.isdigit():
                self.watch(int(path.stem))
        if self._registry is None:
            self._registry = self._open()
            from pushoff.learning.frame import classifier  # noqa: F401 - loaded before it is needed
        slots = sorted(self._slots.values(), key=lambda slot: -slot.used_at)
        for place, slot in enumerate(slots):
            if self._ended:
                return
            if place < MAX_RESIDENT:
                self._refresh(self._registry, slot)
            elif slot.served:
                log.info("project %d: model unloaded, not asked for lately", slot.project_id)
                slot.checked.clear()
                slot.served = None

    def _refresh(self, registry: "Registry", slot: _Slot) -> None:
        try:
            self._follow(registry, slot, registry.champion(slot.project_id))
        except PushoffError as error:
            self._metrics.registry_errors.inc()
            self._complain(slot, f"the registry could not be asked: {error}")
            self._fall_back(slot)
        finally:
            slot.checked.set()

    def _follow(
        self, registry: "Registry", slot: _Slot, champion: "RegisteredModel | None"
    ) -> None:
        serving = slot.served.version if slot.served else None
        if serving == (champion.version if champion else None):
            slot.trouble = ""
        elif champion is None:
            self._swap(slot, None, "")
        elif slot.refused.get(champion.version, 0.0) <= time.monotonic():
            try:
                folder = registry.fetch(champion, self._cache_dir)
                self._swap(slot, self._load(champion.version, folder), folder.name)
                slot.refused.clear()
            except (ModelRefused, NoSuchModel) as error:
                slot.refused[champion.version] = time.monotonic() + RETRY_REFUSED_S
                self._metrics.refused.inc()
                self._complain(slot, f"champion {champion.version} is refused: {error}")
                self._fall_back(slot)

    def _fall_back(self, slot: _Slot) -> None:
        """With nothing to serve: the version that served last, if its files are still good.

        Our own copy is enough for that, so a registry that is away keeps nobody from starting.
        """
        version, folder = self._noted(slot.project_id)
        if slot.served or not version or slot.refused.get(version, 0.0) > time.monotonic():
            return
        try:
            self._swap(slot, self._load(version, self._cache_dir / Path(folder).name), folder)
        except ModelRefused as error:
            slot.refused[version] = time.monotonic() + RETRY_REFUSED_S
            self._complain(slot, f"{version}, which served last, is refused too: {error}")

    @staticmethod
    def _load(version: str, folder: Path) -> ServedModel:
        from pushoff.learning.frame.classifier import load_model

        return ServedModel(version, load_model(folder))

    def _swap(self, slot: _Slot, served: ServedModel | None, folder: str) -> None:
        old, slot.served = slot.served, served
        project = str(slot.project_id)
        if old:
            self._metrics.serving.labels(project, old.version).set(0)
        if served:
            self._metrics.serving.labels(project, served.version).set(1)
            self._metrics.swaps.inc()
        if old or served:
            version = served.version if served else "no model"
            log.info("project %s: now serving %s", project, version)
        self._note(slot.project_id, served.version if served else "", folder)

    def _complain(self, slot: _Slot, trouble: str) -> None:
        if trouble != slot.trouble:
            serving = slot.served.version if slot.served else "nothing"
            log.error("project %d: %s; serving %s", slot.project_id, trouble, serving)
        slot.trouble = trouble

    # -- notes -----------------------------------------------------------------------------

    def _noted(self, project_id: int) -> tuple[str, str]:
        """Version and folder served last, empty when there were none."""
        try:
            version, _, folder = self._note_path(project_id).read_text("utf-8").partition(" ")
        except (OSError, UnicodeDecodeError):
            return "", ""
        return version.strip(), folder.strip()

    def _note(self, project_id: int, version: str, folder: str) -> None:
        """Losing a note costs a new process one registry look, so a full disk is no failure."""
        path = self._note_path(project_id)
        try:
            write_atomic(path, f"{version} {folder}".encode())
        except StorageFailed as error:
            log.warning("could not note the version served: %s", error)

    def _note_path(self, project_id: int) -> Path:
        return self._notes / f"{project_id}.version"
