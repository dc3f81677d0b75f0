"""Imports that jobs need, made once before the first job. Nothing is started: forks are clean."""


def preload() -> None:
    """Import torch, mlflow, scikit-learn, the SDK and the fast workflows, so that no job has to."""
    import pushoff.learning.heads.fit_model
    import pushoff.learning.model.model_file
    import pushoff.workflows.publish
    import pushoff.workflows.refit  # noqa: F401
    from pushoff.active.strategies import typiclust
    from pushoff.learning.heads import logistic_head
    from pushoff.learning.registry import mlflow_client
    from pushoff.studio import client

    for door in (mlflow_client, logistic_head, typiclust, client):
        door.preload()
