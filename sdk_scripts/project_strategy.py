"""Which frames come first in a project's queue: show, choose, take back."""

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
    from pushoff.active.queue import DEFAULT, STRATEGIES
    from pushoff.storage.project_strategy import load_strategy, save_strategy
    from pushoff.studio.config.timeline import TimelineInterface

    if name and name != DEFAULT_WORD and name not in STRATEGIES:
        raise BadInput(f"There is no strategy {name!r}. There are {', '.join(STRATEGIES)}.")
    with open_services() as services:
        project_id = services.project(project)
        if isinstance(services.interface(project_id), TimelineInterface):
            raise BadInput(
                f"Project {project_id} labels whole videos: the least certain video comes first, "
                "and no strategy changes that."
            )
        if name:
            queue = services.queue  # opened before anything changes
            own = None if name == DEFAULT_WORD else name
            save_strategy(services.storage, project_id, own)
            queue.ask_publish(project_id, reason=f"strategy {name}")
        chosen = load_strategy(services.storage, project_id)
        used = chosen or services.settings.strategy or DEFAULT
    if name:
        print(f"project {project_id}: {used} from now on; the queue is being updated")
        return
    for one in STRATEGIES:
        whose = "this project's own" if chosen else "the service's"
        print(f"{'*' if one == used else ' '} {one}{f'  ({whose})' if one == used else ''}")
