"""Real services for the integration tests, started once per run."""

from collections.abc import Iterator

import av
import numpy as np
import pytest

from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient, connect
from pushoff.studio.project import create_project
from pushoff.synthetic.render import render_drills
from tests.integration.event_rig import SPECS, Trained, typed
from tests.integration.label_studio import (
    LabelStudioServer,
    required_label_studio,
)
from tests.integration.studio_rig import plan, tiny_backend
from tests.unit.studio.serving import Server


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioServer]:
    """One Label Studio for the whole run; tests make their own projects in it."""
    folder = tmp_path_factory.mktemp("label-studio")
    with required_label_studio(folder) as server:
        yield server


@pytest.fixture
def studio(label_studio: LabelStudioServer) -> Iterator[LabelStudioClient]:
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
def project_id(studio: LabelStudioClient, tiny: Server, storage: Storage) -> int:
    """A new project, connected to the tiny backend and our storage."""
    return create_project(studio, plan(tiny, storage.url)).project_id


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Rendered clips, and a model that learnt from them."""
    folder = tmp_path_factory.mktemp("events")
    render_drills(folder / "clips", SPECS)
    done = typed(folder, "train", "--clips", folder / "clips")
    assert done.returncode == 0, done.stdout + done.stderr
    version = next(line for line in done.stdout.splitlines() if line.startswith("resnet18-v1-"))
    return Trained(folder, folder / "clips", done.stdout, version.split()[0])


@pytest.fixture(scope="session")
def pictures(trained: Trained) -> list[np.ndarray]:
    """The first clip's frames, (H, W, 3) uint8 RGB."""
    with av.open(str(trained.clips / "synthetic-000.mp4")) as opened:
        return [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
