"""The replay of `benchmarks.suggestions` once through the whole service and a real Label Studio.

    .venv/bin/python -m benchmarks.suggestions_studio ../shared/data --weights FILE

The first division into learnt and kept-out clips, in two projects. A scripted annotator labels what
Label Studio's own `next` serves from the learnt project, the service refits by itself, and what
Label Studio shows for the frames of the kept-out clips is compared with their events.json. The same
frames are then sent to the backend's `/predict`, which must say the same.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import typer

from benchmarks.suggestion_clips import Clip, load_clips
from benchmarks.suggestions import PLACES, divide
from pushoff.events.matching import match
from pushoff.services import Services, open_services
from pushoff.storage.ingested_videos import load_ingest
from pushoff.studio.config.label_config import require_frame_interface
from pushoff.studio.project import label_count
from pushoff.values import Exercise, Label
from pushoff.workflows.steps.data.labelled_clips import assumed_capture_fps
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.scripted_annotator import annotate, queue_order
from sdk_scripts.demo.stack import Stack, running
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.video import store_and_ingest

CHECKPOINTS = (0, 60, 120, 240)
SEED = 1


@dataclass(frozen=True)
class Row:
    """What Label Studio shows after so many labels."""

    labels: int
    version: str
    """The champion, or none."""
    place: str
    f1: float
    """Of push_off at the exact frame, over the kept-out tasks."""
    f1_within_1: float
    """Within the place's tolerance."""
    same_in_predict: int
    """Tasks of which `/predict` says the same."""
    tasks: int


def main(
    data: Path,
    weights: str = "imagenet",
    out: Path = typer.Option(Path("var/suggestions"), help="Features are kept there."),
    as_json: Path | None = typer.Option(None, "--json", help="Write the rows to this file."),
) -> None:
    """Run the service, label, and print the table."""
    learnt, kept_out = divide(load_clips(data, tuple(PLACES), weights, out), SEED)
    settings = {
        "PUSHOFF_WEIGHTS": str(Path(weights).resolve()) if weights != "imagenet" else weights,
        "PUSHOFF_REFIT_EVERY": "60",
        "PUSHOFF_RETRAIN_EVERY": "100000",
    }
    with tempfile.TemporaryDirectory(prefix="bench-suggestions-") as folder:
        own = Path(folder) / "data"
        shutil.copytree(out / "storage" / "features", own / "storage" / "features")
        with running(own, settings) as stack:
            for name in [name for name in os.environ if name.startswith("PUSHOFF_")]:
                del os.environ[name]  # settings of another installation
            os.environ.update(stack.env)
            with open_services() as services:
                rows = Run(services, stack, data).through(learnt, kept_out)
    print("| labels | version | place | F1 exact | F1 within | same in /predict |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.labels} | {row.version} | {row.place} | {row.f1:.2f} | {row.f1_within_1:.2f} "
            f"| {row.same_in_predict} of {row.tasks} |"
        )
    if as_json:
        as_json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


class Run:
    """Two projects in one running service."""

    def __init__(self, services: Services, stack: Stack, data: Path) -> None:
        self.services, self.stack, self.data = services, stack, data
        self.learnt = ensure_project(services, "Learnt").project_id
        self.kept_out = ensure_project(services, "Kept out").project_id
        self.truths = VideoTruths()
        self.clips: dict[str, Clip] = {}
        """The kept-out clips by video id."""

    def through(self, learnt: Sequence[Clip], kept_out: Sequence[Clip]) -> list[Row]:
        """From no label to the last checkpoint."""
        for clip in learnt:
            self._add(clip, self.learnt)
        for clip in kept_out:
            self.clips[self._add(clip, self.kept_out)] = clip
        rows: list[Row] = []
        for count in CHECKPOINTS:
            self._label_up_to(count)
            rows += self._measure(count)
            print("\n".join(map(str, rows[-3:])), flush=True)
        return rows

    def _add(self, clip: Clip, project_id: int) -> str:
        services = self.services
        stored, _ = store_and_ingest(
            services,
            next((self.data / clip.place).glob(f"{clip.name}.*")),
            athlete=clip.name,
            exercise=Exercise.TRIPLE if clip.place == "triple_jump" else Exercise.STEPS,
            capture_fps=assumed_capture_fps(clip.truth),
            project_id=project_id,
        )
        ingested = load_ingest(services.storage, stored.video_id)
        assert ingested is not None
        self.truths.add(stored.video_id, clip.truth, ingested.times_s)
        return stored.video_id

    def _label_up_to(self, count: int) -> None:
        """Label in the order of `next`; the service refits by itself after every 60th."""
        services = self.services
        todo = count - label_count(services.studio, self.learnt)
        while todo > 0:
            order = queue_order(services, self.learnt)
            done = annotate(services, self.learnt, order, self.truths, min(todo, 60))
            todo -= done.labels
            refit = services.queue.request.refit(self.learnt, reason="benchmark")
            services.queue.jobs.wait(refit, timeout_s=900)
        for project_id in (self.learnt, self.kept_out):
            publish = services.queue.request.publish(project_id, reason="benchmark")
            services.queue.jobs.wait(publish, timeout_s=900)

    def _measure(self, count: int) -> list[Row]:
        champion = self.services.registry.champion()
        page = self.services.studio.get(
            "/api/tasks", project=self.kept_out, page_size=5000, fields="all"
        )
        tasks = page["tasks"]
        shown = {task["id"]: self._shown(task) for task in tasks}
        predicted = self._predict(tasks)
        rows = []
        for place, (_, tolerance) in PLACES.items():
            own = [
                task
                for task in tasks
                if self.clips[task["data"]["video_id"]].place == place
                # one in twenty is shown without its suggestion on purpose
                and (shown[task["id"]] is not None or predicted[task["id"]] is None)
            ]
            if not own:
                continue
            rows.append(
                Row(
                    labels=count,
                    version=champion.version if champion else "none",
                    place=place,
                    f1=self._f1(own, shown, 0),
                    f1_within_1=self._f1(own, shown, tolerance),
                    same_in_predict=sum(shown[task["id"]] is predicted[task["id"]] for task in own),
                    tasks=len(own),
                )
            )
        return rows

    def _f1(
        self, tasks: Sequence[Mapping[str, Any]], shown: Mapping[int, Label | None], within: int
    ) -> float:
        pairs = false_alarms = missed = 0
        for video_id in {task["data"]["video_id"] for task in tasks}:
            own = [task for task in tasks if task["data"]["video_id"] == video_id]
            labelled = {task["data"]["frame_index"]: self.truths(task["data"]) for task in own}
            true = sorted(f for f, label in labelled.items() if label is Label.PUSH_OFF)
            suggested = sorted(
                frame
                for task in own
                if shown[task["id"]] is Label.PUSH_OFF
                and labelled[frame := task["data"]["frame_index"]] is not None
            )
            found = match(suggested, true, within)
            pairs += len(found.pairs)
            false_alarms += len(found.false_alarms)
            missed += len(found.missed)
        return 2 * pairs / (2 * pairs + false_alarms + missed) if pairs else 0.0

    def _shown(self, task: Mapping[str, Any]) -> Label | None:
        """The choice that is preselected in Label Studio; None where there is none."""
        return self._choice(task["predictions"][-1]["result"]) if task["predictions"] else None

    def _choice(self, result: Sequence[Mapping[str, Any]]) -> Label | None:
        choices = require_frame_interface(self.services.interface(self.kept_out)).choices
        regions = [region for region in result if region["type"] == "choices"]
        if not regions:
            return None
        return next(
            label for label, word in choices.items() if [word] == regions[0]["value"]["choices"]
        )

    def _predict(self, tasks: Sequence[Mapping[str, Any]]) -> dict[int, Label | None]:
        """The backend's own answer, as Label Studio asks for it."""
        project = self.services.studio.get(f"/api/projects/{self.kept_out}")
        answer = httpx.post(
            f"{self.stack.env['PUSHOFF_BACKEND_URL']}/predict",
            json={
                "tasks": [{"id": task["id"], "data": task["data"]} for task in tasks],
                "project": f"{self.kept_out}.1",
                "label_config": project["label_config"],
            },
            auth=("label-studio", self.stack.env["PUSHOFF_BACKEND_PASSWORD"]),
            timeout=300,
        )
        answer.raise_for_status()
        results = answer.json()["results"]
        return {
            task["id"]: self._choice(result.get("result", ()))
            for task, result in zip(tasks, results, strict=True)
        }


if __name__ == "__main__":
    typer.run(main)
