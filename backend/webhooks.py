"""Label Studio's webhook events: each becomes at most one change in Redis, within milliseconds.

An event is only a hint: the retrain reads the labels from an export, and the scheduler asks Label
Studio for labels whose event was lost. Payloads contain tokens and passwords, so only the action
and the outcome are logged.
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
OTHER = "other"


@dataclass(frozen=True)
class Event:
    """The parts of a payload that are used."""

    action: str
    """One of ACTIONS, or `other`."""
    project_id: int | None
    labels: int
    """Labels added, changed or deleted; only those made by people count."""


@dataclass(frozen=True)
class Decision:
    """What was done about an event."""

    outcome: str
    """`ignored`, `deferred`, `unchanged`, `counted`, `refit`, `retrain`, `running` or `publish`."""
    status: int = 202
    body: Mapping[str, Any] = field(default_factory=dict)


def read_event(payload: Mapping[str, Any]) -> Event:
    """Parse a payload of any of Label Studio's shapes; anything else gives `other`."""
    action = payload.get("action")
    action = action if isinstance(action, str) and action in ACTIONS else OTHER
    annotations = _as_list(payload.get("annotation")) or _as_list(payload.get("annotations"))
    tasks = _as_list(payload.get("task")) or _as_list(payload.get("tasks"))
    ids = (project_id(item.get("project")) for item in (payload, *annotations[:1], *tasks[:1]))
    return Event(
        action,
        next((number for number in ids if number is not None), None),
        _count_labels(action, annotations),
    )


def _as_list(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list or a single value."""
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, Mapping)]


def _count_labels(action: str, annotations: list[Mapping[str, Any]]) -> int:
    """Labels that an event adds, changes or deletes."""
    if action in DELETED:
        return len(annotations)
    return sum(map(_labels_in, annotations)) if action in LABELLED else 0


def _labels_in(annotation: Mapping[str, Any]) -> int:
    """One for a frame, one for each span of a video, and one for a video without any.

    Zero for skipped and empty annotations, and for suggestions accepted in bulk (no lead time).
    """
    in_bulk = annotation.get("parent_prediction") and annotation.get("lead_time") is None
    if not annotation.get("result") or annotation.get("was_cancelled") or in_bulk:
        return 0
    regions = _as_list(annotation["result"])
    return max(1, sum(region.get("type") == "timelinelabels" for region in regions))


@dataclass(frozen=True)
class WebhookHandler:
    """Acts on events. Every method raises QueueUnavailable if Redis is not available."""

    queue: Callable[[], "JobQueue"]
    refit_every: int
    retrain_every: int
    retrain_delay_s: float

    def handle(self, event: Event) -> Decision:
        """Count labels and request a refit, a retrain or a publication."""
        decision = self._decide(event)
        log.info("event %s, project %s: %s", event.action, event.project_id, decision.outcome)
        return decision

    def _decide(self, event: Event) -> Decision:
        if event.action == OTHER:
            return Decision("ignored", 200)
        if event.action == START_TRAINING:
            return self.start_training(event.project_id)
        if event.project_id is None:  # the scheduler finds out from Label Studio
            return Decision("deferred")
        if event.action == TASKS_CREATED:
            self.queue().request.publish(event.project_id, "new tasks")
            return Decision("publish")
        return self._labelled(event.labels, event.project_id)

    def start_training(self, project: int | None) -> Decision:
        """Request a retrain: a button was pressed, or `train on submit` is set."""
        if project is None:
            return Decision("ignored", 202, {"status": "ignored: no project given"})
        queue = self.queue()
        request = queue.retrain.request(project, "requested in Label Studio")
        body: dict[str, Any] = {"job": request.job_id, "status": "queued"}
        if request.already_running:
            body["status"] = "already running; one more run will follow"
            body["progress"] = queue.jobs.status(request.job_id).progress.as_dict()
        return Decision("running" if request.already_running else "retrain", 202, body)

    def _labelled(self, labels: int, project: int) -> Decision:
        if not labels:
            return Decision("unchanged")
        queue = self.queue()
        outcome = "counted"
        if queue.refit_labels.count_new_labels(project, labels) >= self.refit_every:
            queue.request.refit(project, f"{self.refit_every} new labels")
            outcome = "refit"
        if queue.retrain_labels.count_new_labels(project, labels) < self.retrain_every:
            return Decision(outcome)
        reason = f"{self.retrain_every} new labels"
        request = queue.retrain.request(project, reason, self.retrain_delay_s)
        return Decision("running" if request.already_running else "retrain")
