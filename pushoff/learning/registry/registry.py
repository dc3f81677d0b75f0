"""Every model ever trained, which one is champion, and the way back. No torch at import.

A version is called `<architecture>-v<number>-<first 6 of the weights' SHA-256>` everywhere: in
Label Studio, in logs and on the command line.
"""

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import ModelRefused, NoSuchModel, Superseded
from pushoff.learning.registry.mlflow_client import exclusive, in_words, open_client
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.model_card import read_card
from pushoff.learning.registry.runs import experiment, forget_version, log_run, make_sure_of
from pushoff.learning.registry.versions import (
    VERSION,
    HeldOutEvents,
    HistoryEntry,
    RegisteredModel,
    champions_of,
    prove,
    registered,
    version_tags,
)
from pushoff.util.file_digest import sha256_of
from pushoff.values import ModelCard

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION = "champion"
EVENTS = 0
"""The project of event models, which belong to no Label Studio project."""
_PREFIX = "pushoff-project-"


class _Any:
    """No expectation of who is champion."""


ANY = _Any()


class Registry:
    """Door to mlflow's models. `uri` is `sqlite:///<file>` or a server's address."""

    def __init__(self, uri: str, artifact_root: str = "") -> None:
        self._uri, self._artifact_root = uri, artifact_root
        self._opened: MlflowClient | None = None
        self._opening = threading.Lock()

    @contextmanager
    def _client(self) -> Iterator["MlflowClient"]:
        with self._opening:
            if self._opened is None:
                self._opened = open_client(self._uri)
        with in_words(self._uri):
            yield self._opened

    def register(
        self,
        project_id: int,
        model_dir: Path,
        card: ModelCard,
        plots: Mapping[str, bytes],
        metrics: Mapping[str, float],
        params: Mapping[str, object],
        run_tags: Mapping[str, str] | None = None,
        history: Sequence[Mapping[str, float]] = (),
        held_out: HeldOutEvents | None = None,
    ) -> str:
        """Keep a model with its run: curves, plots, parameters, card. Returns its version.

        `plots` maps file name to PNG bytes; `history` has one entry per epoch; `held_out` is what
        an event model was worth. Registering the same weights again returns the version they have.
        Raises RegistryUnavailable, ModelRefused.
        """
        name = _name(project_id)
        if read_card(model_dir) != card:
            raise ModelRefused(f"{model_dir} holds another model than the card given")
        for model in self.list(project_id):
            if model.weights_sha256 == card.weights_sha256:
                return model.version
        with self._client() as client:
            with exclusive(self._uri):
                experiment_id = experiment(client, name, self._artifact_root)
            run_tags = {"dataset_fingerprint": card.dataset_fingerprint, **(run_tags or {})}
            run_id = log_run(
                client, experiment_id, model_dir, plots, metrics, params, run_tags, history
            )
            make_sure_of(client, name)
            source = f"{client.get_run(run_id).info.artifact_uri}/model"
            digest = sha256_of(model_dir / CARD)
            tags = version_tags(project_id, card, digest, held_out, run_tags.get("decision", ""))
            made = client.create_model_version(name, source, run_id=run_id, tags=tags)
            return registered(made).version

    def projects(self) -> "list[int]":
        """Every project with a model, EVENTS too, by number."""
        with self._client() as client:
            names = [one.name for one in client.search_registered_models(max_results=1000)]
        found = [name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)]
        return sorted(int(number) for number in found if number.isdecimal())

    def champion(self, project_id: int) -> RegisteredModel | None:
        """The model that serves, by one look-up; None before the first promotion."""
        try:
            with self._client() as client:
                return registered(client.get_model_version_by_alias(_name(project_id), CHAMPION))
        except NoSuchModel:
            return None

    def list(self, project_id: int) -> "list[RegisteredModel]":
        """All versions, newest first."""
        found: list[RegisteredModel] = []
        token = None
        with self._client() as client:
            while True:
                page = client.search_model_versions(
                    f"name = '{_name(project_id)}'", max_results=200, page_token=token
                )
                found += [registered(one) for one in page]
                token = page.token
                if not token:
                    return sorted(found, key=lambda one: -one.number)

    def show(self, project_id: int, version: str) -> RegisteredModel:
        """One version. Raises NoSuchModel."""
        match = VERSION.fullmatch(version)
        if match:
            try:
                with self._client() as client:
                    model = registered(client.get_model_version(_name(project_id), match["number"]))
                if model.version == version:
                    return model
            except NoSuchModel:
                pass
        raise NoSuchModel(
            f"project {project_id} has no model {version!r}; "
            f"`pushoff models list --project {project_id}` shows what it has"
        )

    def promote(
        self,
        project_id: int,
        version: str,
        reason: str,
        expected: str | _Any | None = ANY,
    ) -> RegisteredModel:
        """Make `version` champion, after its files proved sound; already champion: nothing happens.

        `expected` is the champion the decision was taken against (None: none); if another one has
        come meanwhile Superseded is raised. Raises NoSuchModel, ModelRefused.
        """
        return self._change(project_id, self.show(project_id, version), "promote", reason, expected)

    def rollback(
        self, project_id: int, reason: str = "rolled back", expected: str | _Any | None = ANY
    ) -> RegisteredModel:
        """Make the champion before this one champion again. Raises NoSuchModel when there is none.

        Rolling back twice goes two champions back, not to and fro.
        """
        earlier, now = self.way_back(project_id)
        expected = now if isinstance(expected, _Any) else expected
        return self._change(
            project_id, self.show(project_id, earlier), "rollback", reason, expected
        )

    def way_back(self, project_id: int) -> tuple[str, str]:
        """(champion before this one, champion). Raises NoSuchModel when there is no earlier one."""
        before = self._champions(project_id)
        if len(before) < 2:
            have = f"no earlier champion than {before[0]}" if before else "no champion yet"
            raise NoSuchModel(f"project {project_id} has {have}: there is nothing to go back to")
        return before[-2], before[-1]

    def _change(
        self,
        project_id: int,
        model: RegisteredModel,
        kind: str,
        reason: str,
        expected: str | _Any | None,
    ) -> RegisteredModel:
        name = _name(project_id)
        with tempfile.TemporaryDirectory() as folder:
            from pushoff.learning.registry.verify import prove_model

            prove_model(self.fetch(model, Path(folder)))
        with self._client() as client, exclusive(self._uri):
            current = self.champion(project_id)
            have = current.version if current else None
            if not isinstance(expected, _Any) and have != expected:
                raise Superseded(
                    f"the champion of project {project_id} is {have}, not {expected}: it changed "
                    "meanwhile, so the decision must be taken again"
                )
            if have == model.version:
                return model
            # The history first: a kill in between leaves a last entry that did not happen, which
            # `_champions` sees by the alias; the other way round a champion would have no history.
            entry = HistoryEntry(
                datetime.now(UTC).isoformat(timespec="seconds"), kind, model.version, have, reason
            )
            number = len(self.history(project_id)) + 1
            client.set_registered_model_tag(
                name, f"history.{number:06d}", json.dumps(asdict(entry))[:5000]
            )
            client.set_registered_model_alias(name, CHAMPION, str(model.number))
            return model

    def history(self, project_id: int) -> "list[HistoryEntry]":
        """Every change of champion, oldest first."""
        try:
            with self._client() as client:
                tags = client.get_registered_model(_name(project_id)).tags
        except NoSuchModel:
            return []
        return [
            HistoryEntry(**json.loads(tags[key])) for key in sorted(tags) if key[:8] == "history."
        ]

    def _champions(self, project_id: int) -> "list[str]":
        """The champions one can go back through, the current one last."""
        current = self.champion(project_id)
        if current is None:
            return []
        return champions_of(self.history(project_id), current.version)

    def forget_refits(self, project_id: int, keep: int) -> "list[str]":
        """Delete refits that never served, but for the newest `keep`; returns those that went.

        A version that ever served, and every one trained as a whole, stays.
        """
        served = {entry.version for entry in self.history(project_id)}
        served |= set(self._champions(project_id))
        found = [one for one in self.list(project_id) if one.backbone_of]
        gone = [one for one in found if one.version not in served][keep:]
        with self._client() as client:
            for model in gone:
                forget_version(client, self._uri, _name(project_id), model)
        return [one.version for one in gone]

    def fetch(self, version: str | RegisteredModel, cache_dir: Path) -> Path:
        """The version's folder under `cache_dir`, copied at most once, its SHA-256 always checked.

        Raises NoSuchModel, and ModelRefused when the files are not those that were registered.
        """
        model = version if isinstance(version, RegisteredModel) else self._find(version)
        place = cache_dir / f"{model.version}-{model.weights_sha256[:16]}"
        if place.is_dir():
            try:
                prove(place, model)
                return place
            except ModelRefused:
                shutil.rmtree(place, ignore_errors=True)  # a bad copy: the registry has the good
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=cache_dir) as folder:
            with self._client():
                from mlflow.artifacts import download_artifacts

                got = Path(
                    download_artifacts(
                        artifact_uri=model.source, dst_path=folder, tracking_uri=self._uri
                    )
                )
            prove(got, model)
            try:
                got.replace(place)
            except OSError:
                prove(place, model)  # another thread or process was faster
        return place

    def card(self, project_id: int, version: str, cache_dir: Path) -> ModelCard:
        """The version's whole card."""
        return read_card(self.fetch(self.show(project_id, version), cache_dir))

    def _find(self, version: str) -> RegisteredModel:
        """A version of any project, by its name."""
        match = VERSION.fullmatch(version)
        if match:
            with self._client() as client:
                page = client.search_model_versions(f"tags.weights_sha6 = '{match['sha']}'")
            for model in map(registered, page):
                if model.version == version:
                    return model
        raise NoSuchModel(f"there is no model {version!r} in the registry")


def _name(project_id: int) -> str:
    return f"{_PREFIX}{int(project_id)}"
