"""A model's files."""

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save

from pushoff.errors import ModelRefused, StorageFailed
from pushoff.learning.model.model_file import load_model, save_model, weights_path, write_card
from pushoff.learning.registry.model_card import read_card
from tests.models import tiny_model
from tests.unit.learning.event_samples import known, video_of
from tests.unit.learning.learning_samples import refused


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    save_model(folder, model)
    return folder


@pytest.fixture
def changed(saved, tmp_path):
    """Writes the saved model with other settings or tensors, hash and card agreeing with them."""

    def change(text=None, tensors=None, card=None, **settings_changed):
        folder = Path(shutil.copytree(saved, tmp_path / "model"))
        old = read_card(folder)
        with safe_open(weights_path(folder, old), "pt") as opened:
            content = json.loads(opened.metadata()["settings"])
            held = {name: opened.get_tensor(name) for name in opened.keys()}
        weights_path(folder, old).unlink()
        for path, value in settings_changed.items():
            *outer, last = path.split("__")
            part = content
            for name in outer:
                part = part[name]
            part[last] = value
        text = json.dumps(content) if text is None else text
        held = {name: one.contiguous() for name, one in (tensors or (lambda h: h))(held).items()}
        data = save(held, metadata={"settings": text})
        sha256 = hashlib.sha256(data).hexdigest()
        new = dataclasses.replace(old, weights_sha256=sha256, **(card or {}))
        write_card(folder, new)
        weights_path(folder, new).write_bytes(data)
        return folder

    return change


def test_a_saved_model_predicts_the_same(model, saved):
    """Videos and pictures alike; everything that belongs to a version survives the round trip."""
    loaded = load_model(saved)
    assert loaded.card == dataclasses.replace(model.card, weights_sha256=loaded.card.weights_sha256)
    assert model.sequence.settings == loaded.sequence.settings
    assert model.extractor.fingerprint == loaded.extractor.fingerprint
    assert model.trained_on == loaded.trained_on
    for posed in (False, True):
        video = video_of(known(4), seed=9, posed=posed)
        found, again = (one.predict_video(video) for one in (model, loaded))
        assert found.events == again.events
        assert np.array_equal(found.probabilities, again.probabilities)
        assert np.array_equal(found.suggested, again.suggested)
    pictures = np.random.default_rng(1).normal(0, 1, (5, 512)).astype(np.float16)
    assert np.array_equal(
        model.picture.probabilities(pictures), loaded.picture.probabilities(pictures)
    )
    assert np.array_equal(
        model.novelty_detector.novel_pictures(pictures),
        loaded.novelty_detector.novel_pictures(pictures),
    )
    before, after = (one.held_out.arrays() for one in (model, loaded))
    assert before.keys() == after.keys() and len(before) == 8
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_model_of_pictures_alone_is_saved_without_a_sequence_head(model, tmp_path):
    """Nor with a novelty limit where none is known."""
    alone = tiny_model()
    save_model(tmp_path / "model", alone)
    loaded = load_model(tmp_path / "model", "cpu")
    assert loaded.sequence is None and loaded.novelty_detector.limit is None
    crops = np.random.default_rng(1).integers(0, 256, (2, 32, 32, 3), np.uint8)
    assert np.allclose(alone.predict_pictures(crops), loaded.predict_pictures(crops), atol=1e-3)


def test_saving_again_leaves_one_model(model, saved, tmp_path):
    """The same model has the same hash; another one replaces it."""
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    assert save_model(folder, model) == read_card(saved)
    other = save_model(folder, tiny_model())
    assert load_model(folder).card == other
    assert {path.name for path in folder.iterdir()} == {
        "card.json",
        weights_path(folder, other).name,
    }


def test_bytes_that_are_not_those_of_the_card_are_refused(saved, tmp_path):
    """One byte changed, one cut off, or no weights at all."""
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    path = weights_path(folder, read_card(folder))
    data = path.read_bytes()
    for damaged in (data[:-1] + bytes([data[-1] ^ 1]), data[:-1], b""):
        path.write_bytes(damaged)
        with refused(ModelRefused, "wrong_hash"):
            load_model(folder)
    path.unlink()
    with refused(ModelRefused, "unreadable"):
        load_model(folder)


@pytest.mark.parametrize("data", [b"", b"x" * 64, b"\x80\x04K\x01.", b"\xff" * 64])
def test_what_is_not_safetensors_is_refused(saved, tmp_path, data):
    """Pickles, other text and nothing, with a hash that agrees."""
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    new = dataclasses.replace(read_card(folder), weights_sha256=hashlib.sha256(data).hexdigest())
    write_card(folder, new)
    weights_path(folder, new).write_bytes(data)
    with pytest.raises(ModelRefused):
        load_model(folder)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '"x"', "null", "{}", '{"format": 1}', '{"format": 4}', "[" * 9999]
)
def test_invalid_settings_are_refused(changed, text):
    """Anything else in place of the settings, and those of an earlier format."""
    with pytest.raises(ModelRefused):
        load_model(changed(text=text))


@pytest.mark.parametrize(
    "change",
    [
        {"sequence__head_views": ["colours", "motion"]}, {"sequence__head_views": []},
        {"sequence__head_views": ["smell"]}, {"sequence__head_views": 3},
        {"sequence__head_views": [{}]}, {"sequence__width": []}, {"sequence__width": 10**9},
        {"sequence__width": "16"}, {"sequence__priors": [0.1]}, {"sequence__priors": [-1, 0.5]},
        {"sequence__dilations": [1]}, {"sequence__dilations": [1, 0]},
        {"sequence__dilations": [1.5, 2]}, {"sequence__depth": 3},
        {"sequence__spotting__decoder": "eval"}, {"sequence__spotting__high": 7},
        {"sequence__spotting__min_gap_ms": float("nan")}, {"sequence__spotting__wish": 1},
        {"sequence__spotting__contact_weight": 0}, {"sequence__rules_weight": -0.1},
        {"sequence__rules_weight": 1.1}, {"sequence__rules_weight": "some"},
        {"sequence__confidence__slope": "steep"},
        {"sequence__confidence__intercept": float("inf")},
        {"sequence__frame_calibration__slope": None}, {"sequence__frame_calibration": 5},
        {"sequence__spread_ms": "wide"}, {"sequence__spread_ms": -1}, {"sequence": 5},
        {"sequence": {}}, {"trained_on": 5}, {"extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_tampered_settings_are_refused(changed, change):
    """Settings that do not fit tensors or decoder are refused before memory is allocated."""
    with pytest.raises(ModelRefused):
        load_model(changed(**change))


def without(*prefixes):
    return lambda held: {k: v for k, v in held.items() if not k.startswith(prefixes)}


def other(name, change):
    return lambda held: {**held, name: change(held[name])}


NAN = float("nan")
VIDEO = f"held_out.video.{0:016x}"


@pytest.mark.parametrize(
    "tensors",
    [
        without("head0.output.weight"),
        without("head0.input.weight"),
        without("head0.projection"),
        without("extractor.layer4"),
        without("picture.weight"),
        without("novelty.frames"),
        without("novelty.limits"),
        without("held_out.events"),
        without(""),
        other("head0.input.weight", lambda t: t[:, :9]),
        other("head0.projection", lambda t: t[:, :9]),
        other("head0.output.bias", lambda t: t * NAN),
        other("head0.mean", lambda t: t * NAN),
        other("picture.weight", lambda t: t[:9]),
        other("picture.weight", lambda t: t * NAN),
        other("picture.bias", lambda t: t / 0),
        other("picture.bias", lambda t: t.repeat(2)),
        without("novelty.pictures"),
        other("novelty.pictures", lambda t: t[:, :9]),
        other("novelty.pictures", lambda t: t * NAN),
        other("novelty.frames", lambda t: t[:, :9]),
        other("novelty.frames", lambda t: t[:0]),
        other("novelty.frames", lambda t: t * NAN),
        other("novelty.frames", lambda t: t.float()),
        other("novelty.limits", lambda t: t.repeat(2)),
        other("novelty.limits", lambda t: t * -1),
        other("novelty.limits", lambda t: t.bfloat16()),
        other("extractor.conv1.weight", lambda t: t / 0),
        other("extractor.conv1.weight", lambda t: t[:, :1]),
        other(VIDEO, lambda t: t[:2]),
        other(VIDEO, lambda t: t + 1),
        other(VIDEO, lambda t: t / 0),
        other(VIDEO, lambda t: t.bfloat16()),
    ],
)
def test_tensors_that_do_not_fit_are_refused(changed, tensors):
    """Missing, of another shape or type, not finite, or none: with a hash that agrees."""
    with pytest.raises(ModelRefused):
        load_model(changed(tensors=tensors))


@pytest.mark.parametrize(
    "card",
    [
        {"size_px": 0}, {"size_px": 100_000}, {"std": (0.2, 0.0, 0.2)},
        {"architecture": "resnet34"}, {"architecture": "../x"},
    ],
    ids=str,
)  # fmt: skip
def test_a_card_that_does_not_fit_is_refused(changed, card):
    """Another architecture, or a size that no network here works with."""
    with pytest.raises(ModelRefused):
        load_model(changed(card=card))


@pytest.mark.parametrize("sha256", ["", "../../../../etc/passwd", "0" * 64])
def test_a_card_cannot_name_another_file(saved, tmp_path, sha256):
    """The weights' name is made of hex digits of the card, and the file has to be there."""
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    write_card(folder, dataclasses.replace(read_card(folder), weights_sha256=sha256))
    with pytest.raises(ModelRefused):
        load_model(folder)


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path):
    """As when a file is in its place."""
    (tmp_path / "model").write_text("in the way")
    with pytest.raises(StorageFailed):
        save_model(tmp_path / "model" / "deeper", tiny_model())
