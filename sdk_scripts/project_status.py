"""`pushoff project status`: the label quality report."""

import json

import typer

from pushoff.active.label_quality.assessment import LabelQualityReport, to_sentences
from pushoff.errors import NotEnough
from pushoff.services import Services, open_services
from pushoff.workflows.results import AssessmentResult
from sdk_scripts.jobs import wait_for_job


def status(
    project: int | None = typer.Option(None, help="Label Studio project."),
    refresh: bool = typer.Option(False, help="Assess the labels now."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Show label quality, suspected errors, and whether more labels are worth it."""
    with open_services() as services:
        project_id = services.project(project)
        report = _load_report(services, project_id, refresh)
    if as_json:
        from pydantic import TypeAdapter

        print(
            json.dumps(TypeAdapter(LabelQualityReport).dump_python(report, mode="json"), indent=2)
        )
        return
    print(f"project {project_id}, as of {report.at[:16].replace('T', ' ')} UTC")
    for subject, sentence in to_sentences(report):
        print(f"{subject:<18} {sentence}")


def _load_report(services: Services, project_id: int, refresh: bool) -> LabelQualityReport:
    from pushoff.storage.assessments import load_assessment

    if refresh:
        job_id = services.queue.request.assess_labels(project_id, "command line")
        wait_for_job(services, job_id, "assess", AssessmentResult)
    report = load_assessment(services.storage, project_id)
    if report is None:
        raise NotEnough(
            f"Project {project_id} has no label quality report yet: the nightly job makes one, "
            "or run `pushoff project status --refresh`."
        )
    return report
