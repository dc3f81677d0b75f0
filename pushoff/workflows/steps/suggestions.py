"""The suggestion for each unlabelled frame: from its video's sequence, else from its picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.task_data import TaskFrame
from pushoff.values import Label, Suggestion
from pushoff.workflows.steps.champion import LoadedChampion
from pushoff.workflows.steps.video_predictions import video_predictions

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.model.model import PushOffModel

UNLIKE_LABELLED = "No suggestion: unlike everything labelled so far."


@dataclass(frozen=True)
class FrameSuggestion:
    """What is suggested for one frame, or why nothing is."""

    suggestion: Suggestion | None
    why_none: str = ""
    """A sentence for the annotator; empty where there is a suggestion, or no model at all."""


def suggestions(
    services: Services,
    champion: LoadedChampion,
    extractor: "FeatureExtractor",
    store: FeatureStore,
    frames: Sequence[TaskFrame],
) -> list[FrameSuggestion]:
    """N suggestions for N frames, all of which have features in `store`.

    A frame of a stored video gets what the decoded sequence says of it, any other frame what the
    picture head says; where that head has learnt nothing like it, there is none. Raises
    StorageFailed, ModelRefused.
    """
    found: list[FrameSuggestion | None] = [None] * len(frames)
    rows_of: dict[str, list[int]] = {}
    for row, frame in enumerate(frames):
        if frame.frame_index is not None:
            rows_of.setdefault(frame.video_id, []).append(row)
    for video_id, rows in sorted(rows_of.items()):
        predictions = video_predictions(services, champion, extractor, video_id)
        if predictions is None:
            continue
        for row in rows:
            suggestion = predictions.suggestion(frames[row].frame_index or 0)
            if suggestion is not None:
                found[row] = FrameSuggestion(suggestion)
    alone = [row for row in range(len(frames)) if found[row] is None]
    if champion.model is None:
        return [each or FrameSuggestion(None) for each in found]
    features, _ = store.rows([frames[row] for row in alone])
    for row, of_picture in zip(alone, of_pictures(champion.model, features[:, 0]), strict=True):
        found[row] = of_picture
    return [each or FrameSuggestion(None) for each in found]


def of_pictures(model: "PushOffModel", features: np.ndarray) -> list[FrameSuggestion]:
    """N suggestions of the picture head for (N, FEATURES) features of pictures alone."""
    if not len(features):
        return []
    probabilities = model.picture.probabilities(features)
    unknown = model.novelty_detector.novel_pictures(features)
    return [
        FrameSuggestion(None, UNLIKE_LABELLED)
        if novel
        else FrameSuggestion(
            Suggestion(Label(int(p >= model.picture.threshold)), round(float(p), 6))
        )
        for p, novel in zip(probabilities, unknown, strict=True)
    ]
