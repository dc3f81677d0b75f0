"""One version: videos by the sequence head, pictures by the picture head."""

from dataclasses import replace

import numpy as np

from tests.unit.learning.event_samples import known, video_of


def test_videos_are_answered_by_the_sequence_head(model, head):
    """None where the version learnt from pictures alone."""
    video = video_of(known(4), seed=9)
    found = model.predict_video(video)
    assert np.array_equal(found.probabilities, head.predict(video).probabilities)
    assert replace(model, sequence=None).predict_video(video) is None


def test_pictures_are_answered_by_the_picture_head(model):
    """As many probabilities as pictures, those of their features; none for none."""
    crops = np.random.default_rng(1).integers(0, 256, (3, 64, 64, 3), np.uint8)
    p = model.predict_pictures(crops)
    assert np.array_equal(p, model.picture.probabilities(model.extractor.extract(crops)))
    assert ((p > 0) & (p < 1)).all() and len(p) == 3
    assert (0,) == model.predict_pictures(crops[:0]).shape
