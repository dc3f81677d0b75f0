"""One training run in mlflow: curves, plots, parameters and the model's files."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from pushoff.learning.registry.versions import RegisteredModel


def log_run(
    client: "MlflowClient",
    experiment_id: str,
    model_dir: Path,
    plots: Mapping[str, bytes],
    metrics: Mapping[str, float],
    params: Mapping[str, object],
    tags: Mapping[str, str],
    history: Sequence[Mapping[str, float]],
) -> str:
    """Keep a finished run; returns its id. `history` has one entry per epoch."""
    from mlflow.entities import Metric, Param

    run = client.create_run(experiment_id, tags=dict(tags))
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


def experiment(client: "MlflowClient", name: str, artifact_root: str) -> str:
    """The id of the experiment of that name, made when it is missing."""
    found = client.get_experiment_by_name(name)
    if found:
        return found.experiment_id
    place = (Path(artifact_root) / name).absolute() if artifact_root else None
    return client.create_experiment(name, place.as_uri() if place else None)


def make_sure_of(client: "MlflowClient", name: str) -> None:
    """The registered model of that name, made when it is not there."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def forget_version(client: "MlflowClient", uri: str, name: str, model: "RegisteredModel") -> None:
    """Delete a version, its files and its run. Killed in between, the version is gone first."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    client.delete_model_version(name, str(model.number))
    if model.run_id:
        root = client.get_run(model.run_id).info.artifact_uri
        get_artifact_repository(root, tracking_uri=uri).delete_artifacts()
        client.delete_run(model.run_id)
