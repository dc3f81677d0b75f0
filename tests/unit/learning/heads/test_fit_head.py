import dataclasses

import numpy as np
import pytest
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.features.video_features import VIEWS
from pushoff.learning.heads.fit_head import HeadConfig, TrainingExample, fit_head
from pushoff.learning.heads.targets import UNKNOWN, frame_targets
from pushoff.learning.model.temporal_head import MAX_COMPONENTS, TemporalHead, head_shape
from tests.unit.learning.event_samples import (
    QUICK,
    examples,
    known,
    known_video,
    known_videos,
    video_of,
)
from tests.unit.learning.learning_samples import refused

SHAPE = head_shape("colours", 16, (1, 2))


def training_examples(step=1):
    return examples(known_videos("ab", step=step))


def probabilities(head, example, phase=0):
    """(T, 4) probabilities of one interleaved video."""
    step = example.features.step
    features = example.features.views[PLAIN]["colours"][phase::step].astype(np.float32)
    with torch.no_grad():
        return torch.sigmoid(head(torch.from_numpy(features)[None]))[0].numpy()


@pytest.mark.parametrize("step", [1, 4])
def test_a_head_generalises_to_another_video(step):
    """On a video it was not trained on, push-offs, contact and leg are found, at any rate."""
    head = fit_head(training_examples(step), "colours", 1, QUICK, SHAPE)
    unseen = known_video("c", "c", seed=9, step=step).example()
    for phase in range(step):
        p, expected = probabilities(head, unseen, phase), unseen.targets.subsample(step, phase)
        assert p[expected.push_off == 1, 0].min() > p[expected.push_off == 0, 0].max()
        assert np.mean((p[:, 1] > 0.5) == (expected.contact == 1)) > 0.9
        near = expected.near != UNKNOWN
        assert np.mean((p[near, 2] > 0.5) == (expected.near[near] == 1)) > 0.9


def test_neighbours_of_a_push_off_stay_possible():
    """A head with a neighbour target is less certain about them, and as certain about the push-
    off."""
    unseen = known_video("c", "c", seed=9).example()
    at = np.array(unseen.targets.events)
    beside = {}
    for share in (0.0, 0.3):
        config = dataclasses.replace(QUICK, neighbour_target=share)
        p = probabilities(fit_head(training_examples(), "colours", 1, config, SHAPE), unseen)[:, 0]
        beside[share] = p[[*at - 1, *at + 1]].mean()
        assert p[at].mean() > 2 * beside[share]
    assert beside[0.3] > beside[0.0]


def test_the_same_seed_gives_the_same_head():
    """Training is reproducible."""
    few = dataclasses.replace(QUICK, steps=10)
    one, same, other = (
        fit_head(training_examples(), "motion", seed, few, SHAPE).state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_short_videos_are_trained_on():
    """A video of a few frames, and one shorter than a step, are used."""
    truth = dataclasses.replace(known(1, step=8), frames=100, complete_to=99)
    video = video_of(truth)
    tiny = video_of(dataclasses.replace(truth, frames=5, complete_to=4, push_off_frames=(2,),
                                       touch_down_frames=(1,)))  # fmt: skip
    few = dataclasses.replace(QUICK, steps=10)
    short = [
        TrainingExample(video, frame_targets(truth, 100, 8)),
        TrainingExample(tiny, frame_targets(dataclasses.replace(truth, frames=5, complete_to=4,
                                                    push_off_frames=(2,)), 5, 8)),
    ]  # fmt: skip
    head = fit_head(short, "colours", 1, few, SHAPE)
    assert all(torch.isfinite(one).all() for one in head.state_dict().values())


def test_unknown_targets_cost_nothing():
    """The weights of an output without targets do not change; those of another do."""
    still = dataclasses.replace(QUICK, steps=8)
    torch.manual_seed(1)
    begun = TemporalHead(SHAPE).output.bias.detach()
    moved = (fit_head(training_examples(), "colours", 1, still, SHAPE).output.bias - begun).abs()
    assert moved[0] > 1e-3 and moved[1] > 1e-3
    assert moved[3] < 1e-4  # no running steps among these videos; weight decay alone


def test_videos_without_an_athlete_are_refused():
    """Without an athlete in any video training is refused instead of diverging."""
    truth = known(2)
    empty = TrainingExample(video_of(truth, seen=False), frame_targets(truth, truth.frames, 1))
    with refused(TooFewLabels, "no_athlete"):
        fit_head([empty], "colours", 1, QUICK, SHAPE)


@pytest.mark.filterwarnings("ignore")
def test_a_diverging_head_is_refused():
    """A learning rate that is far too high is refused and gives no model."""
    wild = HeadConfig(steps=30, batch=4, learning_rate=1e38)
    with refused(ModelRefused, "diverged"):
        fit_head(training_examples(), "colours", 1, wild, SHAPE)


def test_a_head_sees_principal_components_of_unit_variance():
    """Few directions of many features, without a mean; a view of few features keeps all."""
    train = training_examples()
    few = dataclasses.replace(QUICK, steps=1)
    for view, components in (("colours", MAX_COMPONENTS), ("rise", VIEWS["rise"])):
        head = fit_head(train, view, 1, few, head_shape(view, 16, (1, 2)))
        rows = np.concatenate([v[view] for e in train for v in e.features.views.values()])
        projected = head.project(torch.from_numpy(rows.astype(np.float32))).numpy()
        assert projected.shape[1] == components
        assert np.abs(projected.mean(axis=0)).max() < 0.02
        assert projected.std(axis=0) == pytest.approx(np.ones(components), abs=0.05)


def test_labels_of_less_weight_teach_less():
    """Two contradicting videos of the same pictures: the heavier labels win."""
    video = known_video("a", "a").example()
    targets = video.targets
    wrong = dataclasses.replace(
        targets, push_off=np.roll(targets.push_off, 6), weight=np.full(len(targets.weight), 0.05)
    )
    both = [video, dataclasses.replace(video, targets=wrong)]
    unseen = known_video("c", "c", seed=9).example()
    p = probabilities(fit_head(both, "colours", 1, QUICK, SHAPE), unseen)[:, 0]
    at = np.array(unseen.targets.events)
    assert p[at].mean() > 2 * p[(at + 6) % len(p)].mean()
