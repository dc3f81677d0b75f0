import dataclasses

import numpy as np
import pytest
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.heads.fit_head import HeadPlan, fit_heads
from pushoff.learning.heads.head_config import HeadConfig
from pushoff.learning.heads.targets import UNKNOWN, TrainingExample, frame_targets
from pushoff.learning.model.temporal_head import TemporalHead, head_shape
from pushoff.learning.thread_pool import thread_pool
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


def fit_all(rounds, plans, config):
    """The heads of every round."""
    with thread_pool() as pool:
        return list(fit_heads(rounds, plans, config, pool))


def fit_head(train, view, seed, config, shape):
    """One head, alone."""
    [[head]] = fit_all([train], [HeadPlan(view, shape, seed)], config)
    return head


def equal(one, other):
    """Whether two heads are the same to the last bit."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


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
        fit_head(training_examples(), "motion", seed, few, SHAPE) for seed in (1, 1, 2)
    )
    assert equal(one, same)
    assert not equal(one, other)


def test_a_head_does_not_depend_on_what_is_fitted_beside_it():
    """Heads of several rounds and views together are those that are fitted alone."""
    few = dataclasses.replace(QUICK, steps=10)
    train = examples(known_videos("abc"))
    rounds = [train, train[1:], train[:1]]
    plans = [
        HeadPlan("motion", SHAPE, 1),
        HeadPlan("motion", SHAPE, 2),
        HeadPlan("rise", head_shape("rise", 16, (1, 2)), 1),
    ]
    together = fit_all(rounds, plans, few)
    assert [3, 3, 3] == [len(heads) for heads in together]
    for own, heads in zip(rounds, together, strict=True):
        for plan, head in zip(plans, heads, strict=True):
            alone = fit_head(own, plan.view, plan.seed, few, plan.shape)
            x = torch.randn(1, 30, plan.shape.inputs)
            assert torch.allclose(alone(x), head(x), atol=1e-4)


def test_a_fit_leaves_the_random_numbers_of_others_alone():
    """Whoever draws from torch's own generator meanwhile gets the same numbers."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit_head(training_examples(), "rise", 1, dataclasses.replace(QUICK, steps=2),
             head_shape("rise", 16, (1, 2)))  # fmt: skip
    assert torch.equal(expected, torch.rand(3))


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
    """Of the features it was trained on."""
    train = training_examples()
    head = fit_head(train, "colours", 1, dataclasses.replace(QUICK, steps=1), SHAPE)
    rows = np.concatenate([v["colours"] for e in train for v in e.features.views.values()])
    projected = head.project(torch.from_numpy(rows.astype(np.float32))).numpy()
    assert np.abs(projected.mean(axis=0)).max() < 0.02
    assert projected.std(axis=0) == pytest.approx(np.ones(SHAPE.components), abs=0.05)


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
