"""The registry from the command line: what there is, what serves, and how to change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import typer

from pushoff.errors import NoSuchModel, SettingWrong, Upstream
from pushoff.learning.registry.registry import EVENTS
from pushoff.learning.registry.versions import RegisteredModel
from pushoff.services import Services, open_services
from sdk_scripts.jobs import refresh_videos

WHERE_EVENTS = f"Event models, made by `pushoff train`, are found with --project {EVENTS}."
app = typer.Typer(
    no_args_is_help=True,
    help=f"Model versions: list, show, promote, roll back. {WHERE_EVENTS}",
)
PROJECT = typer.Option(
    None, help=f"Label Studio project; {EVENTS}: the event models that `pushoff train` makes."
)


@app.command("list")
def list_models(project: int | None = PROJECT) -> None:
    """List the versions, newest first; the champion is marked."""
    with _opened(project) as (services, project_id):
        champion = services.registry.champion(project_id)
        models = services.registry.list(project_id)
    for model in models:
        mark = "*" if champion and champion.version == model.version else " "
        print(f"{mark} {model.version:<28} {model.created_at:<26} {_worth(model)}")
    if not models and project_id == EVENTS:
        print("no event model yet: `pushoff train --clips DIR` makes one")
    elif not models:
        print(
            f"no model in project {project_id} yet: label frames, then `pushoff retrain` makes "
            f"one. {WHERE_EVENTS}"
        )


@app.command("show")
def show(
    version: str = typer.Argument(help="Version, as `pushoff models list` prints it."),
    project: int | None = PROJECT,
) -> None:
    """Show one version: its training data and its score on which sessions."""
    with _opened(project) as (services, project_id):
        model = services.registry.show(project_id, version)
        card = services.registry.card(project_id, version, services.model_cache)
        history = services.registry.history(project_id)
    for name, value in asdict(card).items():
        if name != "scorecard" or project_id != EVENTS:
            print(f"{name:<20} {value}")
    if project_id == EVENTS:
        print(f"{'held_out':<20} {_worth(model)}")
    for entry in history:
        if entry.version == version:
            print(f"{entry.kind + ' ' + entry.at:<20} {entry.reason}")


@app.command("promote")
def promote(
    version: str = typer.Argument(help="Version, as `pushoff models list` prints it."),
    project: int | None = PROJECT,
) -> None:
    """Make a version the champion; backends load it within two seconds."""
    with _opened(project) as (services, project_id):
        services.registry.show(project_id, version)
        # opened before anything changes: Label Studio must be re-pointed after
        queue = services.queue if project_id != EVENTS else None
        champion = services.registry.champion(project_id)
        expected = champion.version if champion else None
        services.registry.promote(project_id, version, reason="promoted by hand", expected=expected)
        if queue:
            queue.ask_publish(project_id, reason=f"{version} promoted by hand")
        else:
            refresh_videos(services, f"{version} promoted by hand")
    print(f"{version} serves now; {_who(project_id)}")


@app.command("rollback")
def rollback(project: int | None = PROJECT) -> None:
    """Make the previous champion the champion again, in Label Studio too."""
    with _opened(project) as (services, project_id):
        services.registry.way_back(project_id)
        # opened before anything changes: a second rollback would go further back
        queue = services.queue if project_id != EVENTS else None
        model = services.registry.rollback(project_id)
        if queue:
            queue.ask_publish(project_id, reason=f"rolled back to {model.version}")
        else:
            refresh_videos(services, f"rolled back to {model.version}")
    print(f"{model.version} serves again; {_who(project_id)}")


@contextmanager
def _opened(project: int | None) -> Iterator[tuple[Services, int]]:
    """Services and the project meant; who looks for event models in another one is told where."""
    with open_services() as services:
        try:
            project_id = services.project(project)
        except (SettingWrong, Upstream) as error:
            raise SettingWrong(f"{error} {WHERE_EVENTS}") from None
        try:
            yield services, project_id
        except NoSuchModel as error:
            raise NoSuchModel(
                f"{error}. {WHERE_EVENTS}" if project_id != EVENTS else str(error)
            ) from None


def _worth(model: RegisteredModel) -> str:
    """What the version was worth on videos or sessions it had not seen."""
    if model.held_out:
        return str(model.held_out)
    if model.project_id == EVENTS:
        return "nothing held out: it learnt from one athlete only"
    card = model.scorecard
    if not card:
        return "not scored"
    alone = f"; {card.unaided_f1:.3f} on the {card.unaided_frames} labelled without a suggestion"
    told_apart = card.unaided_f1 is not None and card.unaided_frames < card.frames
    return f"F1 {card.f1:.3f} on {card.footage} frames{alone if told_apart else ''}"


def _who(project_id: int) -> str:
    """Who takes up the new champion. Event models have no project in Label Studio."""
    if project_id == EVENTS:
        return "`pushoff analyze` and `pushoff evaluate` use it from now on"
    return "Label Studio is being re-pointed"
