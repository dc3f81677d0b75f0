"""`pushoff project create`: create the Label Studio project or repair the existing one."""

import typer

from pushoff.errors import BadInput
from pushoff.services import Services, open_services
from pushoff.studio.project import ProjectPlan, ProjectReport
from pushoff.studio.project import create_project as make_project

TITLES = {False: "Push-offs", True: "Push-offs on whole videos"}
"""Default titles, by whether the project is on a timeline (whole videos)."""


def ensure_project(
    services: Services,
    title: str,
    *,
    foot: bool = False,
    timeline: bool = False,
) -> ProjectReport:
    """Create or repair the project called `title`: backend, webhook and storage. Safe to run again.

    Raises StudioUnreachable, StudioRefused (naming Label Studio's setting) or SettingWrong.
    """
    settings = services.settings
    plan = ProjectPlan(
        title=title,
        backend_url=settings.backend_url,
        backend_user=settings.backend_user,
        backend_password=settings.secret("backend_password"),
        webhook_secret=settings.secret("webhook_secret"),
        storage_url=settings.storage,
        media_root=settings.label_studio_media_root or None,
        foot=foot,
        timeline=timeline,
    )
    return make_project(services.studio, plan)


def create(
    title: str | None = typer.Option(
        None, help=f"Name of the project, 3 to 50 characters; default: {TITLES[False]!r}."
    ),
    foot: bool = typer.Option(False, help="Also ask for the foot of a push_off."),
    timeline: bool = typer.Option(
        False, help="Label whole videos on a timeline instead of single frames."
    ),
) -> None:
    """Create the Label Studio project, or repair the existing one."""
    if timeline and foot:
        raise BadInput("--foot cannot be combined with --timeline, which asks for the foot anyway")
    title = title or TITLES[timeline]
    with open_services() as services:
        report = ensure_project(services, title, foot=foot, timeline=timeline)
        url = f"{services.settings.label_studio_url}/projects/{report.project_id}"
    print(f"project {report.project_id} {'created' if report.created else 'found'}: {url}")
    for line in report.repaired:
        print(f"  repaired: {line}")


if __name__ == "__main__":
    typer.run(create)
