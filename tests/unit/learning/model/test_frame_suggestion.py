"""What a model suggests for pictures alone."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.model.frame_suggestion import (
    UNLIKE_LABELLED,
    FrameSuggestion,
    suggest_pictures,
)
from pushoff.learning.model.out_of_distribution import NoveltyDetector
from pushoff.values import Label
from tests.models import tiny_model

PICTURES = np.random.default_rng(1).normal(0, 1, (6, FEATURES)).astype(np.float16)


def test_the_likelier_label_is_suggested():
    """The probability is the picture head's, whatever the label."""
    model = tiny_model()
    probabilities = model.picture.probabilities(PICTURES)
    assert probabilities.min() < 0.5 < probabilities.max()
    for suggested, probability in zip(
        suggest_pictures(model, PICTURES), probabilities, strict=True
    ):
        suggestion = suggested.suggestion
        assert suggestion.probability == pytest.approx(probability, abs=1e-6)
        assert suggestion.label is Label(int(probability >= 0.5))
        assert suggested.why_none == ""


def test_pictures_unlike_everything_learnt_have_no_suggestion():
    """The others do."""
    detector = NoveltyDetector(np.zeros((1, FEATURES), np.float16), None, frame_limit=1.0)
    model = dataclasses.replace(tiny_model(), novelty_detector=detector)
    like = np.zeros((1, FEATURES), np.float16)
    known, unknown = suggest_pictures(model, np.concatenate([like, PICTURES[:1]]))
    assert known.suggestion is not None
    assert unknown == FrameSuggestion(None, UNLIKE_LABELLED)


def test_no_pictures_have_no_suggestions():
    """Features of nothing may have any width."""
    assert suggest_pictures(tiny_model(), np.zeros((0, 0), np.float16)) == []


def test_the_module_loads_no_torch():
    """The backend's health answers before torch is imported."""
    code = "import sys, pushoff.learning.model.frame_suggestion; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[4]
    )
    assert done.stdout.strip() == "False", done.stderr
