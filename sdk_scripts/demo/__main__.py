"""The demo: the whole loop on one machine, from rendered videos to a promoted model.

`make demo` runs it. With a terminal it stays up until Ctrl-C; without one it ends after the
summary and leaves no process behind.
"""

import os
import signal
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import typer

from pushoff.errors import PushoffError
from pushoff.events.ground_truth import load_ground_truth
from pushoff.services import Services, open_services
from pushoff.storage.ingested_videos import load_ingest
from pushoff.studio.project import label_count
from pushoff.util.progress import Progress
from pushoff.values import Exercise
from pushoff.workflows.results import (
    PublishResult,
    RefitResult,
    RetrainResult,
    TrainingOutcome,
)
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.coach import COACH, coach_part
from sdk_scripts.demo.scripted_annotator import Annotated, annotate, queue_order
from sdk_scripts.demo.stack import Stack, end_children, running
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.jobs import progress_bar, stdout, wait_for_job
from sdk_scripts.video import store_and_ingest

DATA_DIR = Path("var") / "demo"
TITLE = "Push-offs (demo)"
ROUND = 120
"""Labels of each round. The first triggers a refit through the webhook, the second a retrain."""
SETTINGS = {
    "PUSHOFF_SIZE_PX": "96",
    "PUSHOFF_FRAMES_PER_VIDEO": "120",
    "PUSHOFF_MAX_EPOCHS": "40",
    "PUSHOFF_PATIENCE": "40",
    "PUSHOFF_REFIT_EVERY": str(ROUND),
    "PUSHOFF_RETRAIN_EVERY": str(2 * ROUND),
    "PUSHOFF_RETRAIN_DELAY_S": "1",
}
"""Small enough for two cores in a few minutes; all other settings are the defaults."""
DRILLS = (
    ("athlete-a", Exercise.HOPS, 11),
    ("athlete-b", Exercise.STEPS, 12),
    ("athlete-c", Exercise.HOP_STEPS, 13),
    ("athlete-d", Exercise.HOPS, 14),
)
"""Athlete, exercise and seed; the last one is the coach's, whom nobody labels."""


def demo(
    video: Path | None = typer.Option(
        None, help="Your own video; its ground truth is in VIDEO.json."
    ),
    only_start: bool = typer.Option(False, help="Start every process and stay up."),
    data_dir: Path = typer.Option(DATA_DIR, help="Folder for all files."),
) -> None:
    """Run the main job on embedded defaults."""
    signal.signal(signal.SIGTERM, _end)
    started = time.monotonic()
    try:
        say("starting Redis, Label Studio, backend, workers and scheduler")
        with running(
            data_dir, {} if only_start else SETTINGS, say_slow if only_start else None
        ) as stack:
            for name in [name for name in os.environ if name.startswith("PUSHOFF_")]:
                del os.environ[name]  # settings of another installation
            os.environ.update(stack.env)
            with open_services() as services:
                if not only_start:
                    summary = run_loop(services, stack, data_dir, video)
                    show_summary(summary, time.monotonic() - started)
                show_addresses(stack, with_coach=not only_start)
                if only_start or sys.stdin.isatty():
                    stdout.print("running until Ctrl-C")
                    stack.process.wait()
    except KeyboardInterrupt:
        say("stopping")
    except PushoffError as error:
        stdout.print(f"demo: {error}", style="red")
        sys.exit(1)


def _end(*_: object) -> None:
    """End, and the stack first: an exception raised while Python runs a `__del__` is lost, but
    without its stack the demo ends in any case.
    """
    end_children()
    sys.exit(143)


def say(step: str) -> None:
    """Print a step when it begins."""
    stdout.print(f"[bold]•[/bold] {step}")


def say_slow(stack: Stack) -> None:
    """Label Studio may take longer on a slow disk; everything else is up."""
    coach_url = f"{stack.env['PUSHOFF_BACKEND_URL']}/coach"
    say(f"Label Studio is still starting; the coach's page is up at {coach_url}")


def run_loop(
    services: Services, stack: Stack, data_dir: Path, video: Path | None
) -> dict[str, Any]:
    """From video to published model; results of an earlier run are reused."""
    *videos, of_coach = render_videos(data_dir / "videos")
    project = ensure_project(services, TITLE)
    say(f"project {project.project_id} {'created' if project.created else 'found'}")
    truth = VideoTruths()
    labelled_video = video if video and video.with_suffix(".json").exists() else None
    for path, athlete, exercise in videos:
        add(services, truth, path, athlete, exercise, project.project_id, "synthetic")
    if labelled_video:
        add(services, truth, labelled_video, "you", None, project.project_id, "real")

    say("ordering the frames; before there is a model the pose rules suggest")
    wait_for_publish(services, project.project_id)

    rounds: list[Annotated] = []
    outcomes: list[TrainingOutcome] = []
    for number, wait in ((1, wait_for_refit), (2, wait_for_retrain)):
        if label_count(services.studio, project.project_id) >= number * ROUND:
            say(f"round {number}: labelled in an earlier run")
            continue
        rounds.append(label_round(services, project.project_id, truth, number))
        outcomes.append(wait(services, project.project_id))
    if video and not labelled_video:
        say(f"{video.stem}.json is missing, so the demo will not label this video")
        add(services, truth, video, "you", None, project.project_id, "real")
        wait_for_publish(services, project.project_id)
    say("a coach's session: another athlete, analysed by the same model")
    session = coach_part(services, of_coach, stack.env["LABEL_STUDIO_PASSWORD"])
    return count(services, project.project_id) | {
        "outcomes": outcomes,
        "rounds": rounds,
        "coach_session": session,
    }


def render_videos(folder: Path) -> list[tuple[Path, str, Exercise]]:
    """Four athletes on the same track, rendered once with exact ground truth."""
    from pushoff.synthetic.render import DrillSpec, render_drill

    folder.mkdir(parents=True, exist_ok=True)
    videos = [(folder / f"{athlete}.mp4", athlete, exercise) for athlete, exercise, _ in DRILLS]
    to_render = []
    for (path, athlete, exercise), (*_, seed) in zip(videos, DRILLS, strict=True):
        if not path.with_suffix(".json").exists():
            say(f"rendering a bounding drill: {exercise.value}")
            to_render.append((path, DrillSpec(seed=seed, exercise=exercise, athlete=athlete)))
    if to_render:
        with get_context("spawn").Pool(2) as pool:  # leaving the pool ends its processes
            pool.starmap(render_drill, to_render)
    return videos


def add(
    services: Services,
    truth: VideoTruths,
    path: Path,
    athlete: str,
    exercise: Exercise | None,
    project_id: int,
    footage: str,
) -> None:
    """Ingest one video through the worker and add its ground truth if there is one."""
    known = (
        load_ground_truth(path.with_suffix(".json")) if path.with_suffix(".json").exists() else None
    )
    stored, result = store_and_ingest(
        services,
        path,
        athlete=athlete,
        exercise=exercise or Exercise.TRIPLE,
        capture_fps=known.capture_fps if known else None,
        footage=footage,
        project_id=project_id,
    )
    stdout.print(
        f"  {path.name}: {result.decoded_frames} frames, {result.tasks_created} new tasks, "
        f"{result.tasks_already_there} already there; {result.athlete_note}"
    )
    if known:
        ingested = load_ingest(services.storage, stored.video_id)
        if ingested is not None:
            truth.add(stored.video_id, known, ingested.times_s)


def label_round(services: Services, project_id: int, truth: VideoTruths, number: int) -> Annotated:
    """One round of the scripted annotator, in the order of the queue."""
    with progress_bar(f"round {number}") as on_progress:
        done = annotate(
            services,
            project_id,
            queue_order(services, project_id),
            truth,
            ROUND,
            lambda labels: on_progress(Progress("annotating", labels, ROUND, "label")),
        )
    say(
        f"round {number}: {done.labels} labels ({done.push_offs} push-offs), {done.skipped} "
        f"skipped as ambiguous, {done.suggested} had a suggestion"
    )
    return done


def wait_for_retrain(services: Services, project_id: int) -> TrainingOutcome:
    """Wait for the retrain that the webhook triggered, or the scheduler after a lost webhook."""
    deadline = time.monotonic() + 90
    while (job_id := services.queue.retrain.running_job(project_id)) is None:
        if time.monotonic() > deadline:
            raise PushoffError("no retrain started within 90 s after the labels: see stack.log")
        time.sleep(0.2)
    result = wait_for_job(services, job_id, "retrain", RetrainResult)
    say(result.outcome.decision)
    wait_for_publish(services, project_id)
    return result.outcome


def wait_for_refit(services: Services, project_id: int) -> TrainingOutcome:
    """Wait for a refit and the new queue order; a refit that the webhook triggered counts."""
    job_id = services.queue.request.refit(project_id, reason="demo")
    result = wait_for_job(services, job_id, "refit", RefitResult)
    say(f"refit in {sum(result.seconds.values()):.1f} s: {result.outcome.decision}")
    say(f"{result.publication.pool} unlabelled frames ordered by {result.publication.strategy}")
    return result.outcome


def wait_for_publish(services: Services, project_id: int) -> None:
    """Wait until every unlabelled frame has its place and suggestion."""
    job_id = services.queue.request.publish(project_id, reason="demo")
    wait_for_job(services, job_id, "publish", PublishResult)


def count(services: Services, project_id: int) -> dict[str, Any]:
    """Numbers for the summary, from Label Studio and the registry."""
    project = services.studio.get(f"/api/projects/{project_id}")
    champion = services.registry.champion()
    return {
        "tasks": project["task_number"],
        "predictions": project["total_predictions_number"],
        "labels": project["total_annotations_number"],
        "model_versions": [model.version for model in services.registry.versions()],
        "champion": champion,
        "label_studio_serves": project["model_version"],
    }


def show_summary(summary: dict[str, Any], wall_s: float) -> None:
    """Print what there is now and how good it is."""
    champion = summary["champion"]
    stdout.print("\n[bold]summary[/bold]")
    for name in ("tasks", "predictions", "labels"):
        stdout.print(f"  {name:<16} {summary[name]}")
    stdout.print(f"  {'model versions':<16} {', '.join(summary['model_versions']) or 'none'}")
    stdout.print(f"  {'champion':<16} {champion.version if champion else 'none'}")
    stdout.print(f"  {'shown':<16} Label Studio shows {summary['label_studio_serves']}")
    for outcome in summary["outcomes"]:
        if outcome.comparison is not None:
            compared = outcome.comparison
            f1 = compared.champion_f1_within_1
            before = "none" if f1 is None else f"{f1:.3f}"
            stdout.print(
                f"  {'held-out F1':<16} before {before}, after {compared.f1_within_1:.3f} within "
                f"one frame, {compared.held_out_push_offs} push-offs of "
                f"{compared.held_out_groups} athlete(s), {compared.footage}"
                f"{', provisional' if compared.provisional else ''}"
            )
    session = summary["coach_session"]
    stdout.print(f"  {'coach':<16} {session.headline} ({session.push_offs} push-offs, synthetic)")
    stdout.print(f"  {'wall time':<16} {wall_s:.0f} s")


def show_addresses(stack: Stack, *, with_coach: bool) -> None:
    """Print the URLs and accounts; `with_coach` when the demo created the coach's account."""
    stdout.print(f"\n  Label Studio     {stack.label_studio_url}")
    stdout.print(f"  sign in as       {stack.env['LABEL_STUDIO_USERNAME']}")
    stdout.print(f"  password         in {stack.env_file} (LABEL_STUDIO_PASSWORD)")
    stdout.print(f"  coach's page     {stack.env['PUSHOFF_BACKEND_URL']}/coach")
    account = f"{COACH}, with the same password" if with_coach else "see `pushoff account add`"
    stdout.print(f"  sign in as       {account}")
    stdout.print(f"  backend          {stack.env['PUSHOFF_BACKEND_URL']}/health")
    stdout.print(f"  check            .venv/bin/pushoff --env-file {stack.env_file} doctor")
    stdout.print(f"  logs             {stack.log}\n")


if __name__ == "__main__":
    typer.run(demo)
