"""Real services for the integration tests, started once per run."""

import os
from collections.abc import Iterator

import pytest

from tests.integration.label_studio import (
    LabelStudioMissing,
    LabelStudioServer,
    start_label_studio,
)


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioServer]:
    """One Label Studio for the whole run; tests make their own projects in it."""
    folder = tmp_path_factory.mktemp("label-studio")
    try:
        with start_label_studio(folder / "data", folder / "storage") as server:
            yield server
    except LabelStudioMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
