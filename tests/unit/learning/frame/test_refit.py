import dataclasses

import numpy as np
import pytest

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.feature_extractor import extractor_of, load_feature_extractor
from pushoff.learning.frame.classifier import load_model, write_card
from pushoff.learning.frame.refit import Examples, initial_card, refit
from pushoff.learning.frame.temporal_head import OFFSETS_S
from pushoff.values import Label
from tests.unit.learning.learning_samples import draw, refused

SIZE = 64


@pytest.fixture(scope="module")
def backbone():
    return load_feature_extractor("resnet18", "none", SIZE)[0]


@pytest.fixture(scope="module")
def crops():
    return np.stack([draw(Label(row % 2), row, SIZE) for row in range(80)])


def examples(features, rows, neighbours=True):
    """Frames whose neighbours are themselves; or who know none."""
    around = np.repeat(features[rows][:, None], len(OFFSETS_S), axis=1)
    known = np.full(around.shape[:2], neighbours)
    known[:, OFFSETS_S.index(0.0)] = True
    return Examples(around, known, np.asarray(rows) % 2)


@pytest.fixture(scope="module")
def features(backbone, crops):
    return backbone.extract(crops)


def fitted(backbone, features, folder, neighbours=True):
    return refit(
        backbone,
        examples(features, range(50), neighbours),
        examples(features, range(50, 80), neighbours),
        initial_card(backbone, "f" * 64, 1, ""),
        folder,
    )


@pytest.mark.parametrize("neighbours", [True, False])
def test_a_refit_learns_and_loads_like_any_model(backbone, features, tmp_path, neighbours):
    """Loaded again it predicts the same, with and without a temporal head."""
    model = fitted(backbone, features, tmp_path, neighbours)
    again = load_model(tmp_path)
    held = examples(features, range(50, 80), neighbours)
    offsets = [OFFSETS_S.index(one) for one in again.offsets_s]
    p = again.predict_from_features(held.features[:, offsets], held.known[:, offsets])
    assert bool(again.card.offsets_s) == neighbours
    assert np.mean((p >= again.card.threshold) == held.labels) > 0.9
    assert np.allclose(
        p, model.predict_from_features(held.features[:, offsets], held.known[:, offsets])
    )


def test_features_and_image_give_the_same_probability(backbone, features, crops, tmp_path):
    """Half precision changes no probability by a thousandth: the annotator sees the same number."""
    model = fitted(backbone, features, tmp_path, neighbours=False)
    kept = model.predict_from_features(features[:, None], np.ones((len(crops), 1), bool))
    assert np.abs(kept - model.predict_crops(crops)).max() < 1e-3


def test_pictures_alone_are_predicted_by_a_model_with_a_temporal_head(
    backbone, features, crops, tmp_path
):
    """None has known neighbours, as among pictures uploaded by hand: each by itself."""
    model = fitted(backbone, features, tmp_path)
    assert model.card.offsets_s
    alone = examples(features, range(10), neighbours=False)
    p = model.predict_from_features(alone.features, alone.known)
    assert np.abs(p - model.predict_crops(crops[:10])).max() < 1e-3


def test_a_refit_keeps_the_fingerprint_of_its_backbone(backbone, features, tmp_path):
    """So features are stored once for a champion and all its refits."""
    assert extractor_of(fitted(backbone, features, tmp_path)).fingerprint == backbone.fingerprint


def test_other_weights_or_size_have_another_fingerprint(backbone):
    """Features of different extractors are never mixed."""
    smaller, _ = load_feature_extractor("resnet18", "none", SIZE // 2)
    other, _ = load_feature_extractor("resnet34", "none", SIZE)
    assert len({backbone.fingerprint, smaller.fingerprint, other.fingerprint}) == 3
    again, _ = load_feature_extractor("resnet18", "none", SIZE)
    assert again.fingerprint == backbone.fingerprint


def test_the_same_labels_give_the_same_weights(backbone, features, tmp_path):
    """A refit that was killed and is run again is the same version."""
    first = fitted(backbone, features, tmp_path / "a").card
    assert first.weights_sha256 == fitted(backbone, features, tmp_path / "b").card.weights_sha256


def test_one_class_is_refused(backbone, features, tmp_path):
    """With push-offs alone nothing can be fitted."""
    only = examples(features, range(1, 50, 2))
    with refused(TooFewLabels, "one_class"):
        refit(backbone, only, only, initial_card(backbone, "f" * 64, 1, ""), tmp_path)


def test_a_card_must_name_its_temporal_head(backbone, features, tmp_path):
    """Card and weights must agree, or the model is refused."""
    model = fitted(backbone, features, tmp_path)
    write_card(tmp_path, dataclasses.replace(model.card, offsets_s=()))
    with refused(ModelRefused, "temporal_head"):
        load_model(tmp_path)


def test_frames_without_features_are_an_error(backbone, features, tmp_path):
    """A frame without features has no probability."""
    model = fitted(backbone, features, tmp_path, neighbours=False)
    with pytest.raises(ValueError, match="1 frames have no features"):
        model.predict_from_features(features[:1, None], np.zeros((1, 1), bool))
