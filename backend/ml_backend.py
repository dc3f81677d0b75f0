"""The ML backend of Label Studio, as a LabelStudioMLBase. Door: label_studio_ml.

Our server uses it for /predict; label_studio_ml's own server can run it too
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
    """Pre-annotates tasks: push_off or not for an image, spans of push-offs for a video."""

    TRAIN_EVENTS = tuple(sorted(ACTIONS))
    """The events that label_studio_ml's server passes to `fit`."""

    def __init__(
        self,
        label_config: str | None = None,
        train_output: dict[str, Any] | None = None,
        state: AppState | None = None,
        **_ignored: Any,
    ) -> None:
        """Read the spelling of the labels from `label_config`. Raises LabelConfigWrong.

        `state` is that of the process; None opens one from the settings of the environment. The
        host name and token that Label Studio sends are ignored: the settings have them.
        """
        self.interface = parse_label_config(label_config) if label_config is not None else None
        super().__init__(label_config=None, train_output=train_output)
        self.label_config = label_config
        self._state = state

    @property
    def state(self) -> AppState:
        """The state of the process."""
        self._state = self._state or default_state()
        return self._state

    def predict(
        self,
        tasks: Sequence[Any],
        deadline: float | None = None,
        **_ignored: Any,
    ) -> list[dict[str, Any]]:
        """Exactly one item per task, in order, in Label Studio's format.

        `deadline` is in monotonic seconds, by default 80 s from now.
        """
        tasks = list(tasks)
        if self.interface is None:
            self.interface = parse_label_config("")
        if isinstance(self.interface, TimelineInterface):
            return predict_videos(self.state.storage, tasks, self.interface, self.state.metrics)
        return self.state.predictor.predict(
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
        """Handle an event: request a refit or a retrain. Nothing is trained in this process."""
        payload = {**(data or {}), "action": event}
        project = project_id(payload.get("project")) or project_of(tasks)
        decision = self.state.webhooks.handle(read_event({**payload, "project": project}))
        return {"decision": decision.outcome, **decision.body}
