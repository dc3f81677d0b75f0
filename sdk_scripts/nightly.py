"""`pushoff nightly`: the nightly job by hand."""

from collections.abc import Sequence

import typer

from pushoff.errors import PushoffError
from pushoff.services import Services, open_services
from pushoff.util.plurals import count_noun
from pushoff.workflows.results import (
    AssessmentResult,
    NightlyResult,
    PublishResult,
    RequestedJob,
    RetrainResult,
)
from sdk_scripts.jobs import describe_publication, stderr, stdout, wait_for_job


def nightly(
    wait: bool = typer.Option(
        False, "--wait", help="Also wait for the jobs it requests, and print what they decided."
    ),
) -> None:
    """Run the nightly job now, as the scheduler does: retrain, publish, assess, clean up."""
    with open_services() as services:
        job_id = services.queue.request.nightly_by_hand()
        result = wait_for_job(services, job_id, "nightly", NightlyResult)
        for line in describe_night(result):
            stdout.print(line)
        failed = [job for job in result.jobs if wait and not _finished(services, job)]
    if failed:
        raise typer.Exit(1)


def describe_night(result: NightlyResult) -> Sequence[str]:
    """What the nightly job requested and deleted, in lines."""
    requested: dict[int, list[str]] = {}
    for job in result.jobs:
        note = " (runs already; one more follows)" if job.already_running else ""
        requested.setdefault(job.project_id, []).append(job.name + note)
    projects = [f"project {number}: {', '.join(names)}" for number, names in requested.items()]
    return [
        *(projects or ["no project is connected: nothing to retrain, publish or assess"]),
        f"{count_noun(result.deletions, 'session')} to delete, "
        f"{count_noun(result.uploads_pruned, 'unfinished upload')} deleted, "
        f"{result.cleaned_up} old publications, refits and features deleted",
    ]


def _finished(services: Services, job: RequestedJob) -> bool:
    """Wait for a job and print its decision; whether it ended well."""
    title = f"{job.name} {job.project_id}"
    try:
        stdout.print(f"{title}: {_decision(services, job, title)}")
    except PushoffError as error:
        stderr.print(f"  {error}")
        return False
    return True


def _decision(services: Services, job: RequestedJob, title: str) -> str:
    """What the job decided, as one line. Raises PushoffError when it failed."""
    if job.name == "retrain":
        return wait_for_job(services, job.job_id, title, RetrainResult, "train").outcome.decision
    if job.name == "publish":
        return describe_publication(wait_for_job(services, job.job_id, title, PublishResult))
    assessed = wait_for_job(services, job.job_id, title, AssessmentResult)
    labels = count_noun(assessed.labels, "label")
    return f"{labels}, {assessed.suspected} of them suspected; {assessed.hint}"
