"""Request a job of the worker and show its progress on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar

import rich.progress
import typer
from rich.console import Console

from pushoff.errors import PushoffError
from pushoff.services import Services, open_services
from pushoff.util.progress import OnProgress, Progress
from pushoff.workflows.results import PublishResult, RefitResult, RetrainResult, read_result
from pushoff.workflows.steps.request_analyses import request_analyses
from pushoff.workflows.steps.request_publishes import request_publishes

T = TypeVar("T")

stdout = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and warnings: not part of the output that another program reads."""


@contextmanager
def progress_bar(title: str) -> Iterator[OnProgress]:
    """A progress bar on stderr; without a terminal, one plain line for each new stage."""
    if not stderr.is_terminal:
        stage = ""

        def print_stage(progress: Progress) -> None:
            nonlocal stage
            if progress.stage != stage:
                stage = progress.stage
                stderr.print(f"  {title}: {progress_text(progress)}")

        yield print_stage
        return
    columns = (
        rich.progress.TextColumn("  {task.description:<28}"),
        rich.progress.BarColumn(bar_width=24),
        rich.progress.TextColumn("{task.fields[text]}"),
        rich.progress.TimeElapsedColumn(),
    )
    with rich.progress.Progress(*columns, console=stderr) as bar:
        line = bar.add_task(title, total=None, text="waiting")

        def update(progress: Progress) -> None:
            completed = progress.done if progress.total else None
            bar.update(
                line, completed=completed, total=progress.total, text=progress_text(progress)
            )

        yield update


def wait_for_job(
    services: Services,
    job_id: str,
    title: str,
    result_type: type[T],
    queue: Literal["fast", "train"] = "fast",
) -> T:
    """Wait for a job, showing its progress; returns its result.

    `result_type` is what the job's workflow returns; `queue` is `train` for a retrain. Raises
    PushoffError with the job's own code and message when it failed.
    """
    workers = services.queue.heartbeats.workers()
    if not any(queue in worker.queues for worker in workers):
        stderr.print(
            f"  no worker of the queue {queue} is running: start one with "
            f"`python -m worker.main {queue}`"
        )
    with progress_bar(title) as on_progress:
        status = services.queue.jobs.wait(job_id, on_progress=on_progress)
    if status.failure:
        raise PushoffError(f"{title} failed: {status.failure.message}", code=status.failure.code)
    return read_result(result_type, status.result)


def progress_text(progress: Progress) -> str:
    """The stage and its numbers, such as `training epoch 3/10 loss 0.412`."""
    parts = [progress.stage]
    if progress.done is not None:
        parts.append(f"{progress.unit} {progress.done}/{progress.total or '?'}".strip())
    for name, value in (("loss", progress.loss), ("val_f1", progress.val_f1)):
        if value is not None:
            parts.append(f"{name} {value:.3f}")
    return " ".join(parts)


def retrain(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Train a candidate now, compare it with the champion, and promote it if it is better."""
    with open_services() as services:
        project_id = services.project(project)
        request = services.queue.retrain.request(project_id, reason="command line", delay_s=0)
        if request.already_running:
            stdout.print(f"project {project_id} is being retrained; one more run follows")
        result = wait_for_job(services, request.job_id, "retrain", RetrainResult, "train")
    stdout.print(result.outcome.decision)


def refit(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Refit the heads on all labels now and update the queue; takes seconds."""
    with open_services() as services:
        project_id = services.project(project)
        job_id = services.queue.request.refit(project_id, reason="command line")
        result = wait_for_job(services, job_id, "refit", RefitResult)
    publication = result.publication
    stdout.print(result.outcome.decision)
    stdout.print(
        f"{publication.pushed} of {publication.pool} unlabelled tasks ordered by "
        f"{publication.strategy}, {sum(result.seconds.values()):.1f} s"
    )


def publish(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Push suggestions and order of all open tasks to Label Studio now."""
    with open_services() as services:
        project_id = services.project(project)
        job_id = services.queue.request.publish(project_id, reason="command line")
        result = wait_for_job(services, job_id, "publish", PublishResult)
    stdout.print(describe_publication(result))


def publish_champion(services: Services, reason: str) -> str:
    """Request a publish for every project, and new analyses of the coaches' sessions, after the
    champion changed; returns what becomes of the suggestions.

    What fails is printed: the champion has changed already, and the command is not to be repeated.
    """
    request_analyses(services)
    if not services.label_studio_connected:
        return "no Label Studio is connected, so no suggestions are published"
    try:
        projects = request_publishes(services, reason)
    except PushoffError as error:
        stderr.print(f"  {error}")
        return "Label Studio keeps its suggestions until `pushoff publish` or the nightly job"
    names = ", ".join(map(str, projects)) or "none is connected"
    return f"suggestions are being published (projects: {names})"


def describe_publication(result: PublishResult) -> str:
    """What a publish pushed, as one line."""
    if result.published is None:
        return "there is nothing to publish yet: no model, or no unlabelled task"
    later = f", {result.to_follow} follow in the background" if result.to_follow else ""
    return (
        f"{result.published}: {result.pushed} of {result.pool} unlabelled tasks pushed, "
        f"{result.already_there} already up to date, {result.unreadable} could not be read{later}"
    )
