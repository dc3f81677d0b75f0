"""Which pushoff made a model."""

from importlib.metadata import PackageNotFoundError, version


def code_version() -> str:
    """The installed version, or `unknown`."""
    try:
        return version("pushoff")
    except PackageNotFoundError:
        return "unknown"
