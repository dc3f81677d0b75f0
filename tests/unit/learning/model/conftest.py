"""A fitted model, for the tests that only use it."""

from dataclasses import replace

import pytest

from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.out_of_distribution import NoveltyDetector
from tests.unit.learning.event_samples import known_videos, small_model


@pytest.fixture(scope="module")
def fitted_model() -> PushOffModel:
    """A small one that knows two videos, with a limit of what is unlike them."""
    model = small_model(known_videos("ab"))
    return replace(model, novelty_detector=NoveltyDetector(model.novelty_detector.frames, 1.5))
