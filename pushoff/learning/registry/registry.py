"""The model registry: every model ever trained, the champion, and rollback. No torch at import.

There is one series of versions per installation, whichever Label Studio projects are connected. A
version is named `<architecture>-v<number>-<first 6 of the weights' SHA-256>` everywhere: in Label
Studio, in logs and on the command line.
"""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import ModelRefused, NoSuchModel, Superseded
from pushoff.learning.registry.champions import (
    CHAMPION,
    UNSET,
    Change,
    Expected,
    HistoryEntry,
    champion_stack,
    change_champion,
    read_history,
)
from pushoff.learning.registry.mlflow_client import (
    download,
    file_lock,
    open_client,
    search_versions,
    translate_mlflow_errors,
    version_by_alias,
)
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.model_card import read_card
from pushoff.learning.registry.runs import (
    delete_version,
    ensure_registered_model,
    get_or_create_experiment,
    log_run,
)
from pushoff.learning.registry.verify import verify_files, verify_model
from pushoff.learning.registry.versions import (
    VERSION,
    RegisteredModel,
    registered_model,
    version_tags,
)
from pushoff.util.file_digest import sha256_of
from pushoff.values import ModelCard

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "pushoff"
"""MLflow's name of the registered model, and of the experiment with its runs."""


class Registry:
    """The versions of the model, in MLflow. Safe to use from several threads."""

    def __init__(
        self, uri: str, artifact_root: str = "", on_change: Callable[[], None] = lambda: None
    ) -> None:
        """`uri` is `sqlite:///<file>` or a server's address, opened on first use.

        `artifact_root` is the folder for the models' files; empty leaves it to MLflow. `on_change`
        is called after each change of champion; it must not raise.
        """
        self._uri, self._artifact_root, self._on_change = uri, artifact_root, on_change
        self._opened: MlflowClient | None = None
        self._opening = threading.Lock()

    @contextmanager
    def _client(self) -> Iterator["MlflowClient"]:
        with self._opening:
            if self._opened is None:
                self._opened = open_client(self._uri)
        with translate_mlflow_errors(self._uri):
            yield self._opened

    def register(
        self,
        model_dir: Path,
        card: ModelCard,
        plots: Mapping[str, bytes],
        metrics: Mapping[str, float],
        params: Mapping[str, object],
        run_tags: Mapping[str, str] | None = None,
        history: Sequence[Mapping[str, float]] = (),
    ) -> str:
        """Store a model with its run: curves, plots, parameters, card. Returns its version.

        `plots` maps file name to PNG bytes; `history` has one entry per epoch. Registering the
        same weights again returns the version they have. Raises RegistryUnavailable, ModelRefused.
        """
        if read_card(model_dir) != card:
            raise ModelRefused(f"The model files in {model_dir} do not match the card")
        for model in self.versions():
            if model.weights_sha256 == card.weights_sha256:
                return model.version
        with self._client() as client:
            with file_lock(self._uri):
                experiment_id = get_or_create_experiment(client, NAME, self._artifact_root)
            run_tags = {"dataset_fingerprint": card.dataset_fingerprint, **(run_tags or {})}
            run_id = log_run(
                client, experiment_id, model_dir, plots, metrics, params, run_tags, history
            )
            ensure_registered_model(client, NAME)
            source = f"{client.get_run(run_id).info.artifact_uri}/model"
            card_sha256 = sha256_of(model_dir / CARD)
            tags = version_tags(
                card, card_sha256, run_tags.get("decision", ""), run_tags.get("progress", "")
            )
            created = client.create_model_version(NAME, source, run_id=run_id, tags=tags)
            return registered_model(created).version

    def champion(self) -> RegisteredModel | None:
        """The model in use, by one request; None before the first promotion."""
        with self._client() as client:
            version = version_by_alias(client, NAME, CHAMPION)
        return registered_model(version) if version else None

    def versions(self) -> list[RegisteredModel]:
        """All versions, newest first."""
        with self._client() as client:
            found = search_versions(client, f"name = '{NAME}'")
        return sorted(map(registered_model, found), key=lambda model: -model.number)

    def get(self, version: str) -> RegisteredModel:
        """One version. Raises NoSuchModel."""
        match = VERSION.fullmatch(version)
        if match:
            try:
                with self._client() as client:
                    found = client.get_model_version(NAME, match["number"])
                if (model := registered_model(found)).version == version:
                    return model
            except NoSuchModel:
                pass
        raise NoSuchModel(
            f"The registry has no model {version!r}.",
            code="unknown_version",
            remedy="`pushoff models list` shows the models.",
        )

    def promote(self, version: str, reason: str, expected: Expected = UNSET) -> RegisteredModel:
        """Make `version` champion once its files are verified; nothing changes if it is already.

        Raises Superseded when the champion is not the `expected` one, the one the decision was
        taken against; NoSuchModel, ModelRefused.
        """
        return self._set_champion(self.get(version), "promote", reason, expected)

    def rollback(self, reason: str = "rolled back", expected: Expected = UNSET) -> RegisteredModel:
        """Make the champion before this one champion again.

        Rolling back twice goes two champions back. Raises NoSuchModel when there is no earlier
        one, Superseded when the champion is not the `expected` one.
        """
        previous, current = self._last_champions()
        expected = current if expected is UNSET else expected
        return self._set_champion(self.get(previous), "rollback", reason, expected)

    def previous_champion(self) -> str:
        """The champion before this one. Raises NoSuchModel when there is none."""
        return self._last_champions()[0]

    def _last_champions(self) -> tuple[str, str]:
        """(previous, current). Raises NoSuchModel."""
        champions = self._champions()
        if not champions:
            raise NoSuchModel(
                "There is no champion yet.",
                code="no_champion",
                remedy="`pushoff models promote VERSION` makes a version the champion.",
            )
        if len(champions) < 2:
            raise NoSuchModel(
                f"There is no champion before {champions[0]}.",
                code="no_earlier_champion",
                remedy="`pushoff models promote VERSION` makes any other version the champion.",
            )
        return champions[-2], champions[-1]

    def _set_champion(
        self, model: RegisteredModel, kind: Change, reason: str, expected: Expected
    ) -> RegisteredModel:
        with tempfile.TemporaryDirectory() as folder:
            verify_model(self.fetch(model, Path(folder)))
        with self._client() as client, file_lock(self._uri):
            champion = self.champion()
            current = champion.version if champion else None
            if expected is not UNSET and current != expected:
                raise Superseded(
                    f"The champion changed from {expected} to {current} in the meantime.",
                    remedy="Decide again.",
                )
            if current == model.version:
                return model
            change_champion(client, NAME, model, current, kind, reason)
        self._on_change()
        return model

    def history(self) -> list[HistoryEntry]:
        """Every change of champion, oldest first."""
        try:
            with self._client() as client:
                return read_history(client, NAME)
        except NoSuchModel:
            return []

    def _champions(self) -> list[str]:
        """The champions that a rollback can return to, the current one last."""
        current = self.champion()
        return champion_stack(self.history(), current.version) if current else []

    def prune_refits(self, keep: int) -> list[str]:
        """Delete refits that were never champion, except the newest `keep`; returns the deleted.

        Versions that were ever champion, and those trained as a whole, stay.
        """
        champions = {entry.version for entry in self.history()} | set(self._champions())
        refits = [model for model in self.versions() if model.backbone_of]
        deleted = [model for model in refits if model.version not in champions][keep:]
        with self._client() as client:
            for model in deleted:
                delete_version(client, self._uri, NAME, model)
        return [model.version for model in deleted]

    def fetch(self, version: str | RegisteredModel, cache_dir: Path) -> Path:
        """The version's folder under `cache_dir`, copied at most once, verified every time.

        Raises NoSuchModel, and ModelRefused when the files are not those that were registered.
        """
        model = version if isinstance(version, RegisteredModel) else self.get(version)
        folder = cache_dir / f"{model.version}-{model.weights_sha256[:16]}"
        if folder.is_dir():
            try:
                verify_files(folder, model)
                return folder
            except ModelRefused:
                shutil.rmtree(folder, ignore_errors=True)  # a damaged copy: fetch it again
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=cache_dir) as temporary:
            with self._client():
                downloaded = download(self._uri, model.source, Path(temporary))
            verify_files(downloaded, model)
            try:
                downloaded.replace(folder)
            except OSError:
                verify_files(folder, model)  # another thread or process fetched it first
        return folder

    def card(self, version: str, cache_dir: Path) -> ModelCard:
        """The version's card, from its files under `cache_dir`."""
        return read_card(self.fetch(version, cache_dir))
