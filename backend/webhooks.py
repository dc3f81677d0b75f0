"""Label Studio's events: each becomes a mark in Redis at most, never more, within milliseconds.

An event is a hint. What it says about labels is never trusted; the retrain reads the export, and
the clock asks Label Studio for what a lost event would have told. Payloads hold tokens and
passwords: only the action and the decision are logged.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.label_studio_protocol import project_id

if TYPE_CHECKING:
    from pushoff.queue import JobQueue

log = logging.getLogger(__name__)

LABELLED = {"ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_CREATED"}
DELETED = {"ANNOTATION_DELETED", "ANNOTATIONS_DELETED"}
START_TRAINING = "START_TRAINING"
TASKS_CREATED = "TASKS_CREATED"
ACTIONS = LABELLED | DELETED | {START_TRAINING, TASKS_CREATED}


@dataclass(frozen=True)
class Event:
    """What we take from a payload."""

    action: str
    """One of ACTIONS, else `other`."""
    project_id: int | None
    labels: int
    """Labels it adds, changes or takes away; only those a person made count."""


@dataclass(frozen=True)
class Decision:
    """What was done about an event."""

    outcome: str
    status: int = 202
    body: Mapping[str, Any] = field(default_factory=dict)


def read_event(payload: Mapping[str, Any]) -> Event:
    """Takes every shape Label Studio sends, and anything else without complaint."""
    action = payload.get("action")
    action = action if isinstance(action, str) and action in ACTIONS else "other"
    annotations = _several(payload.get("annotation")) or _several(payload.get("annotations"))
    tasks = _several(payload.get("task")) or _several(payload.get("tasks"))
    ids = (project_id(one.get("project")) for one in (payload, *annotations[:1], *tasks[:1]))
    return Event(
        action,
        next((one for one in ids if one is not None), None),
        _changed(action, annotations),
    )


def _several(value: Any) -> list[Mapping[str, Any]]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, Mapping)]


def _changed(action: str, annotations: list[Mapping[str, Any]]) -> int:
    """How many labels an event adds, changes or takes away."""
    if action in DELETED:
        return len(annotations)
    return sum(map(_labels, annotations)) if action in LABELLED else 0


def _labels(annotation: Mapping[str, Any]) -> int:
    """One for a frame, one for each span of a video, and one for a video without any.

    None for what is skipped, empty, or a suggestion accepted in bulk, which takes no time.
    """
    in_bulk = annotation.get("parent_prediction") and annotation.get("lead_time") is None
    if not annotation.get("result") or annotation.get("was_cancelled") or in_bulk:
        return 0
    regions = _several(annotation["result"])
    return max(1, sum(one.get("type") == "timelinelabels" for one in regions))


@dataclass(frozen=True)
class WebhookHandler:
    """Acts on events. Every method raises QueueUnavailable when Redis does not answer."""

    queue: Callable[[], "JobQueue"]
    refit_every: int
    retrain_every: int
    retrain_delay_s: float

    def handle(self, event: Event) -> Decision:
        """Mark, count, ask: whatever the event calls for."""
        decision = self._decide(event)
        log.info("event %s, project %s: %s", event.action, event.project_id, decision.outcome)
        return decision

    def _decide(self, event: Event) -> Decision:
        if event.action == "other":
            return Decision("ignored", 200)
        if event.action == START_TRAINING:
            return self.start_training(event.project_id)
        if event.action == TASKS_CREATED:
            return self._new_tasks(event.project_id)
        if event.project_id is None:
            return Decision("left to the clock")
        return self._labelled(event, event.project_id)

    def start_training(self, project: int | None) -> Decision:
        """Somebody pressed the button, or saved with training on every annotation."""
        if project is None:
            return Decision("ignored", 202, {"status": "ignored: no project given"})
        queue = self.queue()
        request = queue.retrain.request(project, "asked for in Label Studio")
        body: dict[str, Any] = {"job": request.job_id, "status": "queued"}
        if request.already_running:
            body["status"] = "already running; one more run follows it"
            body["progress"] = queue.jobs.status(request.job_id).progress.as_dict()
        return Decision("running" if request.already_running else "retrain", 202, body)

    def _labelled(self, event: Event, project: int) -> Decision:
        if not event.labels:
            return Decision("no label changed")
        queue = self.queue()
        word = "counted"
        if queue.refit_labels.count_new_labels(project, event.labels) >= self.refit_every:
            queue.request.refit(project, f"{self.refit_every} new labels")
            word = "refit"
        if queue.retrain_labels.count_new_labels(project, event.labels) < self.retrain_every:
            return Decision(word)
        reason = f"{self.retrain_every} new labels"
        request = queue.retrain.request(project, reason, self.retrain_delay_s)
        return Decision("running" if request.already_running else "retrain")

    def _new_tasks(self, project: int | None) -> Decision:
        if project is None:
            return Decision("left to the clock")
        self.queue().request.publish(project, "new tasks")
        return Decision("publish")
