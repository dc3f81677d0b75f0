"""Checkpoints of a training run."""

import pytest
import torch

from pushoff.learning.backbone.callbacks import (
    AtomicCheckpointIO,
    TrainingLog,
    load_history,
    load_network_weights,
)

HISTORY = [{"epoch": 1, "loss": 0.7}, {"epoch": 2, "loss": 0.4}]


@pytest.fixture
def log() -> TrainingLog:
    log = TrainingLog(lambda progress: None)
    log.load_state_dict({"history": HISTORY})
    return log


def test_a_checkpoint_holds_history_and_weights(log, tmp_path):
    """Both are read back with `weights_only`; nothing else is left in the folder."""
    checkpoint = {
        "state_dict": {"network.fc.bias": torch.tensor([1.0, 2.0])},
        "callbacks": {TrainingLog.__qualname__: log.state_dict()},
    }
    AtomicCheckpointIO().save_checkpoint(checkpoint, tmp_path / "run.ckpt")
    assert [path.name for path in tmp_path.iterdir()] == ["run.ckpt"]
    assert load_history(tmp_path / "run.ckpt") == HISTORY
    weights = load_network_weights(tmp_path / "run.ckpt")
    assert weights["fc.bias"].tolist() == [1.0, 2.0]
