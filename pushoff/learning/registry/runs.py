"""One training run in MLflow: curves, plots, parameters and the model's files."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from pushoff.learning.registry.versions import RegisteredModel

_METRICS_PER_REQUEST = 900
"""MLflow accepts 1000."""


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
    """Record a finished run and return its id. `history` has one entry per epoch."""
    from mlflow.entities import Metric, Param

    run = client.create_run(experiment_id, tags=dict(tags))
    run_id, now_ms = run.info.run_id, int(time.time() * 1000)
    points = [Metric(name, float(value), now_ms, 0) for name, value in metrics.items()]
    for entry in history:
        points += [
            Metric(name, float(value), now_ms, int(entry["epoch"]))
            for name, value in entry.items()
            if name != "epoch"
        ]
    for start in range(0, len(points), _METRICS_PER_REQUEST):
        client.log_batch(run_id, metrics=points[start : start + _METRICS_PER_REQUEST])
    client.log_batch(
        run_id, params=[Param(name, str(value)[:500]) for name, value in params.items()][:100]
    )
    with tempfile.TemporaryDirectory() as folder:
        for file_name, png in plots.items():
            (Path(folder) / Path(file_name).name).write_bytes(png)
        if plots:
            client.log_artifacts(run_id, folder, "plots")
    client.log_artifacts(run_id, str(model_dir), "model")
    client.set_terminated(run_id)
    return run_id


def get_or_create_experiment(client: "MlflowClient", name: str, artifact_root: str) -> str:
    """The id of the experiment with this name, created if it does not exist."""
    experiment = client.get_experiment_by_name(name)
    if experiment:
        return str(experiment.experiment_id)
    folder = (Path(artifact_root) / name).absolute() if artifact_root else None
    return str(client.create_experiment(name, folder.as_uri() if folder else None))


def ensure_registered_model(client: "MlflowClient", name: str) -> None:
    """Create the registered model with this name if it does not exist."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def delete_version(client: "MlflowClient", uri: str, name: str, model: "RegisteredModel") -> None:
    """Delete a version, then its files and its run: a kill in between leaves only unused files."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    client.delete_model_version(name, str(model.number))
    if model.run_id:
        root = client.get_run(model.run_id).info.artifact_uri
        get_artifact_repository(root, tracking_uri=uri).delete_artifacts()
        client.delete_run(model.run_id)
