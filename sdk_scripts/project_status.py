"""How good the labels are, and whether to go on: the last assessment, or a fresh one."""

import json

import typer

from pushoff.active.label_quality.assessment import LabelQualityReport, to_sentences
from pushoff.errors import NotEnough
from pushoff.services import Services, open_services
from sdk_scripts.jobs import wait_for_job


def status(
    project: int | None = typer.Option(None, help="Label Studio project."),
    refresh: bool = typer.Option(False, help="Assess the labels now."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Show label quality, suspected errors, and whether more labels are worth it."""
    with open_services() as services:
        project_id = services.project(project)
        found = _assessment(services, project_id, refresh)
    if as_json:
        from pydantic import TypeAdapter

        print(json.dumps(TypeAdapter(LabelQualityReport).dump_python(found, mode="json"), indent=2))
        return
    print(f"project {project_id}, as of {found.at[:16].replace('T', ' ')} UTC")
    for subject, said in to_sentences(found):
        print(f"{subject:<18} {said}")


def _assessment(services: Services, project_id: int, refresh: bool) -> LabelQualityReport:
    from pushoff.storage.assessments import load_assessment

    if refresh:
        wait_for_job(services, services.queue.ask_assessment(project_id, "command line"), "assess")
    found = load_assessment(services.storage, project_id)
    if found is None:
        raise NotEnough(
            f"Project {project_id} has not been assessed yet: the nightly job does it, or "
            "`pushoff project status --refresh` now."
        )
    return found
