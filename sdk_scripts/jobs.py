"""Ask the worker for a job and follow its progress on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pushoff.errors import PushoffError
from pushoff.services import Services, open_services

stdout = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and doubts, which are no part of what a command prints for the next program."""


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float, float | None, str], None]]:
    """A moving line on a terminal, on stderr; elsewhere one plain line per new stage.

    What it gives is called with (done, total or None, words); the first word is the stage.
    """
    if not stderr.is_terminal:
        heard = ""

        def plain(done: float, total: float | None, said: str) -> None:
            nonlocal heard
            stage = said.split(" ", 1)[0]
            if stage != heard:
                heard = stage
                stderr.print(f"  {what}: {said}")

        yield plain
        return
    columns = (
        TextColumn("  {task.description:<28}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr) as bar:
        line = bar.add_task(what, total=None, said="waiting")
        yield lambda done, total, said: bar.update(line, completed=done, total=total, said=said)


PROGRESS = (("frame", "frames"), ("video", "videos"), ("epoch", "epochs"), ("task", "tasks"))
"""What jobs count, and of how many."""


def wait_for_job(services: Services, job_id: str, what: str) -> dict[str, Any]:
    """Wait for a job, showing its stage; returns its result.

    Raises PushoffError with the job's own reason when it failed.
    """
    if not services.queue.workers():
        stderr.print("  no worker is running: start one with `python -m worker.main`")
    with progress_bar(what) as show:

        def hear(progress: dict[str, Any]) -> None:
            show(*progress_fraction(progress), progress_words(progress))

        status = services.queue.wait(job_id, on_progress=hear)
    if status.error:
        raise PushoffError(f"{what} failed: {status.error}")
    return dict(status.result or {})


def progress_fraction(progress: dict[str, Any]) -> tuple[float, float | None]:
    """How far a job is, as (done, total); total is None where nobody can know."""
    for done, total in PROGRESS:
        if progress.get(done) is not None and progress.get(total):
            return float(progress[done]), float(progress[total])
    return 0.0, None


def progress_words(progress: dict[str, Any]) -> str:
    """The stage and its numbers, such as `training epoch 3/10 loss 0.412`."""
    words = [str(progress.get("stage", ""))]
    for done, total in PROGRESS:
        if progress.get(done) is not None:
            words.append(f"{done} {progress[done]}/{progress.get(total) or '?'}")
    for name in ("loss", "val_f1"):
        if progress.get(name) is not None:
            words.append(f"{name} {progress[name]:.3f}")
    return " ".join(words)


def retrain(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Train a candidate now, compare it with the champion, and promote or keep it."""
    with open_services() as services:
        project_id = services.project(project)
        request = services.queue.request_retrain(project_id, reason="command line", delay_s=0)
        if request.already_running:
            stdout.print(f"project {project_id} is training already; one more run follows it")
        outcome = wait_for_job(services, request.job_id, "retrain")
    stdout.print(outcome.get("decision", outcome))


def refit(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Refit the heads on all labels now and update the queue; takes seconds."""
    with open_services() as services:
        project_id = services.project(project)
        job_id = services.queue.ask_refit(project_id, reason="command line")
        outcome = wait_for_job(services, job_id, "refit")
    stdout.print(outcome.get("decision", outcome))
    seconds = outcome.get("seconds", {})
    stdout.print(
        f"{outcome['pushed']} of {outcome['pool']} open tasks ordered by {outcome['strategy']}, "
        f"{sum(seconds.values()):.1f} s"
    )


def publish(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Push suggestions and order of all open tasks to Label Studio now."""
    with open_services() as services:
        project_id = services.project(project)
        job_id = services.queue.ask_publish(project_id, reason="command line")
        outcome = wait_for_job(services, job_id, "publish")
    stdout.print(outcome)
