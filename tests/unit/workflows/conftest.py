"""A small fitted model, for the tests that only use it."""

import pytest

from pushoff.learning.model.model import PushOffModel
from tests.unit.learning.event_samples import known_videos, small_model


@pytest.fixture(scope="session")
def fitted_model() -> PushOffModel:
    """It learnt from the videos of three athletes; never changed by a test."""
    return small_model(known_videos("abc"))
