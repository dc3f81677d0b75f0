"""Every model ever trained, which one is champion, and the way back. No torch at import.

A version is called `<architecture>-v<number>-<first 6 of the weights' SHA-256>` everywhere: in
Label Studio, in logs and on the command line.
"""

import hashlib
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import ModelRefused, NoSuchModel, Superseded
from pushoff.learning.card import NAME as CARD
from pushoff.learning.card import parse_scorecard, read_card
from pushoff.learning.mlflow_door import exclusive, in_words, open_client
from pushoff.values import ModelCard, Scorecard

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
_VERSION = re.compile(r"(?P<architecture>[a-z0-9]+)-v(?P<number>[0-9]{1,9})-(?P<sha>[0-9a-f]{6})")


class _Any:
    """No expectation of who is champion."""


ANY = _Any()


@dataclass(frozen=True)
class RegisteredModel:
    """One version of a project's model."""

    project_id: int
    version: str
    """The name it is served and shown under."""
    number: int
    """Of mlflow: 1, 2, 3, ... within the project."""
    architecture: str
    weights_sha256: str
    card_sha256: str
    dataset_fingerprint: str
    scorecard: Scorecard | None
    """Held-out, as measured when it was registered."""
    created_at: str
    run_id: str
    source: str
    """Where its files lie, as mlflow says."""


@dataclass(frozen=True)
class HistoryEntry:
    """One change of champion."""

    at: str
    kind: str
    """`promote` or `rollback`."""
    version: str
    """Champion from then on."""
    previous: str | None
    reason: str


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
    ) -> str:
        """Keep a model with its run: curves, plots, parameters, card. Returns its version.

        `plots` maps file name to PNG bytes; `history` has one entry per epoch. Registering the same
        weights again returns the version they have. Raises RegistryUnavailable, ModelRefused.
        """
        name = _name(project_id)
        if read_card(model_dir) != card:
            raise ModelRefused(f"{model_dir} holds another model than the card given")
        for model in self.list(project_id):
            if model.weights_sha256 == card.weights_sha256:
                return model.version
        with self._client() as client:
            run_id = self._log_run(client, project_id, model_dir, plots, metrics, params,
                                   {"dataset_fingerprint": card.dataset_fingerprint,
                                    **(run_tags or {})}, history)  # fmt: skip
            _make_sure_of(client, name)
            source = f"{client.get_run(run_id).info.artifact_uri}/model"
            tags = {
                "architecture": card.architecture,
                "weights_sha256": card.weights_sha256,
                "weights_sha6": card.weights_sha256[:6],
                "card_sha256": hashlib.sha256((model_dir / CARD).read_bytes()).hexdigest(),
                "dataset_fingerprint": card.dataset_fingerprint,
                "project_id": str(project_id),
                "scorecard": json.dumps(asdict(card.scorecard)) if card.scorecard else "",
            }
            made = client.create_model_version(name, source, run_id=run_id, tags=tags)
            return _model(made).version

    def _log_run(
        self,
        client: "MlflowClient",
        project_id: int,
        model_dir: Path,
        plots: Mapping[str, bytes],
        metrics: Mapping[str, float],
        params: Mapping[str, object],
        tags: Mapping[str, str],
        history: Sequence[Mapping[str, float]],
    ) -> str:
        from mlflow.entities import Metric, Param

        run = client.create_run(self._experiment(client, project_id), tags=dict(tags))
        run_id, now = run.info.run_id, int(time.time() * 1000)
        points = [Metric(key, float(value), now, 0) for key, value in metrics.items()]
        for entry in history:
            points += [
                Metric(key, float(value), now, int(entry["epoch"]))
                for key, value in entry.items()
                if key != "epoch"
            ]
        for start in range(0, len(points), 900):
            client.log_batch(run_id, metrics=points[start : start + 900])
        client.log_batch(
            run_id, params=[Param(key, str(value)[:500]) for key, value in params.items()][:100]
        )
        with tempfile.TemporaryDirectory() as folder:
            for file_name, png in plots.items():
                (Path(folder) / Path(file_name).name).write_bytes(png)
            if plots:
                client.log_artifacts(run_id, folder, "plots")
        client.log_artifacts(run_id, str(model_dir), "model")
        client.set_terminated(run_id)
        return run_id

    def _experiment(self, client: "MlflowClient", project_id: int) -> str:
        name = _name(project_id)
        with exclusive(self._uri):
            found = client.get_experiment_by_name(name)
            if found:
                return found.experiment_id
            place = (Path(self._artifact_root) / name).absolute() if self._artifact_root else None
            return client.create_experiment(name, place.as_uri() if place else None)

    def champion(self, project_id: int) -> RegisteredModel | None:
        """The model that serves, by one look-up; None before the first promotion."""
        try:
            with self._client() as client:
                return _model(client.get_model_version_by_alias(_name(project_id), CHAMPION))
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
                found += [_model(one) for one in page]
                token = page.token
                if not token:
                    return sorted(found, key=lambda one: -one.number)

    def show(self, project_id: int, version: str) -> RegisteredModel:
        """One version. Raises NoSuchModel."""
        match = _VERSION.fullmatch(version)
        if match:
            try:
                with self._client() as client:
                    model = _model(client.get_model_version(_name(project_id), match["number"]))
                if model.version == version:
                    return model
            except NoSuchModel:
                pass
        raise NoSuchModel(
            f"project {project_id} has no model {version!r}; `pushoff models list` shows them"
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
        before = self._champions(project_id)
        if len(before) < 2:
            raise NoSuchModel(f"project {project_id} has no earlier champion to go back to")
        target = self.show(project_id, before[-2])
        expected = before[-1] if isinstance(expected, _Any) else expected
        return self._change(project_id, target, "rollback", reason, expected)

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
            from pushoff.learning.classifier import load_model

            load_model(self.fetch(model, Path(folder)), device="cpu")
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
        entries = self.history(project_id)
        for kept in (entries, entries[:-1]):
            stack: list[str] = []
            for entry in kept:
                if entry.kind == "promote":
                    stack.append(entry.version)
                else:
                    stack = stack[:-1]
            if stack and stack[-1] == current.version:
                return stack
        return [current.version]

    def fetch(self, version: str | RegisteredModel, cache_dir: Path) -> Path:
        """The version's folder under `cache_dir`, copied at most once, its SHA-256 always checked.

        Raises NoSuchModel, and ModelRefused when the files are not those that were registered.
        """
        model = version if isinstance(version, RegisteredModel) else self._find(version)
        place = cache_dir / f"{model.version}-{model.weights_sha256[:16]}"
        if place.is_dir():
            try:
                _prove(place, model)
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
            _prove(got, model)
            try:
                got.replace(place)
            except OSError:
                _prove(place, model)  # another thread or process was faster
        return place

    def card(self, project_id: int, version: str, cache_dir: Path) -> ModelCard:
        """The version's whole card."""
        return read_card(self.fetch(self.show(project_id, version), cache_dir))

    def _find(self, version: str) -> RegisteredModel:
        """A version of any project, by its name."""
        match = _VERSION.fullmatch(version)
        if match:
            with self._client() as client:
                page = client.search_model_versions(f"tags.weights_sha6 = '{match['sha']}'")
            for model in map(_model, page):
                if model.version == version:
                    return model
        raise NoSuchModel(f"there is no model {version!r} in the registry")


def _name(project_id: int) -> str:
    return f"pushoff-project-{int(project_id)}"


def _make_sure_of(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _model(found: "ModelVersion") -> RegisteredModel:
    tags = found.tags
    return RegisteredModel(
        project_id=int(tags["project_id"]),
        version=f"{tags['architecture']}-v{found.version}-{tags['weights_sha6']}",
        number=int(found.version),
        architecture=tags["architecture"],
        weights_sha256=tags["weights_sha256"],
        card_sha256=tags["card_sha256"],
        dataset_fingerprint=tags["dataset_fingerprint"],
        scorecard=parse_scorecard(tags["scorecard"]) if tags.get("scorecard") else None,
        created_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC).isoformat(
            timespec="seconds"
        ),
        run_id=found.run_id or "",
        source=found.source,
    )


def _prove(folder: Path, model: RegisteredModel) -> None:
    """Raises ModelRefused unless card and weights are byte for byte those registered."""
    wanted = {
        CARD: model.card_sha256,
        f"weights-{model.weights_sha256[:16]}.safetensors": model.weights_sha256,
    }
    for name, digest in wanted.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelRefused(f"{model.version}: {name}: {error.strerror or error}") from None
        if found != digest:
            raise ModelRefused(
                f"{model.version}: {name} has SHA-256 {found[:12]}, registered was {digest[:12]}"
            )
