"""Plots of held-out scores for the registry, as PNG. Door: matplotlib, without a display."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pushoff.learning.evaluation.held_out import HeldOutFrames
from pushoff.learning.evaluation.metrics import calibration_bins, confusion
from pushoff.values import Label

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plots(
    frames: HeldOutFrames,
    history: Sequence[Mapping[str, float]] = (),
    measured_on: str = "held-out frames",
) -> dict[str, bytes]:
    """File name to PNG: precision-recall, confusion, reliability, and the training curves.

    `history` has one entry per epoch; `measured_on` is the title.
    """
    p, y, suggested = frames.probabilities, frames.labels, frames.suggested
    images = {
        "precision_recall.png": _png(
            measured_on, lambda axes: _precision_recall(axes, p, y, suggested)
        ),
        "confusion.png": _png(measured_on, lambda axes: _confusion(axes, y, suggested)),
        "reliability.png": _png(measured_on, lambda axes: _reliability(axes, p, y)),
    }
    if history:
        images["curves.png"] = _png("training", lambda axes: _curves(axes, history))
    return images


def _png(title: str, draw: "Callable[[Axes], None]") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    draw(axes)
    axes.set_title(title, fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _precision_recall(axes: "Axes", p: np.ndarray, y: np.ndarray, suggested: np.ndarray) -> None:
    from sklearn.metrics import precision_recall_curve

    if y.any():
        precision, recall, _ = precision_recall_curve(y, p)
        axes.step(recall, precision, where="post", label="by probability")
        _, fp, fn, tp = confusion(suggested, y)
        if tp:
            axes.plot(tp / (tp + fn), tp / (tp + fp), "o", label="suggestions")
        axes.legend(fontsize=7)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))


def _confusion(axes: "Axes", y: np.ndarray, suggested: np.ndarray) -> None:
    counts = np.array(confusion(suggested, y)).reshape(2, 2)
    axes.imshow(counts, cmap="Blues", vmin=0)
    names = [label.choice for label in Label]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names, rotation=90, va="center")
    axes.set(xlabel="model", ylabel="annotator")
    for (row, column), count in np.ndenumerate(counts):
        is_dark = count > counts.max() / 2
        axes.text(column, row, str(count), ha="center", va="center", color="w" if is_dark else "k")


def _reliability(axes: "Axes", p: np.ndarray, y: np.ndarray) -> None:
    axes.plot([0, 1], [0, 1], "k:", linewidth=1)
    bins = calibration_bins(p, y)
    axes.plot([mean for mean, _, _ in bins], [share for _, share, _ in bins], "o-")
    for mean, share, count in bins:
        axes.annotate(
            str(count), (mean, share), fontsize=7, xytext=(3, 3), textcoords="offset points"
        )
    axes.set(
        xlabel="predicted probability", ylabel="share of push_offs", xlim=(0, 1), ylim=(0, 1.02)
    )


def _curves(axes: "Axes", history: Sequence[Mapping[str, float]]) -> None:
    epochs = [entry["epoch"] for entry in history]
    for name in ("loss", "val_loss", "val_average_precision", "val_f1"):
        axes.plot(epochs, [entry[name] for entry in history], label=name.replace("_", " "))
    axes.set(xlabel="epoch")
    axes.legend(fontsize=7)
