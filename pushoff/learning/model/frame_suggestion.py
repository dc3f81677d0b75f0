"""What is suggested for a frame, by a model for a picture alone, or why nothing.

No torch at import. Publishing and `/predict` use the same functions, so one picture and one version
have one answer.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pushoff.values import Label, Suggestion

if TYPE_CHECKING:
    from pushoff.learning.model.model import PushOffModel

UNLIKE_LABELLED = "No suggestion: unlike everything labelled so far."
NO_ATHLETE = "No suggestion: no athlete was found in the picture."
DECIMALS = 6
"""Of a picture's probability."""
SUGGESTED_FROM = 0.5
"""Probability of a picture from which push_off is suggested: it is the likelier label then. Of 84
such suggestions on other clips of the place that was learnt from, 54 were right (0.64)."""


@dataclass(frozen=True)
class FrameSuggestion:
    """What is suggested for one frame, or why nothing is."""

    suggestion: Suggestion | None
    why_none: str = ""
    """A sentence for the annotator; empty where there is a suggestion, or no model at all."""
    by_rules: bool = False
    """The pose rules suggest it, not the model."""
    nobody: bool = False
    """No athlete was found in the picture, so nothing can be learnt from its label either."""


NOBODY_FOUND = FrameSuggestion(None, NO_ATHLETE, nobody=True)
"""Of a picture in which no athlete was found."""


def suggest_pictures(model: "PushOffModel", features: np.ndarray) -> list[FrameSuggestion]:
    """N suggestions of the picture head for (N, FEATURES) features of pictures alone.

    None for a picture unlike everything that was learnt from.
    """
    if not len(features):
        return []
    probabilities = model.picture.probabilities(features)
    novel = model.novelty_detector.novel_pictures(features)
    return [
        FrameSuggestion(None, UNLIKE_LABELLED)
        if is_novel
        else FrameSuggestion(_suggestion(float(probability)))
        for probability, is_novel in zip(probabilities, novel, strict=True)
    ]


def _suggestion(probability: float) -> Suggestion:
    return Suggestion(Label(int(probability >= SUGGESTED_FROM)), round(probability, DECIMALS))
