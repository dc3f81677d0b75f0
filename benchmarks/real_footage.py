"""Real labelled clips through the whole service: ingest, tasks, labels, retrain, evaluate.

    .venv/bin/python -m benchmarks.real_footage CLIPS... [--weights FILE] [--out var/real]

CLIPS are folders with an events.json. Every clip counts as an athlete of its own, so no
clip is both trained on and held out. Prints one row for docs/benchmarks.md.
"""

import time
from pathlib import Path
from typing import Any

import typer

from pushoff.events.ground_truth import load_ground_truth
from pushoff.services import open_services
from pushoff.settings import Settings
from pushoff.storage.ingested_videos import load_ingest
from pushoff.values import Exercise, Scorecard
from pushoff.workflows.results import RetrainResult
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.scripted_annotator import annotate, video_by_video
from sdk_scripts.demo.stack import running
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.jobs import wait_for_job
from sdk_scripts.video import store_and_ingest


def main(
    clips: list[Path],
    weights: str = "none",
    out: Path = Path("var/real"),
    frames_per_video: int = 80,
    size_px: int = 128,
    max_epochs: int = 16,
) -> None:
    """Run it and print the row."""
    values: dict[str, Any] = {
        "weights": weights if weights in ("none", "imagenet") else str(Path(weights).absolute()),
        "frames_per_video": frames_per_video,
        "size_px": size_px,
        "max_epochs": max_epochs,
        "retrain_every": 100_000,
    }
    extra = {f"PUSHOFF_{name.upper()}": str(value) for name, value in values.items()}
    started = time.monotonic()
    with running(out, extra) as stack:
        names = {f"PUSHOFF_{name.upper()}": name for name in Settings.model_fields}
        settings = Settings(**{names[k]: v for k, v in stack.env.items() if k in names})
        with open_services(settings) as services:
            project = ensure_project(services, "Real footage").project_id
            truth = VideoTruths()
            for video in sorted(video for folder in clips for video in folder.glob("*.mp4")):
                known = load_ground_truth(video.parent / "events.json", video.name)
                stored, found = store_and_ingest(
                    services,
                    video,
                    athlete=video.stem,
                    exercise=Exercise.STEPS,
                    capture_fps=None if not known.slow_motion else 150.0,
                    project_id=project,
                )
                ingested = load_ingest(services.storage, stored.video_id)
                truth.add(stored.video_id, known, ingested.times_s)
                print(f"{video.name}: {found.tasks_created} tasks, {found.athlete_note}")
            done = annotate(services, project, video_by_video(services, project), truth, 100_000)
            print(f"{done.labels} labels, {done.push_offs} push-offs, {done.skipped} skipped")
            request = services.queue.retrain.request(project, reason="benchmark", delay_s=0)
            result = wait_for_job(services, request.job_id, "retrain", RetrainResult)
            print(result.outcome.decision)
            models = services.registry.versions()
            if models and models[0].scorecard:
                show(models[0].scorecard, time.monotonic() - started)


def show(card: Scorecard, wall_s: float) -> None:
    """Print what was held out and the scores on it."""
    print(
        f"held out: {', '.join(card.groups)} ({card.footage}, {card.frames} frames, "
        f"{card.push_offs} push-offs)\n"
        f"F1 {card.f1:.3f}, precision {card.precision:.3f}, recall {card.recall:.3f}; F1 within "
        f"one frame {card.f1_within_1:.3f}; average precision {card.average_precision:.3f}, "
        f"calibration error {card.calibration_error:.3f}; {wall_s:.0f} s"
    )


if __name__ == "__main__":
    typer.run(main)
