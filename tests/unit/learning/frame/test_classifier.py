import dataclasses
import json
import pickle
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save

from pushoff.errors import ModelRefused
from pushoff.learning.frame.classifier import (
    crop_and_resize,
    load_model,
    save_model,
    weights_path,
    write_card,
)
from pushoff.learning.backbone.network import create_network
from pushoff.learning.backbone.pretrained import build_network
from pushoff.learning.registry.model_card import card_json, read_card
from pushoff.values import Box
from tests.unit.learning.learning_samples import card, refused


def copy(saved: Path, to: Path) -> Path:
    return Path(shutil.copytree(saved, to / "model"))


def rewritten(folder: Path, data: bytes) -> None:
    """Replace the weights and make the card agree, as an attacker would."""
    import hashlib

    old = read_card(folder)
    weights_path(folder, old).unlink()
    new = dataclasses.replace(old, weights_sha256=hashlib.sha256(data).hexdigest())
    write_card(folder, new)
    weights_path(folder, new).write_bytes(data)


def test_a_saved_model_predicts_the_same(saved_model):
    """The same probabilities for an image alone and in a batch."""
    model = load_model(saved_model, "cpu")
    images = [np.full((40, 60, 3), 10 * i, np.uint8) for i in range(5)]
    together = model.predict(images, [None, Box(5, 5, 20, 30), None, None, Box(0, 0, 9, 9)])
    assert together.shape == (5,) and (together >= 0).all() and (together <= 1).all()
    assert model.predict(images[1:2], [Box(5, 5, 20, 30)])[0] == pytest.approx(
        together[1], abs=1e-5
    )
    assert model.predict([]).shape == (0,)


def test_threads_get_their_own_predictions(saved_model):
    """Concurrent requests do not mix."""
    model = load_model(saved_model, "cpu")
    images = [np.random.default_rng(i).integers(0, 255, (32, 32, 3), np.uint8) for i in range(8)]
    alone = [model.predict([image])[0] for image in images]
    answers = [0.0] * 8

    def ask(i: int) -> None:
        answers[i] = model.predict([images[i]])[0]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert answers == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (100, 37)])
def test_any_shape_is_cropped(shape):
    """An image of one pixel, or one pixel high, is cropped like any other."""
    image = np.full((*shape, 3), 77, np.uint8)
    for box in (None, Box(-5, -5, 4000, 10), Box(shape[1], shape[0], 3, 3)):
        crop = crop_and_resize(image, box, 32)
        assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8
        assert np.abs(crop.astype(int) - 77).max() <= 1


def test_the_crop_is_the_square_around_the_athlete():
    """Nothing is mirrored or rotated, and a box at the edge is moved inside."""
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, 150:] = 200
    assert crop_and_resize(image, Box(150, 20, 40, 60), 32)[:, 8:].min() > 150
    assert crop_and_resize(image, Box(190, 20, 30, 40), 32).min() == 200
    assert crop_and_resize(image, Box(0, 0, 50, 50), 32).max() == 0


def test_a_flipped_bit_is_refused(saved_model, tmp_path):
    """One changed bit in the weights is found when they are loaded."""
    folder = copy(saved_model, tmp_path)
    path = weights_path(folder, read_card(folder))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with refused(ModelRefused, "wrong_hash"):
        load_model(folder)


def test_truncated_and_missing_weights_are_refused(saved_model, tmp_path):
    """Half a file and no file are refused, even where the card has the hash of the half."""
    folder = copy(saved_model, tmp_path)
    path = weights_path(folder, read_card(folder))
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)
    with refused(ModelRefused, "wrong_hash"):
        load_model(folder)
    rewritten(folder, half)
    with refused(ModelRefused, "not_safetensors"):
        load_model(folder)
    weights_path(folder, read_card(folder)).unlink()
    with refused(ModelRefused, "unreadable"):
        load_model(folder)


def test_non_finite_weights_are_refused(saved_model, tmp_path):
    """NaN or infinity in any tensor is refused although the hash is right."""
    folder = copy(saved_model, tmp_path)
    state = load_file(weights_path(folder, read_card(folder)))
    state["layer4.1.conv2.weight"][0, 0, 0, 0] = float("nan")
    rewritten(folder, save(state))
    with refused(ModelRefused, "non_finite"):
        load_model(folder)


def test_another_architecture_is_refused(saved_model, tmp_path):
    """ResNet34's card with ResNet18's weights, and unknown names."""
    folder = copy(saved_model, tmp_path)
    was = read_card(folder)
    write_card(folder, dataclasses.replace(was, architecture="resnet34"))
    with refused(ModelRefused, "wrong_architecture"):
        load_model(folder)
    write_card(folder, dataclasses.replace(was, architecture="os.system"))
    with refused(ModelRefused, "unknown_architecture"):
        load_model(folder)


class _Canary:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_pickle_is_never_loaded(saved_model, tmp_path):
    """A malicious pickle in place of weights is refused and its payload never runs."""
    canary = tmp_path / "canary"
    folder = copy(saved_model, tmp_path)
    bad = tmp_path / "bad.safetensors"
    torch.save({"fc.weight": _Canary(str(canary))}, bad)
    for data in (pickle.dumps(_Canary(str(canary))), bad.read_bytes()):
        rewritten(folder, data)
        with refused(ModelRefused, "not_safetensors"):
            load_model(folder)
    with pytest.raises(ModelRefused):
        build_network("resnet18", str(bad))
    assert not canary.exists()


@pytest.mark.parametrize(
    "changes",
    [{"temperature": 0.0}, {"threshold": 1.5}, {"size_px": 100000}, {"classes": ["a", "b"]},
     {"std": [0, 1, 1]}, {"weights_sha256": "../../etc/passwd"}, {"surprise": 1}, {"seed": "x"},
     {"mean": 3}, {"scorecard": 7}, {"architecture": None}],
)  # fmt: skip
def test_an_invalid_card_is_refused(saved_model, tmp_path, changes):
    """Impossible, unknown or ill-typed fields."""
    folder = copy(saved_model, tmp_path)
    raw = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**raw, **changes}))
    with pytest.raises(ModelRefused):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"seed": 1}', "\ud800"])
def test_a_broken_card_is_refused(saved_model, tmp_path, text):
    """Any other content of card.json is ModelRefused."""
    folder = copy(saved_model, tmp_path)
    (folder / "card.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelRefused):
        load_model(folder)


def test_saving_again_leaves_one_model(tmp_path):
    """The second model replaces the first and all its files."""
    folder = tmp_path / "m"
    first = save_model(folder, create_network("resnet18"), card())
    second = save_model(folder, create_network("resnet18"), card())
    assert first.weights_sha256 != second.weights_sha256
    assert load_model(folder).card == second == read_card(folder)
    assert len(list(folder.iterdir())) == 2
    assert json.loads(card_json(second))["weights_sha256"] == second.weights_sha256
