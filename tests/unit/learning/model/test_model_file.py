"""An event model's files."""

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save

from pushoff.errors import ModelRefused
from pushoff.learning.frame.classifier import weights_path, write_card
from pushoff.learning.model.model_file import load_event_model, save_event_model
from pushoff.learning.model.temporal_head import OUTPUTS
from pushoff.learning.registry.model_card import read_card
from pushoff.learning.registry.verify import verify_model
from tests.unit.learning.event_samples import (
    known,
    video_of,
)
from tests.unit.learning.learning_samples import card, refused


@pytest.fixture(scope="module")
def saved(event_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("settings") / "model"
    save_event_model(folder, event_model, card(classes=OUTPUTS, size_px=64))
    return folder


@pytest.fixture
def changed(saved, tmp_path):
    """Writes the saved model with other settings or tensors, hash and card agreeing with them."""

    def change(text=None, tensors=None, **settings_changed):
        folder = Path(shutil.copytree(saved, tmp_path / "model"))
        old = read_card(folder)
        with safe_open(weights_path(folder, old), "pt") as opened:
            said = json.loads(opened.metadata()["settings"])
            held = {name: opened.get_tensor(name) for name in opened.keys()}
        weights_path(folder, old).unlink()
        for path, value in settings_changed.items():
            *outer, last = path.split("__")
            place = said
            for name in outer:
                place = place[name]
            place[last] = value
        text = json.dumps(said) if text is None else text
        held = {name: one.contiguous() for name, one in (tensors or (lambda h: h))(held).items()}
        data = save(held, metadata={"settings": text})
        new = dataclasses.replace(old, weights_sha256=hashlib.sha256(data).hexdigest())
        write_card(folder, new)
        weights_path(folder, new).write_bytes(data)
        return folder

    return change


def test_a_saved_model_scores_the_same(event_model, saved):
    """Settings, extractor and heads survive a round trip."""
    loaded = load_event_model(saved)
    assert event_model.settings == loaded.settings
    assert event_model.extractor.fingerprint == loaded.extractor.fingerprint
    assert event_model.novelty_detector.limit == loaded.novelty_detector.limit
    assert np.array_equal(event_model.novelty_detector.frames, loaded.novelty_detector.frames)
    video = video_of(known(4), seed=9)
    assert np.array_equal(
        event_model.score_frames(video).push_off, loaded.score_frames(video).push_off
    )
    verify_model(saved)


def test_bytes_that_are_not_those_of_the_card_are_refused(saved, tmp_path):
    """One byte changed, one cut off, or no weights at all."""
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    path = weights_path(folder, read_card(folder))
    data = path.read_bytes()
    for damaged in (data[:-1] + bytes([data[-1] ^ 1]), data[:-1], b""):
        path.write_bytes(damaged)
        with refused(ModelRefused, "wrong_hash"):
            load_event_model(folder)
    path.unlink()
    with refused(ModelRefused, "unreadable"):
        load_event_model(folder)


def test_a_frame_model_is_not_an_event_model(saved_model):
    """It is refused as an event model, and verified as a frame model."""
    with refused(ModelRefused, "not_an_event_model"):
        load_event_model(saved_model)
    verify_model(saved_model)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '"x"', "null", "{}", '{"format": 1}', '{"format": 2}', "[" * 9999]
)
def test_invalid_settings_are_refused(changed, text):
    """Anything else in place of the settings is refused."""
    with pytest.raises(ModelRefused):
        load_event_model(changed(text=text))


@pytest.mark.parametrize(
    "change",
    [
        {"head_views": ["colours", "motion"]}, {"head_views": []}, {"head_views": ["smell"]},
        {"head_views": 3},
        {"head_views": [{}]}, {"width": []}, {"width": 10**9}, {"width": "16"},
        {"priors": [0.1]}, {"dilations": [1]}, {"dilations": [1, 0]},
        {"dilations": [1.5, 2]}, {"priors": [-1, 0.5]}, {"depth": 3},
        {"spotting__decoder": "eval"},
        {"spotting__high": 7}, {"spotting__min_gap_ms": float("nan")}, {"spotting__wish": 1},
        {"confidence__slope": "steep"}, {"confidence__intercept": float("inf")},
        {"spread_ms": "wide"},
        {"spread_ms": -1}, {"held_out": {"f1": 1.0}}, {"held_out": 5}, {"trained_on": 5},
        {"extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_tampered_settings_are_refused(changed, change):
    """Settings that do not fit tensors or decoder are refused before memory is allocated."""
    with pytest.raises(ModelRefused):
        load_event_model(changed(**change))


@pytest.mark.parametrize(
    "tensors",
    [
        lambda held: {k: v for k, v in held.items() if k != "head0.output.weight"},
        lambda held: {k: v for k, v in held.items() if k != "head0.input.weight"},
        lambda held: {k: v for k, v in held.items() if not k.startswith("extractor.layer4")},
        lambda held: {**held, "head0.input.weight": held["head0.input.weight"][:, :9]},
        lambda held: {**held, "head0.output.bias": held["head0.output.bias"] * float("nan")},
        lambda held: {k: v for k, v in held.items() if k != "novelty.frames"},
        lambda held: {**held, "novelty.frames": held["novelty.frames"][:, :9]},
        lambda held: {**held, "novelty.frames": held["novelty.frames"][:0]},
        lambda held: {**held, "novelty.frames": held["novelty.frames"] * float("nan")},
        lambda held: {**held, "novelty.limit": held["novelty.limit"] * float("nan")},
        lambda held: {**held, "novelty.limit": held["novelty.limit"].repeat(2)},
        lambda held: {**held, "extractor.conv1.weight": held["extractor.conv1.weight"] / 0},
        lambda held: {},
    ],
)
def test_tensors_that_do_not_fit_are_refused(changed, tensors):
    """Missing, of another shape, not finite, or none: with a hash that agrees."""
    with pytest.raises(ModelRefused):
        verify_model(changed(tensors=tensors))
