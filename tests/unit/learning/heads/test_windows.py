"""Training windows of temporal heads."""

import dataclasses

import numpy as np
import pytest
import torch

from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.features.video_features import VIEWS
from pushoff.learning.heads.head_config import HeadConfig
from pushoff.learning.heads.targets import UNKNOWN
from pushoff.learning.heads.windows import WindowPlan, draw_windows, interleaved, load_windows
from pushoff.learning.model.temporal_head import HeadShape, TemporalHead
from tests.unit.learning.event_samples import (
    examples,
    frame_labelled_video,
    known_video,
    known_videos,
)

CONFIG = HeadConfig(steps=20, batch=8, window=16)


@pytest.mark.parametrize("step", [1, 4])
def test_every_augmentation_is_interleaved_videos(step):
    """One for each phase, with every `step`-th frame; together they weigh as one video."""
    [example] = examples(known_videos("a", step=step))
    videos = interleaved([example], CONFIG)
    assert len(videos) == 2 * step
    assert 1 == pytest.approx(sum(video.share for video in videos))
    for phase, video in enumerate(videos[:step]):
        whole = example.features.views[PLAIN]["colours"]
        assert np.array_equal(whole[phase::step], video.views["colours"])
        part = example.targets.subsample(step, phase)
        assert np.array_equal(part.contact, video.targets[:, 1])
        assert part.events == tuple(video.events)


def test_unknown_targets_do_not_count_and_push_offs_count_more():
    """A label of less weight counts less."""
    video = frame_labelled_video("v", "a", accepted=0.5)
    targets = video.example().targets
    one = interleaved([video.example()], CONFIG)[0]
    assert np.array_equal(targets.push_off == UNKNOWN, one.weights[:, 0] == 0)
    assert {0.5 * (1 + CONFIG.push_off_weight)} == set(one.weights[targets.push_off == 1, 0])
    assert {0.5} == set(one.weights[targets.push_off == 0, 0])
    assert not one.weights[:, 3].any()


def test_the_neighbours_of_a_push_off_get_their_own_target():
    """Those that are not labelled stay unknown."""
    config = dataclasses.replace(CONFIG, neighbour_target=0.25)
    marked = interleaved(examples(known_videos("a")), config)[0]
    assert {0.25} == {
        float(marked.targets[event + by, 0]) for event in marked.events for by in (-1, 1)
    }
    video = frame_labelled_video("v", "a")
    labelled = interleaved([video.example()], config)[0]
    assert {UNKNOWN} == set(labelled.targets[labelled.events - 1, 0])


def test_a_video_of_which_nothing_is_known_is_left_out():
    """Nothing can be learnt from it."""
    example = known_video("v", "a").example()
    everything = np.ones(len(example.targets.push_off), bool)
    hidden = dataclasses.replace(example, targets=example.targets.without(everything))
    assert not interleaved([hidden], CONFIG)
    assert len(interleaved([hidden, example], CONFIG)) == 2


def test_windows_are_drawn_around_push_offs_and_known_frames():
    """As often around a push-off as the configuration says; the same seed draws the same."""
    videos = interleaved([frame_labelled_video("v", "a").example()], CONFIG)
    half = CONFIG.window // 2
    for share in (0.0, 1.0):
        config = dataclasses.replace(CONFIG, event_window_share=share)
        plan, again, other = (draw_windows(videos, seed, config) for seed in (1, 1, 2))
        assert (config.steps, config.batch) == plan.videos.shape == plan.first_frames.shape
        assert np.array_equal(plan.first_frames, again.first_frames)
        assert not np.array_equal(plan.first_frames, other.first_frames)
        middles = (plan.first_frames + half).ravel()
        on_known = np.isin(middles, videos[0].known).all()
        near = np.abs(middles[:, None] - videos[0].events).min(axis=1).max() <= half
        assert on_known == (share == 0) and near


def test_a_heavier_example_is_drawn_more_often():
    """In proportion to its weight."""
    light, heavy = examples(known_videos("ab"))
    videos = interleaved([light, dataclasses.replace(heavy, weight=9.0)], CONFIG)
    plan = draw_windows(videos, 1, dataclasses.replace(CONFIG, steps=200))
    assert 0.85 < np.mean(plan.videos >= 2) < 0.95


def test_a_window_has_its_frames_and_zeros_beyond_the_ends():
    """Its rows are one after the other, of its own video alone."""
    videos = interleaved(examples(known_videos("abc")), CONFIG)
    count, width = len(videos[0].targets), CONFIG.window
    first = np.array([[-width, -3, 5], [count - 4, count - 1, 0]])
    plan = WindowPlan(np.array([[0, 2, 4], [0, 2, 4]]), first)
    head = TemporalHead(HeadShape(VIEWS["rise"], 3, 8, (1,)))
    head.mean.fill_(0.5)
    rows = load_windows(videos, plan, "rise", head, CONFIG)
    for number, begin, row in zip(
        plan.videos.ravel(), first.ravel(), rows.first_rows.flatten().tolist(), strict=True
    ):
        video = videos[number]
        frames = np.arange(begin, begin + width)
        inside = (frames >= 0) & (frames < count)
        window = slice(row, row + width)
        assert not rows.features[window][~inside].any() and not rows.weights[window][~inside].any()
        seen = torch.from_numpy(video.views["rise"][frames[inside]].astype(np.float32))
        assert torch.allclose(head.project(seen), rows.features[window][inside])
        for name in ("targets", "weights"):
            known = torch.from_numpy(getattr(video, name)[frames[inside]])
            assert torch.equal(known, getattr(rows, name)[window][inside])


def test_only_videos_of_which_a_window_was_drawn_are_loaded():
    """However many videos there are."""
    videos = interleaved(examples(known_videos("abc")), CONFIG)
    plan = WindowPlan(np.array([[1, 1]]), np.array([[0, 7]]))
    head = TemporalHead(HeadShape(VIEWS["rise"], 3, 8, (1,)))
    rows = load_windows(videos, plan, "rise", head, CONFIG)
    assert len(videos[1].targets) + 2 * CONFIG.window == len(rows.features)
