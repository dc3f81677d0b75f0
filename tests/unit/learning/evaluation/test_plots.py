"""Plots for the registry."""

import numpy as np

from pushoff.learning.evaluation.plots import plots
from tests.unit.learning.evaluation.evaluation_samples import pictures

HISTORY = [{"epoch": 1, "loss": 0.7, "val_loss": 0.6, "val_average_precision": 0.5, "val_f1": 0.4}]


def test_plots_are_png():
    """Every plot is a PNG, also for frames of one class."""
    for labels in (np.array([1, 0, 1]), np.array([0, 0, 0])):
        drawn = plots(pictures(labels, [0.9, 0.2, 0.4]), HISTORY)
        assert set(drawn) == {
            "precision_recall.png", "confusion.png", "reliability.png", "curves.png",
        }  # fmt: skip
        assert all(png.startswith(b"\x89PNG") for png in drawn.values())


def test_without_training_there_are_no_curves():
    """A refit has no history of epochs."""
    assert "curves.png" not in plots(pictures([1, 0], [0.9, 0.2]))
