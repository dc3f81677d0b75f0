"""Training of one event model."""

import dataclasses

import pytest

from pushoff.errors import TooFewLabels
from pushoff.learning.heads.fit_sequence import fit_event_model
from pushoff.learning.heads.training import (
    train_and_evaluate,
)
from tests.unit.learning.event_samples import (
    CONFIG,
    frame_labelled_video,
    known,
    known_videos,
    small_extractor,
    video_of,
)
from tests.unit.learning.learning_samples import refused

TRUTH = known(4)
FEW = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=12))


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def test_videos_without_a_push_off_are_refused(extractor):
    """Nothing can be trained."""
    with refused(TooFewLabels, "no_push_off"):
        fit_event_model(extractor, known_videos(["b"], count=0), FEW)
    with pytest.raises(TooFewLabels):
        fit_event_model(extractor, [], FEW)


def test_labelled_frames_alone_make_a_model(extractor):
    """A Label Studio export is enough for training; such videos are never scored."""
    recipe = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=200))
    videos = [frame_labelled_video(name, name, seed) for seed, name in enumerate("stu", 50)]
    event_model, score = train_and_evaluate(extractor, videos, recipe, tolerance_frames=1)
    assert (None, "peaks") == (score, event_model.settings.spotting.decoder)
    found = {one.frame for one in event_model.find_events(video_of(TRUTH, seed=9))}
    assert set(TRUTH.push_off_frames) <= found
