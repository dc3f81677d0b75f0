"""What a long queue costs: `make bench-scale`.

For each number of tasks the whole service is started on embedded defaults with a real Label Studio
(SQLite), one rendered video (synthetic) is ingested, copies of it with their features are stored,
and their frames are imported as tasks. Then, in this order: a clip is ingested; labels are given
until a refit is due, measured from the last label to the new head of the queue, and to the whole
order once its rest is asked for; a publish with nothing to do; `pushoff export pull`; and the old
predictions are pruned. All the while `next` is asked five times a second, as by an annotator.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import typer

from benchmarks import refit
from pushoff.events.ground_truth import load_ground_truth
from pushoff.services import Services, open_services
from pushoff.storage.ingested_videos import load_ingest
from pushoff.storage.publications import load_publication
from pushoff.storage.videos import add_video, load_video, media_key, video_key
from pushoff.studio.media.urls import frame_address
from pushoff.studio.predictions import version_count
from pushoff.studio.tasks import NewTask, create_tasks
from pushoff.values import Exercise
from pushoff.workflows.scheduled.prune_predictions import PredictionPruner
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.scripted_annotator import annotate, video_by_video
from sdk_scripts.demo.stack import Stack, running
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.video import store_and_ingest

LABELS_FIRST = 40
WORST_S = 1200.0
ATHLETE_SEEDS = (21, 22)
"""Of the video whose copies fill the project, and of the clip that is ingested later."""


@dataclass
class Row:
    """What was measured at one number of tasks; seconds unless said otherwise."""

    tasks: int
    seconds: dict[str, float] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)
    """Of the refit."""
    next_p99: float = 0.0
    next_requests: int = 0
    next_failed: int = 0
    """Answers of 500 and above, and none at all."""
    export_mib: float = 0.0
    """Largest memory of `pushoff export pull`."""
    pruned: int = 0
    """Predictions."""


def main(
    tasks: list[int] = typer.Option([1000, 20_000, 100_000], help="Tasks; several times."),
    weights: str = typer.Option("none", help="As PUSHOFF_WEIGHTS: times do not depend on it."),
    push_offs: int = typer.Option(6, help="Of the video: fewer make it shorter."),
    as_json: Path | None = typer.Option(None, "--json", help="Write the rows to this file."),
) -> None:
    """Measure each size in a service of its own, and print the table."""
    rows = []
    for count in tasks:
        with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
            rows.append(measure(Path(folder), count, weights, push_offs))
        show(rows)
        if as_json:
            as_json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def measure(folder: Path, count: int, weights: str, push_offs: int) -> Row:
    """All rows of one size."""
    settings = {**refit.SETTINGS, "PUSHOFF_WEIGHTS": weights}
    with running(folder / "data", settings) as stack:
        for name in [name for name in os.environ if name.startswith("PUSHOFF_")]:
            del os.environ[name]  # settings of another installation
        os.environ.update(stack.env)
        with open_services() as services:
            return Run(services, stack, folder, count, push_offs).row


class Run:
    """One size, measured by being made."""

    def __init__(
        self, services: Services, stack: Stack, folder: Path, count: int, push_offs: int
    ) -> None:
        self.services, self.stack, self.folder = services, stack, folder
        self.push_offs = push_offs
        self.project_id = ensure_project(services, "Scale").project_id
        self.truth = VideoTruths()
        self.row = Row(count)
        self.fill(count)
        self.label_first()
        with polling_next(services, self.project_id) as answers:
            self.ingest()
            self.last_label()
            self.rest()
            self.nothing_to_do()
            self.export()
            self.prune()
        seconds = sorted(each for each, _ in answers)
        self.row.next_requests = len(answers)
        self.row.next_failed = sum(status >= 500 or status == 0 for _, status in answers)
        self.row.next_p99 = float(np.quantile(seconds, 0.99))

    def fill(self, count: int) -> None:
        """Store the video and its copies, and import their frames until there are `count` tasks."""
        path, original = self.add_clip(ATHLETE_SEEDS[0])
        self.publish()  # its features are extracted once, and copied with it
        studio, storage = self.services.studio, self.services.storage
        ingested = load_ingest(storage, original)
        assert ingested is not None
        chosen = set(ingested.chosen_frames)
        number = 0
        while True:
            existing = int(studio.get(f"/api/projects/{self.project_id}")["task_number"])
            if existing >= count:
                break
            video_id = original if number == 0 else self.copy(path, original, number)
            video = load_video(storage, video_id)
            free = [
                index for index in range(len(ingested.times_s)) if number or index not in chosen
            ][: count - existing]
            drafts = [
                NewTask(
                    image=frame_address(storage, media_key(video_id, index)),
                    video_id=video_id,
                    athlete=video.athlete,
                    exercise=video.exercise.value,
                    frame_index=index,
                    time_s=ingested.times_s[index],
                    box=ingested.boxes[index],
                    footage="synthetic",
                )
                for index in free
            ]
            create_tasks(studio, self.project_id, drafts)
            number += 1
        print(f"{existing} tasks of {number} videos", flush=True)

    def add_clip(self, seed: int) -> tuple[Path, str]:
        """Render and ingest a drill; its file and its id."""
        from pushoff.synthetic.render import DrillSpec, render_drill

        path = self.folder / f"drill-{seed}.mp4"
        spec = DrillSpec(seed=seed, exercise=Exercise.HOPS, push_offs=self.push_offs)
        drill = render_drill(path, spec)
        began = time.monotonic()
        video, _ = store_and_ingest(
            self.services,
            path,
            athlete=f"athlete-{seed}",
            exercise=Exercise.HOPS,
            capture_fps=240,
            footage="synthetic",
            project_id=self.project_id,
        )
        self.row.seconds["ingest of a clip"] = time.monotonic() - began
        ingested = load_ingest(self.services.storage, video.video_id)
        assert ingested is not None
        self.ground_truth = load_ground_truth(drill.truth_path)
        self.truth.add(video.video_id, self.ground_truth, ingested.times_s)
        return path, video.video_id

    def copy(self, path: Path, original: str, number: int) -> str:
        """The same video as another one, with all that is stored of it; of another athlete."""
        storage = self.services.storage
        copied = self.folder / f"copy-{number}.mp4"
        shutil.copy(path, copied)
        with copied.open("ab") as file:  # a box that players skip
            content = number.to_bytes(8, "big")
            file.write((len(content) + 8).to_bytes(4, "big") + b"free" + content)
        video_id = add_video(
            storage,
            copied,
            athlete=f"copy-{number}",
            exercise=Exercise.HOPS,
            capture_fps=240,
            footage="synthetic",
            project_id=self.project_id,
        ).video_id
        copied.unlink()
        for key in self.keys_of(original):
            target = key.replace(original, video_id)
            if key != video_key(original) and not storage.exists(target):
                storage.write(target, storage.read(key))
        ingested = load_ingest(storage, original)
        assert ingested is not None
        self.truth.add(video_id, self.ground_truth, ingested.times_s)
        return video_id

    def keys_of(self, video_id: str) -> list[str]:
        """What is stored of a video, less its pictures."""
        keys = self.services.storage.list()
        return [key for key in keys if video_id in key and not key.endswith((".jpg", ".webp"))]

    def publish(self) -> float:
        """Seconds of one publish."""
        queue = self.services.queue
        began = time.monotonic()
        job_id = queue.request.publish(self.project_id, reason="benchmark")
        status = queue.jobs.wait(job_id, timeout_s=WORST_S)
        if status.state != "finished":
            raise SystemExit(f"the publish did not finish: {status}")
        return time.monotonic() - began

    def label_first(self) -> None:
        """A first champion."""
        tasks = video_by_video(self.services, self.project_id)
        annotate(self.services, self.project_id, tasks, self.truth, LABELS_FIRST)
        refit.wait_idle(self.services, self.project_id)
        self.publish()

    def ingest(self) -> None:
        """One more clip, and the publish that follows it."""
        self.add_clip(ATHLETE_SEEDS[1])
        self.row.seconds["the publish after it"] = self.publish()

    def last_label(self) -> None:
        """From the last label to the new head."""
        measured = refit.measure_round(self.services, self.project_id, self.truth, WORST_S)
        self.row.seconds["last label to new head"] = measured["seconds"]
        self.row.parts = measured["parts"]

    def rest(self) -> None:
        """The rest of the order, asked for at once instead of some minutes later."""
        services, project_id = self.services, self.project_id
        name = services.studio.get(f"/api/projects/{project_id}")["model_version"]
        publication = load_publication(services.storage, project_id, name)
        assert publication is not None
        began = time.monotonic()
        services.queue.request.publish_rest(project_id, reason="benchmark")
        while version_count(services.studio, project_id, name) < len(publication.places):
            if time.monotonic() - began > WORST_S:
                raise SystemExit("the rest of the order did not arrive")
            time.sleep(0.5)
        self.row.seconds["rest of the order"] = time.monotonic() - began

    def nothing_to_do(self) -> None:
        """A publish of what is there."""
        refit.wait_idle(self.services, self.project_id)
        self.row.seconds["publish, nothing to do"] = self.publish()

    def export(self) -> None:
        """The command, as a process of its own."""
        command = [sys.executable, "-m", "sdk_scripts.pull_export"]
        command += ["--project", str(self.project_id)]
        began = time.monotonic()
        subprocess.run(command, check=True, env={**os.environ, **self.stack.env})
        self.row.seconds["export pull"] = time.monotonic() - began
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.row.export_mib = largest / 1024

    def prune(self) -> None:
        """All predictions of earlier orders, in the steps of the scheduler."""
        began = time.monotonic()
        pruner = PredictionPruner(self.services, kept_s=0.0)
        while deleted := pruner.tick():
            self.row.pruned += deleted
        self.row.seconds["pruning"] = time.monotonic() - began


@contextmanager
def polling_next(services: Services, project_id: int) -> Iterator[list[tuple[float, int]]]:
    """Ask for the next task five times a second; (seconds, status) of each answer, 0 for none."""
    answers: list[tuple[float, int]] = []
    ended = threading.Event()

    def poll() -> None:
        headers = {"Authorization": services.studio.authorization()}
        with httpx.Client(base_url=services.studio.url, headers=headers, timeout=60) as client:
            while not ended.wait(0.2):
                began = time.perf_counter()
                try:
                    status = client.get(f"/api/projects/{project_id}/next").status_code
                except httpx.HTTPError:
                    status = 0
                answers.append((time.perf_counter() - began, status))

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


def show(rows: Sequence[Row]) -> None:
    """Print the table, a column for each number of tasks."""
    lines: dict[str, list[Any]] = {name: [] for row in rows for name in row.seconds}
    for name, cells in lines.items():
        cells += [f"{row.seconds[name]:.1f} s" for row in rows]
    lines |= {
        "`next`, p99": [f"{row.next_p99:.2f} s" for row in rows],
        "`next`, failed": [f"{row.next_failed} of {row.next_requests}" for row in rows],
        "memory of export pull": [f"{row.export_mib:.0f} MiB" for row in rows],
        "predictions pruned": [row.pruned for row in rows],
    }
    print("|  | " + " | ".join(f"{row.tasks:,} tasks" for row in rows) + " |")
    print("|---" * (len(rows) + 1) + "|")
    for name, cells in lines.items():
        print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left running
    typer.run(main)
