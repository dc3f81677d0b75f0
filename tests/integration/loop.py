"""The whole service on one machine, brought once through video, labels, retrain and publish."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pushoff.events.ground_truth import load_ground_truth
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.ingested_videos import load_ingest
from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.values import Exercise
from pushoff.workflows.results import IngestResult, RetrainResult, read_result
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.scripted_annotator import annotate, video_by_video
from sdk_scripts.demo.stack import Stack, running
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.video import store_and_ingest

LABELS = 70
SETTINGS = {
    "PUSHOFF_SIZE_PX": "64",
    "PUSHOFF_FRAMES_PER_VIDEO": "60",
    "PUSHOFF_MAX_EPOCHS": "3",
    "PUSHOFF_HEAD_STEPS": "30",
    "PUSHOFF_WEIGHTS": "none",
    "PUSHOFF_MIN_LABELS": "40",
    "PUSHOFF_MIN_PER_CLASS": "2",
    "PUSHOFF_REFIT_EVERY": "100000",
    "PUSHOFF_BLIND_SHARE": "0.1",
    "PUSHOFF_RETRAIN_EVERY": str(LABELS),
    "PUSHOFF_RETRAIN_DELAY_S": "0.5",
}
"""Small and quick: what is learnt does not matter here, how it travels does."""


@dataclass(frozen=True)
class Loop:
    """The running service after its first retrain."""

    stack: Stack
    services: Services
    project_id: int
    truth: VideoTruths
    ingests: tuple[IngestResult, ...]
    retrain: RetrainResult
    """Of the retrain the labels brought about."""
    sessions: tuple[str, ...]
    videos: tuple[Path, ...]


@contextmanager
def whole_loop(folder: Path) -> Iterator[Loop]:
    """Start everything, ingest two rendered drills, label, wait for the retrain."""
    with running(folder / "data", SETTINGS) as stack:
        with open_services(settings_of(stack)) as services:
            yield _brought_round(stack, services, folder)


def settings_of(stack: Stack, **changes: object) -> Settings:
    """The settings every process of the stack reads from its environment, some changed."""
    names = {f"PUSHOFF_{name.upper()}": name for name in Settings.model_fields}
    values = {names[key]: value for key, value in stack.env.items() if key in names}
    return Settings(**(values | changes))


def _brought_round(stack: Stack, services: Services, folder: Path) -> Loop:
    project = ensure_project(services, "The whole loop")
    truth, ingests, sessions, videos = VideoTruths(), [], [], []
    for seed, athlete in ((21, "athlete-1"), (22, "athlete-2")):
        video = folder / f"{athlete}.mp4"
        drill = render_drill(video, DrillSpec(seed=seed, exercise=Exercise.HOPS, push_offs=5))
        stored, found = store_and_ingest(
            services,
            video,
            athlete=athlete,
            exercise=Exercise.HOPS,
            capture_fps=240,
            footage="synthetic",
            project_id=project.project_id,
        )
        ingested = load_ingest(services.storage, stored.video_id)
        assert ingested is not None
        truth.add(stored.video_id, load_ground_truth(drill.truth_path), ingested.times_s)
        ingests.append(found)
        sessions.append(stored.video_id)
        videos.append(video)
    tasks = video_by_video(services, project.project_id)
    annotate(services, project.project_id, tasks, truth, LABELS)
    job_id = until(lambda: services.queue.retrain.running_job(project.project_id), 60)
    status = services.queue.jobs.wait(job_id, timeout_s=400)
    assert status.state == "finished", status
    return Loop(
        stack,
        services,
        project.project_id,
        truth,
        tuple(ingests),
        read_result(RetrainResult, status.result),
        tuple(sessions),
        tuple(videos),
    )


def until(what: Callable[[], Any], seconds: float) -> Any:
    """What `what` gives once it is true. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
    return found
