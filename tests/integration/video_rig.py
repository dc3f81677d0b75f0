"""Projects of whole videos in the real Label Studio, with rendered videos of a second or two."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from pushoff.events.ground_truth import GroundTruth, load_ground_truth
from pushoff.services import Services
from pushoff.storage.videos import add_video
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.project import create_project
from pushoff.studio.timeline.spans import Span, push_off_span, span_region
from pushoff.values import Exercise, Label, Video
from pushoff.workflows.results import IngestResult, read_result
from tests.integration.coach_videos import coach_services, video
from tests.integration.studio_rig import plan
from tests.unit.studio.video_samples import complete_region
from worker.jobs import ingest_video


@dataclass(frozen=True)
class VideoProject:
    """A project of whole videos, and one machine connected to it."""

    services: Services
    project_id: int
    interface: TimelineInterface
    environment: dict[str, str]
    folder: Path

    def add(self, seed: int, athlete: str = "ada") -> tuple[Video, GroundTruth]:
        """A rendered video at 60/s, stored and ingested as the worker does."""
        path = video(self.folder, seed)
        session = add_video(
            self.services.storage,
            path,
            athlete=athlete,
            exercise=Exercise.HOPS,
            capture_fps=60,
            footage="synthetic",
            project_id=self.project_id,
        )
        self.ingest(session)
        return session, load_ground_truth(path.with_suffix(".json"))

    def ingest(self, session: Video) -> IngestResult:
        """The job, with the environment a worker has."""
        with mock.patch.dict(os.environ, self.environment, clear=True):
            return read_result(IngestResult, ingest_video(session.video_id))

    def task(self, session: Video) -> dict[str, Any]:
        """The video's only task as Label Studio gives it."""
        from pushoff.studio.tasks import video_tasks

        [task] = video_tasks(self.services.studio, self.project_id, session.video_id)
        return task

    def mark(
        self, session: Video, *last_frames: int, complete: bool = False, **more: Any
    ) -> dict[str, Any]:
        """An annotator's answer: a push-off that ends in each of these frames of a video at
        60/s."""
        clock_s = [frame / 60 for frame in range(1000)]
        spans = [push_off_span(clock_s, last) for last in last_frames]
        return self.answer(session, *spans, complete=complete, **more)

    def answer(
        self, session: Video, *spans: Span, complete: bool = False, **more: Any
    ) -> dict[str, Any]:
        """An annotator's answer with these spans."""
        result = [
            span_region(self.interface, span, f"span{number}") for number, span in enumerate(spans)
        ]
        if complete:
            result.append(complete_region(self.interface, "tick"))
        body = {"result": result, "lead_time": 20.0, **more}
        path = f"/api/tasks/{self.task(session)['id']}/annotations/"
        return self.services.studio.post(path, body)

    def no_push_off(self, first: int, last: int) -> Span:
        """A span of not_push_off."""
        return Span(first, last, Label.NOT_PUSH_OFF)


@contextmanager
def video_project(
    folder: Path, videos: Path, redis_url: str, label_studio: Any, tiny: Any, **more: str
) -> Iterator[VideoProject]:
    """A new project of whole videos; `videos` is where they are rendered, `more` are settings."""
    settings = {
        "data_dir": str(folder / "data"),
        "redis_url": redis_url,
        "job_secret": "canary-jobs",
        "label_studio_url": label_studio.url,
        "label_studio_token": label_studio.pat(),
        "storage_url": str(label_studio.storage_root),
        "backend_url": tiny.url,
        "weights": "none",
        "frames_per_video": "40",
    } | more
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PUSHOFF_")}
    environment = kept | {f"PUSHOFF_{name.upper()}": value for name, value in settings.items()}
    usual = {name: settings.pop(name) for name in ("data_dir", "redis_url")}
    settings.pop("job_secret")
    with coach_services(Path(usual["data_dir"]), usual["redis_url"], **settings) as services:
        made = create_project(services.studio, plan(tiny, label_studio.storage_root, timeline=True))
    # named, for a port that an earlier test's backend had may be in use again
    settings["project"] = made.project_id
    environment["PUSHOFF_PROJECT"] = str(made.project_id)
    with coach_services(Path(usual["data_dir"]), usual["redis_url"], **settings) as services:
        interface = services.interface(made.project_id)
        assert isinstance(interface, TimelineInterface)
        yield VideoProject(services, made.project_id, interface, environment, videos)
