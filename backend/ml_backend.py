"""The model this service offers: a LabelStudioMLBase. Door: label_studio_ml.

Our own server runs it for /predict; the upstream runner can host it as well
(`label_studio_ml.api.init_app(PushoffModel)`). Importing this module imports torch.
"""

import time
from collections.abc import Sequence
from typing import Any

from label_studio_ml.model import LabelStudioMLBase

from backend.label_studio_protocol import project_id, project_of
from backend.prediction import DEADLINE_S
from backend.state import AppState, default_state
from backend.timeline_prediction import predict_videos
from backend.webhooks import ACTIONS, read_event
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.config.timeline import TimelineInterface


class PushoffModel(LabelStudioMLBase):
    """Says of each task's image whether it shows a push-off, or of its video where they are."""

    TRAIN_EVENTS = tuple(sorted(ACTIONS))
    """What the upstream runner passes on to `fit`."""

    def __init__(
        self,
        label_config: str | None = None,
        train_output: dict[str, Any] | None = None,
        state: AppState | None = None,
        **_ignored: Any,
    ) -> None:
        """`label_config` says how the labels are spelt. Raises LabelConfigWrong.

        `state` is the process's own; None opens one from the environment's settings. The host
        name and token Label Studio offers are not kept: we have our own.
        """
        self.interface = parse_label_config(label_config) if label_config is not None else None
        super().__init__(label_config=None, train_output=train_output)
        self.label_config = label_config
        self._state = state

    @property
    def state(self) -> AppState:
        """What the model works with."""
        self._state = self._state or default_state()
        return self._state

    def predict(
        self,
        tasks: Sequence[Any],
        project: Any = None,
        deadline: float | None = None,
        **_ignored: Any,
    ) -> list[dict[str, Any]]:
        """Exactly one item per task, in order, in Label Studio's format.

        `project` is the request's; without it the first task's is used. `deadline` is in monotonic
        seconds; None gives 80 s from now.
        """
        tasks = list(tasks)
        if self.interface is None:
            self.interface = parse_label_config("")
        if isinstance(self.interface, TimelineInterface):
            return predict_videos(self.state.storage, tasks, self.interface, self.state.metrics)
        return self.state.predictor.predict(
            project_of({"project": project}, tasks),
            tasks,
            self.interface,
            time.monotonic() + DEADLINE_S if deadline is None else deadline,
        )

    def fit(
        self,
        tasks: Sequence[Any] = (),
        workdir: str | None = None,
        event: str = "START_TRAINING",
        data: dict[str, Any] | None = None,
        **_ignored: Any,
    ) -> dict[str, Any]:
        """Ask the worker to learn from the labels, as the event calls for. Trains nothing here."""
        payload = {**(data or {}), "action": event}
        project = project_id(payload.get("project")) or project_of({}, list(tasks))
        decision = self.state.webhooks.handle(read_event({**payload, "project": project}))
        return {"decision": decision.outcome, **decision.body}
