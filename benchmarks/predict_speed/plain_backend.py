"""The served model behind label_studio_ml's own server, written as its examples are.

Every request reads its images, crops them and runs the network by itself. `gunicorn
benchmarks.predict_speed.plain_backend:app` serves the model files in the folder PLAIN_MODEL.
"""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from label_studio_ml.api import init_app
from label_studio_ml.model import LabelStudioMLBase

from backend.label_studio_protocol import prediction_item, read_task
from pushoff.learning.model.frame_suggestion import suggest_pictures
from pushoff.learning.model.model_file import load_model
from pushoff.studio.config.label_config import parse_label_config, require_frame_interface
from pushoff.studio.media.images import decode_image
from pushoff.video.event_inputs import athlete_crop

MODEL = load_model(Path(os.environ["PLAIN_MODEL"]))


class PlainModel(LabelStudioMLBase):
    """One picture after the other."""

    def __init__(self, label_config: str | None = None, **_ignored: Any) -> None:
        self.interface = require_frame_interface(parse_label_config(label_config or ""))
        super().__init__(label_config=None)
        self.label_config = label_config
        self.model_version = "plain"

    def predict(self, tasks: Sequence[Any], **_ignored: Any) -> list[dict[str, Any]]:
        """One item for each task."""
        return [self._predict(task) for task in tasks]

    def _predict(self, task: Any) -> dict[str, Any]:
        frame = read_task(task, self.interface.image_key).frame
        _, _, encoded = frame.image.partition(",")
        pixels = decode_image(base64.b64decode(encoded), 50_000_000)
        crop = athlete_crop(pixels, frame.box, MODEL.extractor.size_px)
        features = MODEL.extractor.extract(np.stack([crop]))
        [suggestion] = suggest_pictures(MODEL, features)
        return prediction_item(self.interface, suggestion, "plain")


app = init_app(PlainModel, model_dir=os.environ["PLAIN_MODEL"])
