"""The registry from the command line: what there is, what serves, and how to change it."""

from dataclasses import asdict

import typer

from pushoff.learning.registry import EVENTS
from pushoff.services import open_services

app = typer.Typer(no_args_is_help=True, help="Model versions: list, show, promote, roll back.")
PROJECT = typer.Option(None, help="Label Studio project; 0 for the event models of labelled clips.")


@app.command("list")
def list_models(project: int | None = PROJECT) -> None:
    """Every version, newest first; the champion is marked."""
    with open_services() as services:
        project_id = services.project(project)
        champion = services.registry.champion(project_id)
        for model in services.registry.list(project_id):
            mark = "*" if champion and champion.version == model.version else " "
            card = model.scorecard
            score = f"F1 {card.f1:.3f} on {card.footage} frames" if card else "not scored"
            print(f"{mark} {model.version:<28} {model.created_at:<26} {score}")


@app.command("show")
def show(version: str, project: int | None = PROJECT) -> None:
    """One version's card: what it was trained on and how it did on which sessions."""
    with open_services() as services:
        project_id = services.project(project)
        card = services.registry.card(project_id, version, services.model_cache)
        history = services.registry.history(project_id)
    for name, value in asdict(card).items():
        print(f"{name:<20} {value}")
    for entry in history:
        if entry.version == version:
            print(f"{entry.kind + ' ' + entry.at:<20} {entry.reason}")


@app.command("promote")
def promote(version: str, project: int | None = PROJECT) -> None:
    """Make a version the champion by hand; backends follow within two seconds."""
    with open_services() as services:
        project_id = services.project(project)
        # opened before anything changes: Label Studio must be re-pointed after
        queue = services.queue if project_id != EVENTS else None
        champion = services.registry.champion(project_id)
        expected = champion.version if champion else None
        services.registry.promote(project_id, version, reason="promoted by hand", expected=expected)
        if queue:
            queue.ask_publish(project_id, reason=f"{version} promoted by hand")
    print(f"{version} serves now; {_who(project_id)}")


@app.command("rollback")
def rollback(project: int | None = PROJECT) -> None:
    """Serve the champion before this one again, in Label Studio too."""
    with open_services() as services:
        project_id = services.project(project)
        # opened before anything changes: a second rollback would go further back
        queue = services.queue if project_id != EVENTS else None
        model = services.registry.rollback(project_id)
        if queue:
            queue.ask_publish(project_id, reason=f"rolled back to {model.version}")
    print(f"{model.version} serves again; {_who(project_id)}")


def _who(project_id: int) -> str:
    """Who takes up the new champion. Event models have no project in Label Studio."""
    if project_id == EVENTS:
        return "`pushoff analyze` and `pushoff evaluate` use it from now on"
    return "Label Studio is being re-pointed"
