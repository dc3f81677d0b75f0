"""Training of one event model."""

import dataclasses

import pytest

from pushoff.errors import TooFewLabels
from pushoff.learning.event.fit_head import TrainingExample
from pushoff.learning.event.fit_model import LabelledVideo, fit_event_model
from pushoff.learning.event.targets import frame_targets_from_labels
from pushoff.learning.event.training import (
    train_and_evaluate,
)
from pushoff.values import Label
from tests.unit.learning.event_samples import CONFIG, known, known_videos, small_extractor, video_of
from tests.unit.learning.learning_samples import refused

TRUTH = known(4)
FEW = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=12))


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def labelled(name, group, seed=50):
    """A video of which an annotator labelled some frames and nobody knows the events."""
    truth = known(10)
    video = video_of(truth, seed)
    words = [(video.times_s[f], Label.PUSH_OFF) for f in truth.push_off_frames]
    others = (by + f for f in truth.push_off_frames for by in (-6, -2, 1, 4))
    words += [(video.times_s[frame], Label.NOT_PUSH_OFF) for frame in others]
    return LabelledVideo(
        name, group, TrainingExample(video, frame_targets_from_labels(video.times_s, words)), None
    )


def test_videos_without_a_push_off_teach_nothing(extractor):
    """The sentence counts them."""
    with refused(TooFewLabels, "no_push_off"):
        fit_event_model(extractor, known_videos(["b"], count=0), FEW)
    with pytest.raises(TooFewLabels):
        fit_event_model(extractor, [], FEW)


def test_labelled_frames_alone_make_a_model(extractor):
    """A Label Studio export teaches push-offs; such videos are never scored."""
    recipe = dataclasses.replace(CONFIG, fit=dataclasses.replace(CONFIG.fit, steps=200))
    videos = [labelled(name, name, seed) for seed, name in enumerate("stu", 50)]
    event_model, score = train_and_evaluate(extractor, videos, recipe, tolerance_frames=1)
    assert (None, "peaks") == (score, event_model.settings.spotting.decoder)
    found = {one.frame for one in event_model.find_events(video_of(TRUTH, seed=9))}
    assert set(TRUTH.push_off_frames) <= found
