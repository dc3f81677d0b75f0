"""Learning curves as PNG bytes. Door: matplotlib, without a display."""

import io
from collections.abc import Sequence

import numpy as np

from pushoff.active.simulation.replay import Curve


def curves_png(curves: Sequence[Curve], title: str) -> bytes:
    """Mean score over the labels of each strategy, with a band of one standard error over seeds.

    The dotted line is the score with every label.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.6), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for number, name in enumerate(dict.fromkeys(curve.strategy for curve in curves)):
        own = [curve for curve in curves if curve.strategy == name]
        scores = np.array([curve.scores for curve in own])  # (seeds, points)
        mean, error = scores.mean(axis=0), scores.std(axis=0) / len(own) ** 0.5
        colour, dashes = f"C{number % 10}", "-" if number < 10 else "--"
        axes.plot(own[0].labels, mean, dashes, color=colour, label=name, linewidth=1.4)
        axes.fill_between(own[0].labels, mean - error, mean + error, color=colour, alpha=0.12)
    full = float(np.mean([curve.full_score for curve in curves]))
    axes.axhline(full, color="k", linestyle=":", linewidth=1, label="every label")
    axes.set(xlabel="labels", ylabel="average precision, athletes held out")
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=7, loc="lower right")
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
