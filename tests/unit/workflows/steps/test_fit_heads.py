"""A version fitted on all labels of a data set, with its card."""

from collections.abc import Iterator

import pytest

from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import VideoTruth
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.util.progress import ignore_progress
from pushoff.workflows.steps.data.freeze_dataset import FrozenDataset
from pushoff.workflows.steps.fit_heads import fit_heads
from tests.models import tiny_model
from tests.unit.learning.event_samples import known
from tests.unit.workflows.workflow_samples import stored_video

EXTRACTOR = tiny_model(size_px=64).extractor


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """Without Label Studio and Redis; heads are fitted in two steps."""
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", head_steps=2, seed=3)
    with open_services(settings) as opened:
        yield opened


@pytest.fixture
def dataset(services) -> FrozenDataset:
    """Two marked videos of two athletes."""
    truths = {}
    for seed, athlete in enumerate(("ana", "ben")):
        name, _ = stored_video(services, athlete, EXTRACTOR, known(3), athlete=athlete, seed=seed)
        truths[name] = VideoTruth(known(3), athlete, "synthetic")
    return FrozenDataset(build_dataset([], truths, {}, None), "e" * 64, {})


def test_the_card_says_what_the_heads_were_fitted_on(services, dataset):
    """Backbone, data set, number of labels and seed; scores come with the decision."""
    model, data = fit_heads(
        services, EXTRACTOR, dataset, ignore_progress, backbone_of="initial", notes=("a note",)
    )
    card = model.card
    assert (card.architecture, card.size_px, card.initial_weights) == ("resnet18", 64, "random")
    assert (card.dataset_fingerprint, card.seed, card.backbone_of) == ("e" * 64, 3, "initial")
    assert (card.labels, card.notes) == (sum(map(len, data.rows)), ("a note",))
    assert card.scorecard is None
    assert model.extractor is EXTRACTOR
    assert model.trained_on == set(dataset.manifest.truths) == set(model.held_out.videos)


def test_a_retrained_backbone_is_judged_on_the_fold_it_did_not_see(services, dataset):
    """The other fold's videos have no held-out prediction; the model remembers what was seen."""
    seen = frozenset(name for name, truth in dataset.manifest.truths.items() if truth.fold)
    model, data = fit_heads(services, EXTRACTOR, dataset, ignore_progress, backbone_saw=seen)
    [judged] = [video.video_id for video in data.videos if video.folds == {0}]
    assert set(model.held_out.videos) == {judged}
    assert (model.card.backbone_of, model.backbone_saw) == ("", seen)
