"""A scripted annotator who knows the truth and works through Label Studio as a browser does."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pushoff.services import Services
from pushoff.studio.label_config import LabelInterface
from pushoff.values import Label

Truth = Callable[[Mapping[str, Any]], Label | None]
"""From a task's data to what its frame shows; None where a person could not tell either."""


@dataclass(frozen=True)
class Annotated:
    """What one sitting brought."""

    labels: int
    push_offs: int
    skipped: int
    suggested: int
    """Tasks that came with a suggestion."""


def annotate(
    services: Services,
    project_id: int,
    interface: LabelInterface,
    truth: Truth,
    count: int,
    on_label: Callable[[int], None] = lambda done: None,
    seed: int = 0,
) -> Annotated:
    """Take `count` tasks in the order Label Studio serves them and answer each.

    Every other task is taken from the whole pool at random once suggestions exist, so that
    held-out sessions are not made of hard frames only.
    """
    draw = random.Random(seed)  # noqa: S311 — a choice of frames, no secret
    labels = push_offs = skipped = suggested = 0
    while labels + skipped < count:
        task = services.studio.get(f"/api/projects/{project_id}/next")
        if not task:
            break
        label = truth(task["data"])
        predictions = [one for one in task.get("predictions", []) if one.get("result")]
        suggested += bool(predictions)
        body: dict[str, Any] = {"lead_time": round(draw.uniform(0.8, 3.0), 2), "result": []}
        if label is None:
            body["was_cancelled"] = True
            skipped += 1
        else:
            body["result"] = [_region(interface, label)]
            labels += 1
            push_offs += label is Label.PUSH_OFF
        if predictions:
            body["parent_prediction"] = predictions[-1]["id"]
        services.studio.post(f"/api/tasks/{task['id']}/annotations/", body)
        on_label(labels + skipped)
    return Annotated(labels, push_offs, skipped, suggested)


def _region(interface: LabelInterface, label: Label) -> dict[str, Any]:
    return {
        "from_name": interface.from_name,
        "to_name": interface.to_name,
        "type": "choices",
        "value": {"choices": [interface.choices[label]]},
    }
