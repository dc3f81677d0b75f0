"""An export is read with the label config of the project that it comes from."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.errors import BadInput, LabelConfigWrong, StudioRefused
from pushoff.learning.features.feature_extractor import WITH_MIRROR
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.videos import add_video
from pushoff.studio.config.frames import FrameInterface
from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.values import Exercise
from pushoff.workflows.steps.exported_labels import label_interface, videos_from_export
from tests.unit.learning.event_samples import small_extractor
from tests.unit.studio.serving import Answer, Seen, serve

CONFIG = """<View><Image name="picture" value="$frame"/>
<Choices name="kind" toName="picture"><Choice value="push_off"/><Choice value="not_push_off"/>
</Choices></View>"""
"""A project whose tags are not called as in pushoff's own label config."""
PROJECT = 7


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder with one small video in storage, and the video's id."""
    folder = tmp_path_factory.mktemp("exported")
    spec = DrillSpec(
        seed=1, exercise=Exercise.HOPS, push_offs=2, capture_fps=60, width_px=320, height_px=180,
        second_person=None,
    )  # fmt: skip
    render_drill(folder / "video.mp4", spec)
    with open_services(Settings(_env_file=None, data_dir=folder / "data")) as services:
        video = add_video(
            services.storage,
            folder / "video.mp4",
            athlete="ada",
            exercise=Exercise.HOPS,
            capture_fps=60,
        )
    return folder, video.video_id


@pytest.fixture
def services(rendered: tuple[Path, str]) -> Iterator[Services]:
    """A machine that is not connected to Label Studio."""
    with open_services(Settings(_env_file=None, data_dir=rendered[0] / "data")) as opened:
        yield opened


def export_of(folder: Path, video_id: str, from_name: str) -> Path:
    """A JSON export with one labelled frame, as Label Studio writes it."""
    annotation = {
        "id": 1,
        "result": [
            {"from_name": from_name, "to_name": "picture", "type": "choices",
             "value": {"choices": ["push_off"]}}
        ],
        "completed_by": 1, "was_cancelled": False, "updated_at": "2026-01-01T00:00:00Z",
        "lead_time": 1.0, "parent_prediction": None,
    }  # fmt: skip
    data = {"frame": "/data/local-files/?d=x.jpg", "video_id": video_id, "athlete": "ada",
            "footage": "synthetic", "time_s": 0.5}  # fmt: skip
    path = folder / "export.json"
    task = {"id": 1, "project": PROJECT, "data": data, "annotations": [annotation]}
    path.write_text(json.dumps([task]))
    return path


@pytest.mark.parametrize(("from_name", "count"), [("kind", 1), ("choice", 0)])
def test_a_given_label_config_names_the_labels(services, rendered, tmp_path, from_name, count):
    """A Choices tag called `kind` is read where the config calls it so, and no other one is."""
    export = export_of(tmp_path, rendered[1], from_name)
    config = tmp_path / "config.xml"
    config.write_text(CONFIG)
    videos = videos_from_export(
        services, export, small_extractor(), WITH_MIRROR[:1], lambda progress: None, config
    )
    assert [video.name for video in videos] == [rendered[1]] * count
    assert [video.split_group for video in videos] == ["ada"] * count
    assert all(len(video.example.targets.events) == 1 for video in videos)


def test_label_studio_is_asked_for_the_config_of_the_exports_project(rendered, tmp_path):
    """The same config as training in a worker uses, so both read the same labels."""
    export = export_of(tmp_path, rendered[1], "kind")

    def answer(seen: Seen) -> Answer:
        found = seen.path.split("?")[0].rstrip("/") == f"/api/projects/{PROJECT}"
        body = {"id": PROJECT, "label_config": CONFIG} if found else {}
        return Answer(json.dumps(body).encode(), headers={"Content-Type": "application/json"})

    with serve(answer) as server:
        settings = Settings(
            _env_file=None,
            data_dir=rendered[0] / "data",
            label_studio_url=server.url,
            label_studio_token="0" * 40,
        )
        with open_services(settings) as services:
            interface = label_interface(services, export)
    assert isinstance(interface, FrameInterface)
    assert (interface.from_name, interface.image_key) == ("kind", "frame")


def test_a_project_that_label_studio_does_not_have_is_refused(rendered, tmp_path):
    """The remedy is the label config as a file; no label is silently left out."""
    export = export_of(tmp_path, rendered[1], "kind")

    def answer(seen: Seen) -> Answer:
        status = 404 if "/api/projects/" in seen.path else 200
        return Answer(b"{}", status, headers={"Content-Type": "application/json"})

    with serve(answer) as server:
        settings = Settings(
            _env_file=None,
            data_dir=rendered[0] / "data",
            label_studio_url=server.url,
            label_studio_token="0" * 40,
        )
        with open_services(settings) as services, pytest.raises(StudioRefused) as refused:
            label_interface(services, export)
    assert "--label-config" in refused.value.remedy


@pytest.mark.parametrize("from_name", ["kind", "choice"])
def test_without_label_studio_the_config_is_inferred(services, rendered, tmp_path, from_name):
    """The annotations name the Choices tag, whatever it is called, and its label is read."""
    export = export_of(tmp_path, rendered[1], from_name)
    interface = label_interface(services, export)
    assert isinstance(interface, FrameInterface)
    assert (interface.from_name, interface.image_key) == (from_name, "frame")
    videos = videos_from_export(
        services, export, small_extractor(), WITH_MIRROR[:1], lambda progress: None
    )
    assert [len(video.example.targets.events) for video in videos] == [1]


def test_a_file_that_is_no_label_config_is_refused(services, rendered, tmp_path):
    """A missing file and a file with other tags."""
    export = export_of(tmp_path, rendered[1], "choice")
    with pytest.raises(BadInput):
        label_interface(services, export, tmp_path / "missing.xml")
    other = tmp_path / "other.xml"
    other.write_text("<View/>")
    with pytest.raises(LabelConfigWrong):
        label_interface(services, export, other)
