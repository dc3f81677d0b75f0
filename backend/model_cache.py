"""The champion, in memory. The registry is asked when a change of champion is announced.

Announcements come through Redis. Every `POLL_S` it is asked in any case, for a change that nobody
announced, as by hand in MLflow.

A new version is loaded and verified while the old one serves; then one reference is swapped.
Requests in progress finish with the model they started with. A version that fails to load is
refused, and the old one keeps serving. Everything slow, including the import of torch, happens in
one background thread.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.metrics import Metrics
from pushoff.errors import ModelRefused, NoSuchModel, PushoffError, StorageFailed
from pushoff.util.atomic_write import write_atomic

if TYPE_CHECKING:
    from pushoff.learning.model.model import PushOffModel
    from pushoff.learning.registry.registry import RegisteredModel, Registry

log = logging.getLogger(__name__)

POLL_S = 10.0
"""Longest time between two requests to the registry."""
RETRY_S = 1.0
"""The same while Redis or the registry does not answer. A request takes about 5 ms."""
RETRY_REFUSED_S = 60.0
STOP_TIMEOUT_S = 5


@dataclass(frozen=True)
class ServedModel:
    """A verified model and its version."""

    version: str
    model: "PushOffModel"


class ChampionCache:
    """The model that serves. Thread-safe; only `get` waits."""

    def __init__(
        self,
        registry: Callable[[], "Registry"],
        cache_dir: Path,
        last_served_file: Path,
        metrics: Metrics,
        is_announced: Callable[[float], bool] | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        """`registry` is opened on first use. `last_served_file` names the version that served last,
        so that a new process can load it while the registry is down.

        `is_announced` waits for an announcement for the seconds given at most, and says whether
        there was one since its last call; it raises QueueUnavailable. None: there are none.
        """
        self._open, self._cache_dir = registry, cache_dir
        self._last_served_file = last_served_file
        self._metrics, self._poll_s = metrics, poll_s
        self._is_announced = is_announced
        self._registry: Registry | None = None
        self._served: ServedModel | None = None
        self._checked = threading.Event()
        """Set after the first request to the registry and its result."""
        self._refused: dict[str, float] = {}
        """Versions that failed to load, and when to try again (monotonic seconds)."""
        self._last_failure = ""
        """The last failure logged: an outage gives one line, not one for each poll."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="champion", daemon=True)

    def start(self) -> None:
        """Start the background thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; waits up to 5 s for a model that is being loaded."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def version(self) -> str | None:
        """The version that serves, or served last before this process started; never waits."""
        if self._checked.is_set():
            return self._served.version if self._served else None
        return self._last_served()[0] or None

    def get(self, wait_s: float) -> ServedModel | None:
        """The model that serves, or None; waits for the first request to the registry."""
        self._checked.wait(wait_s)
        return self._served

    def versions(self) -> list[str]:
        """Every registered version, newest first. Raises RegistryUnavailable."""
        return [model.version for model in self._open().versions()]

    # -- the background thread -------------------------------------------------------------

    def _run(self) -> None:
        self._wait_for_announcement(0)  # what is announced from here on is not missed
        while not self._stopped.is_set():
            answered = False
            try:
                answered = self._poll()
            except Exception:
                log.exception("polling the champion failed; continuing")
            self._wait_for_announcement(self._poll_s if answered else min(self._poll_s, RETRY_S))

    def _wait_for_announcement(self, timeout_s: float) -> None:
        """At most `timeout_s`, or RETRY_S where announcements cannot be received."""
        deadline = time.monotonic() + timeout_s
        while not self._stopped.is_set():
            left_s = max(0.0, deadline - time.monotonic())
            try:
                if self._is_announced and self._is_announced(min(left_s, RETRY_S)):
                    return
                if self._is_announced is None:
                    self._stopped.wait(left_s)
            except PushoffError:
                self._stopped.wait(min(left_s, RETRY_S))
                return
            if time.monotonic() >= deadline:
                return

    def _poll(self) -> bool:
        """Follow the registry's champion; False when it does not answer."""
        if self._registry is None:
            self._registry = self._open()
            from pushoff.learning.model import model_file  # noqa: F401 - import torch in advance
        try:
            self._follow(self._registry, self._registry.champion())
            return True
        except PushoffError as error:
            self._metrics.registry_errors.inc()
            self._log_failure(f"the registry request failed: {error}")
            self._fall_back()
            return False
        finally:
            self._checked.set()

    def _follow(self, registry: "Registry", champion: "RegisteredModel | None") -> None:
        serving = self._served.version if self._served else None
        if serving == (champion.version if champion else None):
            self._last_failure = ""
        elif champion is None:
            self._swap(None, "")
        elif self._refused.get(champion.version, 0.0) <= time.monotonic():
            try:
                folder = registry.fetch(champion, self._cache_dir)
                self._swap(self._load(champion.version, folder), folder.name)
                self._refused.clear()
            except (ModelRefused, NoSuchModel) as error:
                self._refused[champion.version] = time.monotonic() + RETRY_REFUSED_S
                self._metrics.refused.inc()
                self._log_failure(f"champion {champion.version} is refused: {error}")
                self._fall_back()

    def _fall_back(self) -> None:
        """If nothing serves: load the version that served last from the local copy.

        A process can therefore start while the registry is down.
        """
        version, folder = self._last_served()
        if self._served or not version or self._refused.get(version, 0.0) > time.monotonic():
            return
        try:
            self._swap(self._load(version, self._cache_dir / Path(folder).name), folder)
        except ModelRefused as error:
            self._refused[version] = time.monotonic() + RETRY_REFUSED_S
            self._log_failure(f"the last version in use, {version}, was also rejected: {error}")

    @staticmethod
    def _load(version: str, folder: Path) -> ServedModel:
        from pushoff.learning.model.model_file import load_model

        model = load_model(folder)
        _ = model.extractor.fingerprint  # hashed once, here, where no request waits for it
        return ServedModel(version, model)

    def _swap(self, served: ServedModel | None, folder: str) -> None:
        old, self._served = self._served, served
        if old:
            self._metrics.serving.labels(old.version).set(0)
        if served:
            self._metrics.serving.labels(served.version).set(1)
            self._metrics.swaps.inc()
        if old or served:
            log.info("now using %s", served.version if served else "no model")
        self._save_last_served(served.version if served else "", folder)

    def _log_failure(self, failure: str) -> None:
        if failure != self._last_failure:
            log.error("%s; using %s", failure, self._served.version if self._served else "nothing")
        self._last_failure = failure

    # -- the version served last -----------------------------------------------------------

    def _last_served(self) -> tuple[str, str]:
        """(version, folder name); empty strings if there is none."""
        try:
            text = self._last_served_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return "", ""
        version, _, folder = text.partition(" ")
        return version.strip(), folder.strip()

    def _save_last_served(self, version: str, folder: str) -> None:
        """Not essential: without it a new process has to ask the registry first."""
        try:
            write_atomic(self._last_served_file, f"{version} {folder}".encode())
        except StorageFailed as error:
            log.warning("could not save the version in use: %s", error)
