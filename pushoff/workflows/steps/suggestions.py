"""The suggestion for each unlabelled frame: from its video's sequence, else from its picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pushoff.learning.model.frame_suggestion import (
    NOBODY_FOUND,
    FrameSuggestion,
    suggest_pictures,
)
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.task_data import TaskFrame
from pushoff.workflows.steps.champion import LoadedChampion
from pushoff.workflows.steps.data.extract_features import rows_without_athlete
from pushoff.workflows.steps.video_predictions import video_predictions

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor


def suggestions(
    services: Services,
    champion: LoadedChampion,
    extractor: "FeatureExtractor",
    store: FeatureStore,
    frames: Sequence[TaskFrame],
) -> list[FrameSuggestion]:
    """N suggestions for N frames, all of which have features in `store`.

    A frame of a stored video gets what was found in its video, by the sequence head or where there
    is none by the pose rules. Any other frame, and those of a video in which the rules see nobody,
    gets what the picture head says; where that head has learnt nothing like it, or no athlete was
    found, there is none. Raises StorageFailed, ModelRefused.
    """
    from pushoff.learning.starter import RULES

    found: list[FrameSuggestion | None] = [None] * len(frames)
    rows_of: dict[str, list[int]] = {}
    for row, frame in enumerate(frames):
        if frame.frame_index is not None:
            rows_of.setdefault(frame.video_id, []).append(row)
    for video_id, rows in sorted(rows_of.items()):
        predictions = video_predictions(services, champion, extractor, video_id)
        if predictions is None:
            continue
        by_rules = predictions.version == RULES
        for row in rows:
            suggestion = predictions.suggestion(frames[row].frame_index or 0)
            if suggestion is not None:
                found[row] = FrameSuggestion(suggestion, by_rules=by_rules)
    alone = [row for row in range(len(frames)) if found[row] is None]
    pictures = [frames[row] for row in alone]
    if champion.model:
        features, _ = store.rows(pictures)
        for row, of_picture in zip(alone, suggest_pictures(champion.model, features), strict=True):
            found[row] = of_picture
    for position in rows_without_athlete(store, pictures):
        found[alone[position]] = NOBODY_FOUND
    return [each or FrameSuggestion(None) for each in found]
