"""Initial weights."""

import time

import torch
from safetensors.torch import load_file, save_file

from pushoff.errors import ModelRefused
from pushoff.learning.backbone.network import create_network
from pushoff.learning.backbone.pretrained import build_network, load_initial_weights
from tests.unit.learning.learning_samples import refused


def test_without_network_access_weights_are_random(tmp_path, monkeypatch):
    """The fallback takes seconds, has a note and leaves no file."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    network = torch.nn.Linear(1, 1)
    started = time.monotonic()
    initial, note = load_initial_weights(network, "resnet18", "imagenet")
    assert initial == "random" and "PUSHOFF_WEIGHTS" in note
    assert time.monotonic() - started < 8
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_weights_from_a_file_must_fit(tmp_path):
    """Initial weights of the same architecture are loaded and named; others are refused."""
    path = tmp_path / "resnet18.safetensors"
    save_file(create_network("resnet18").state_dict(), path)
    network, initial, note = build_network("resnet18", str(path))
    assert initial == f"file:{path.name}" and note is None
    assert torch.equal(network.state_dict()["conv1.weight"], load_file(path)["conv1.weight"])
    with refused(ModelRefused, "wrong_architecture"):
        build_network("resnet34", str(path))
    with refused(ModelRefused, "unreadable"):
        build_network("resnet18", str(tmp_path / "absent.safetensors"))
