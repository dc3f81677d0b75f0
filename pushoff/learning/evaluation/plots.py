"""A model's pictures for the registry: PNG bytes. Door: matplotlib, without a display."""

import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pushoff.learning.evaluation.metrics import calibration_bins, confusion, precision_recall
from pushoff.values import Label


def plots(
    probabilities: np.ndarray,
    labels: np.ndarray,
    threshold: float,
    history: Sequence[Mapping[str, float]] = (),
    measured_on: str = "held-out frames",
) -> dict[str, bytes]:
    """File name to PNG: precision-recall, confusion, reliability, and the curves of training.

    (N,) push_off probabilities and labels, 1 = push_off; `measured_on` stands in every title.
    """
    p, y = np.asarray(probabilities, float), np.asarray(labels, int)
    drawn = {
        "precision_recall.png": _png(lambda axes: _precision_recall(axes, p, y, threshold)),
        "confusion.png": _png(lambda axes: _confusion(axes, p, y, threshold)),
        "reliability.png": _png(lambda axes: _reliability(axes, p, y)),
    }
    drawn = {name: draw(measured_on) for name, draw in drawn.items()}
    if history:
        drawn["curves.png"] = _png(lambda axes: _curves(axes, history))("training")
    return drawn


def _png(draw: Callable[[object], None]) -> Callable[[str], bytes]:
    def paint(title: str) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4.5, 4), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        draw(axes)
        axes.set_title(title, fontsize=9)
        out = io.BytesIO()
        figure.savefig(out, format="png")
        return out.getvalue()

    return paint


def _precision_recall(axes, p: np.ndarray, y: np.ndarray, threshold: float) -> None:
    if y.any():
        precision, recall, _ = precision_recall(p, y)
        axes.step(np.r_[0, recall], np.r_[precision[:1], precision], where="pre")
        _, fp, fn, tp = confusion(p, y, threshold)
        if tp:
            axes.plot(tp / (tp + fn), tp / (tp + fp), "o", label=f"threshold {threshold:.2f}")
            axes.legend()
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))


def _confusion(axes, p: np.ndarray, y: np.ndarray, threshold: float) -> None:
    counts = np.array(confusion(p, y, threshold)).reshape(2, 2)
    axes.imshow(counts, cmap="Blues", vmin=0)
    names = [label.choice for label in Label]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names, rotation=90, va="center")
    axes.set(xlabel="model", ylabel="annotator")
    for (row, column), count in np.ndenumerate(counts):
        dark = count > counts.max() / 2
        axes.text(column, row, int(count), ha="center", va="center", color="w" if dark else "k")


def _reliability(axes, p: np.ndarray, y: np.ndarray) -> None:
    axes.plot([0, 1], [0, 1], "k:", linewidth=1)
    bins = calibration_bins(p, y)
    axes.plot([b[0] for b in bins], [b[1] for b in bins], "o-")
    for mean, share, count in bins:
        axes.annotate(str(count), (mean, share), fontsize=7, xytext=(3, 3),
                      textcoords="offset points")  # fmt: skip
    axes.set(xlabel="said probability", ylabel="share of push_offs", xlim=(0, 1), ylim=(0, 1.02))


def _curves(axes, history: Sequence[Mapping[str, float]]) -> None:
    epochs = [entry["epoch"] for entry in history]
    for key in ("loss", "val_loss", "val_average_precision", "val_f1"):
        axes.plot(epochs, [entry[key] for entry in history], label=key.replace("_", " "))
    axes.set(xlabel="epoch")
    axes.legend(fontsize=7)
