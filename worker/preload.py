"""Imports that jobs need, made once before the first job. Nothing is started, so forks are clean."""


def preload() -> None:
    """Import torch, mlflow, scikit-learn and the workflows: seconds that each job then saves."""
    import sklearn.cluster
    import sklearn.linear_model
    import sklearn.model_selection  # noqa: F401

    import pushoff.learning.frame.refit
    import pushoff.workflows.publish
    import pushoff.workflows.refit  # noqa: F401
