"""What jobs need, loaded before the first. Imports only: nothing is started, forks are clean."""


def warm_up() -> None:
    """Import torch, mlflow and scikit-learn, which takes seconds once instead of once per job."""
    import mlflow.artifacts  # noqa: F401

    from pushoff.active import warming  # noqa: F401
    from pushoff.learning.frame import (
        classifier,  # noqa: F401
        refit,  # noqa: F401
    )
