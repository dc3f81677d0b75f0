"""Labelled videos become features with labels."""

import numpy as np
import pytest

from pushoff.active.simulation.replay_data import clips_set
from pushoff.events.ground_truth import load_ground_truths
from pushoff.learning.features.feature_extractor import load_feature_extractor
from pushoff.synthetic.render import random_spec, render_drills

SIZE_PX = 32


@pytest.fixture(scope="module")
def backbone():
    """Random weights, small pictures."""
    return load_feature_extractor("resnet18", "none", SIZE_PX)[0]


def clips(folder, rate):
    spec = random_spec(3, capture_fps=rate, file_fps=None, push_offs=3, approach_steps=0)
    render_drills(folder, [spec])
    return {
        path.name: (path, truth, float(rate)) for path, truth in load_ground_truths(folder).items()
    }


def test_a_whole_video_has_its_push_offs_and_neighbours(backbone, tmp_path):
    """At 30/s one frame of each push-off is one; the head sees five frames, the middle one itself,
    and the video's truth comes along for event scores."""
    named = clips(tmp_path, 30)
    (_, truth, _) = named["synthetic-000.mp4"]
    data = clips_set("drills", named, backbone)
    found = data.frames[data.labels == 1].tolist()
    assert found and set(found) <= set(truth.push_off_frames)
    width = data.features.shape[1]
    assert (len(data), 5 * width) == data.head_features.shape
    assert np.array_equal(data.features, data.head_features[:, 2 * width : 3 * width])
    assert np.array_equal(data.features[:-1], data.head_features[1:, width : 2 * width])
    assert {"synthetic-000.mp4": truth} == dict(data.videos) and "synthetic" == data.footage
    assert (np.diff(data.times_s) > 0).all() and {truth.athlete} == set(data.groups)


def test_a_fast_video_gives_the_frames_ingesting_would(backbone, tmp_path):
    """At 120/s so many frames as asked for at most, each judged alone, and no event score."""
    data = clips_set("drills", clips(tmp_path, 120), backbone, frames_per_clip=20)
    assert 0 < len(data) <= 20 and not data.videos
    assert np.array_equal(data.features, data.head_features)
