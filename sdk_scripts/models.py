"""`pushoff models`: list, show, promote and roll back the versions in the registry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import typer

from pushoff.errors import NoSuchModel, SettingWrong, Upstream
from pushoff.learning.registry.versions import EVENT_MODELS, ProjectKey, RegisteredModel
from pushoff.services import Services, open_services
from pushoff.workflows.steps.publish_timeline import enqueue_timeline_publishes

WHERE_EVENTS = "Event models, made by `pushoff train`, are found with --events."
app = typer.Typer(
    no_args_is_help=True,
    help=f"Model versions: list, show, promote, roll back. {WHERE_EVENTS}",
)
PROJECT = typer.Option(None, help="Label Studio project of the frame models.")
EVENTS = typer.Option(
    False, "--events", help="Use the event models from `pushoff train`, which belong to no project."
)

VERSION = typer.Argument(help="Version, as `pushoff models list` prints it.")


@app.command("list")
def list_models(project: int | None = PROJECT, events: bool = EVENTS) -> None:
    """List the versions, newest first; the champion is marked."""
    with _opened(project, events) as (services, project_id):
        champion = services.registry.champion(project_id)
        models = services.registry.versions(project_id)
    for model in models:
        mark = "*" if champion and champion.version == model.version else " "
        print(f"{mark} {model.version:<28} {model.created_at:<26} {_score(model)}")
    if not models and project_id == EVENT_MODELS:
        print("no event model yet; train one with `pushoff train --clips DIR`")
    elif not models:
        print(
            f"no model in project {project_id} yet; label frames, then train one with "
            f"`pushoff retrain`. {WHERE_EVENTS}"
        )


@app.command("show")
def show(version: str = VERSION, project: int | None = PROJECT, events: bool = EVENTS) -> None:
    """Show one version: its training data, its score and the videos it was scored on."""
    with _opened(project, events) as (services, project_id):
        model = services.registry.get(project_id, version)
        card = services.registry.card(project_id, version, services.model_cache)
        history = services.registry.history(project_id)
    for name, value in asdict(card).items():
        if name != "scorecard" or project_id != EVENT_MODELS:
            print(f"{name:<20} {value}")
    if project_id == EVENT_MODELS:
        print(f"{'held_out':<20} {_score(model)}")
    for entry in history:
        if entry.version == version:
            print(f"{entry.kind + ' ' + entry.at:<20} {entry.reason}")


@app.command("promote")
def promote(version: str = VERSION, project: int | None = PROJECT, events: bool = EVENTS) -> None:
    """Make a version the champion; backends load it within two seconds."""
    with _opened(project, events) as (services, project_id):
        services.registry.get(project_id, version)
        _open_queue(services, project_id)
        champion = services.registry.champion(project_id)
        expected = champion.version if champion else None
        services.registry.promote(project_id, version, reason="promoted by hand", expected=expected)
        _update_suggestions(services, project_id, f"{version} promoted by hand")
    print(f"{version} is the champion; {_consequence(project_id)}")


@app.command("rollback")
def rollback(project: int | None = PROJECT, events: bool = EVENTS) -> None:
    """Make the previous champion the champion again, in Label Studio too."""
    with _opened(project, events) as (services, project_id):
        services.registry.previous_champion(project_id)
        _open_queue(services, project_id)
        model = services.registry.rollback(project_id)
        _update_suggestions(services, project_id, f"rolled back to {model.version}")
    print(f"{model.version} is the champion again; {_consequence(project_id)}")


@contextmanager
def _opened(project: int | None, events: bool) -> Iterator[tuple[Services, ProjectKey]]:
    """Services and whose models are meant; a failure also says where event models are."""
    with open_services() as services:
        try:
            project_id: ProjectKey = EVENT_MODELS if events else services.project(project)
        except (SettingWrong, Upstream) as error:
            raise SettingWrong(str(error), code=error.code, remedy=WHERE_EVENTS) from None
        try:
            yield services, project_id
        except NoSuchModel as error:
            if project_id == EVENT_MODELS:
                raise
            raise NoSuchModel(str(error), code=error.code, remedy=WHERE_EVENTS) from None


def _open_queue(services: Services, project_id: ProjectKey) -> None:
    """Connect to Redis before the champion changes, because Label Studio is updated afterwards.

    A command that failed in between would be repeated, and a second rollback goes further back.
    """
    if project_id != EVENT_MODELS:
        _ = services.queue


def _update_suggestions(services: Services, project_id: ProjectKey, reason: str) -> None:
    if project_id == EVENT_MODELS:
        enqueue_timeline_publishes(services, reason)
    else:
        services.queue.request.publish(project_id, reason=reason)


def _score(model: RegisteredModel) -> str:
    """The version's score on videos or sessions that were held out."""
    if model.held_out:
        return str(model.held_out)
    if model.project_id == EVENT_MODELS:
        return "no test score: trained on one athlete only"
    card = model.scorecard
    if not card:
        return "not scored"
    score = f"F1 {card.f1:.3f} on {card.footage} frames"
    if card.unaided_f1 is None or card.unaided_frames == card.frames:
        return score
    return (
        f"{score}; {card.unaided_f1:.3f} on the {card.unaided_frames} labelled without a suggestion"
    )


def _consequence(project_id: ProjectKey) -> str:
    """What follows a change of champion. Event models have no project in Label Studio."""
    if project_id == EVENT_MODELS:
        return "`pushoff analyze` and `pushoff evaluate` use it from now on"
    return "Label Studio is being updated"
