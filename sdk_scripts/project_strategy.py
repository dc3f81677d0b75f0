"""`pushoff project strategy`: list or choose the query strategy of a project."""

import typer

from pushoff.errors import BadInput
from pushoff.services import open_services

DEFAULT_WORD = "default"


def strategy(
    name: str = typer.Argument(
        "", help=f"Name of a strategy, or `{DEFAULT_WORD}`; default: list them."
    ),
    project: int | None = typer.Option(None, help="Label Studio project."),
) -> None:
    """List the strategies, or choose one for this project and update its queue."""
    from pushoff.active.queue import STRATEGIES
    from pushoff.storage.project_strategy import load_strategy, save_strategy
    from pushoff.studio.config.timeline import TimelineInterface

    if name and name != DEFAULT_WORD and name not in STRATEGIES:
        raise BadInput(
            f"There is no strategy {name!r}: use one of {', '.join(STRATEGIES)}.",
            code="unknown_strategy",
        )
    with open_services() as services:
        project_id = services.project(project)
        if isinstance(services.interface(project_id), TimelineInterface):
            raise BadInput(
                f"Project {project_id} labels whole videos: its queue is always ordered by "
                "certainty, least certain video first."
            )
        if name:
            queue = services.queue  # fails here, before anything is saved
            own = None if name == DEFAULT_WORD else name
            save_strategy(services.storage, project_id, own)
            queue.request.publish(project_id, reason=f"strategy {name}")
        chosen = load_strategy(services.storage, project_id)
        used, source = strategy_in_use(chosen, services.settings.strategy)
    if name:
        print(f"project {project_id} uses {used} ({source}); its queue is being updated")
        return
    for known in STRATEGIES:
        print(f"* {known}  ({source})" if known == used else f"  {known}")


def strategy_in_use(chosen: str | None, setting: str) -> tuple[str, str]:
    """The strategy, and where it comes from: the project's own, else the setting, else the
    default."""
    from pushoff.active.queue import BEFORE_A_MODEL, DEFAULT

    if chosen:
        return chosen, "set for this project"
    if setting:
        return setting, "PUSHOFF_STRATEGY"
    return DEFAULT, f"default; {BEFORE_A_MODEL} until there is a model"
