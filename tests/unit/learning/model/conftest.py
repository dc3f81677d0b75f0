"""A fitted model, for the tests that only use it; never changed by a test."""

from dataclasses import replace

import pytest

from pushoff.learning.heads.fit_model import fit_model
from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.out_of_distribution import NoveltyDetector
from pushoff.learning.model.sequence_head import SequenceHead
from tests.unit.learning.event_samples import (
    FIT,
    known_videos,
    lone_pictures,
    small_extractor,
    training_data_of,
)
from tests.unit.learning.learning_samples import card


@pytest.fixture(scope="session")
def model() -> PushOffModel:
    """A small one that knows two videos without landmarks, and four lone pictures."""
    data = training_data_of(known_videos("ab"), lone_pictures([0, 1, 0, 1], [0, 0, 1, 1]))
    fitted = fit_model(small_extractor(), data, card(size_px=64), FIT)
    known = fitted.novelty_detector
    detector = NoveltyDetector(known.frames, 1.5, 2.5, known.pictures)
    return replace(fitted, novelty_detector=detector)


@pytest.fixture(scope="session")
def head(model: PushOffModel) -> SequenceHead:
    """The sequence head of the model."""
    assert model.sequence is not None
    return model.sequence
