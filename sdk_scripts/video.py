"""Add videos of athletes, and list them."""

from pathlib import Path

import typer

from pushoff.errors import BadInput
from pushoff.services import Services, open_services
from pushoff.storage.videos import add_video, list_videos
from pushoff.values import Exercise, Video
from pushoff.workflows.results import IngestResult
from sdk_scripts.jobs import stdout, wait_for_job

app = typer.Typer(no_args_is_help=True, help="Videos to label.")


def store_and_ingest(
    services: Services,
    video: Path,
    *,
    athlete: str,
    exercise: Exercise,
    capture_fps: float | None,
    footage: str = "real",
    project_id: int | None = None,
) -> tuple[Video, IngestResult]:
    """Store a video, have the worker ingest it, and wait for the result.

    Raises BadInput for what is not a file, VideoRefused, StorageFailed, QueueUnavailable, and
    PushoffError with the job's own reason when ingesting failed.
    """
    from pushoff.video.decoding.probe import probe

    if not video.is_file():
        raise BadInput(f"{video} is not a file")
    probe(video, capture_fps)  # raises before anything is stored
    stored = add_video(
        services.storage,
        video,
        athlete=athlete,
        exercise=exercise,
        capture_fps=capture_fps,
        footage=footage,
        project_id=project_id,
    )
    job_id = services.queue.request.ingest_video(stored.video_id)
    return stored, wait_for_job(services, job_id, f"ingest {video.name}", IngestResult)


@app.command("add")
def add(
    video: Path = typer.Argument(help="The video: MP4, MOV, MKV or AVI."),
    athlete: str = typer.Option(
        ...,
        help="Athlete's name. All frames of one athlete are used either for training or for "
        "testing.",
    ),
    exercise: Exercise = typer.Option(..., help="The exercise the athlete was asked to do."),
    capture_fps: float | None = typer.Option(
        None, help="The camera's frame rate; required for slow-motion files."
    ),
    footage: str = typer.Option("real", help="`real` or `synthetic`."),
    project: int | None = typer.Option(None, help="Label Studio project."),
) -> None:
    """Ingest a video: its most useful frames become tasks.

    Adding the same file again has no effect.
    """
    if footage not in ("real", "synthetic"):
        raise BadInput(f"--footage is {footage!r}, expected real or synthetic")
    with open_services() as services:
        stored, result = store_and_ingest(
            services,
            video,
            athlete=athlete,
            exercise=exercise,
            capture_fps=capture_fps,
            footage=footage,
            project_id=services.project(project),
        )
    stdout.print(f"video {stored.video_id}")
    stdout.print(
        f"  frames: {result.declared_frames or 'unknown'} declared, {result.decoded_frames} decoded"
    )
    stdout.print(f"  athlete: {result.athlete_note}")
    stdout.print(f"  tasks: {result.tasks_created} new, {result.tasks_already_there} already there")


@app.command("list")
def list_all() -> None:
    """List the stored videos, without athletes' names."""
    with open_services() as services:
        for video in list_videos(services.storage):
            print(
                f"{video.video_id}  {video.exercise.value:<16} {video.footage:<10} "
                f"project {video.project_id}"
            )
