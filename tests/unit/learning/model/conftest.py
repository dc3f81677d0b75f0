"""A fitted event model, for the tests that only use it."""

import pytest

from pushoff.learning.heads.fit_sequence import fit_event_model
from pushoff.learning.model.out_of_distribution import NoveltyDetector, fit_novelty_detector
from pushoff.learning.model.sequence_head import EventModel
from tests.unit.learning.event_samples import CONFIG, known_videos, small_extractor


@pytest.fixture(scope="module")
def event_model() -> EventModel:
    """A small one that knows two videos."""
    videos = known_videos(["a", "b"])
    event_model = fit_event_model(small_extractor(), videos, CONFIG)
    frames = fit_novelty_detector(
        [(video.split_group, video.example.features) for video in videos]
    ).frames
    event_model.novelty_detector = NoveltyDetector(frames, 1.5)
    return event_model
