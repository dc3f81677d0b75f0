"""Real services for the integration tests, started once per run."""

import os
from collections.abc import Iterator

import pytest

from pushoff.storage.files import Storage
from pushoff.studio.connect import Studio, connect
from pushoff.studio.project import create_project
from tests.integration.label_studio import (
    LabelStudioMissing,
    LabelStudioServer,
    start_label_studio,
)
from tests.integration.studio_rig import plan, tiny_backend
from tests.unit.studio.serving import Server


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


@pytest.fixture
def studio(label_studio: LabelStudioServer) -> Iterator[Studio]:
    """Our connection to it, with a personal access token."""
    connected = connect(label_studio.url, label_studio.pat())
    yield connected
    connected.close()


@pytest.fixture
def storage(label_studio: LabelStudioServer) -> Storage:
    """Our storage, the folder Label Studio serves local files from."""
    return Storage(str(label_studio.storage_root))


@pytest.fixture
def tiny() -> Iterator[Server]:
    """A backend that answers and remembers."""
    with tiny_backend() as server:
        yield server


@pytest.fixture
def project_id(studio: Studio, tiny: Server, storage: Storage) -> int:
    """A new project, connected to the tiny backend and our storage."""
    return create_project(studio, plan(tiny, storage.url)).project_id
