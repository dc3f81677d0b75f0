"""Planted label errors and predicted gains on the real high-jump crops: `make bench-labels`.

A crop counts as push_off when its folder is `jump`. Heads are fitted on features of the frozen
backbone, as in the worker.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from pushoff.active.label_quality.label_errors import suspected_errors
from pushoff.active.label_quality.learning_curve import LabelledFeatures, measure_curve
from pushoff.active.label_quality.stopping import NEXT, expected_gain
from pushoff.learning.evaluation.calibration import shrunk_threshold
from pushoff.learning.evaluation.metrics import average_precision, confusion, f1_score
from pushoff.learning.features.feature_extractor import load_feature_extractor
from pushoff.learning.heads.logistic_head import fit_logistic_head

SIZE_PX = 224
BATCH = 64
REPEATS = 10


def load_features(folder: Path, weights: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N, D) float32, (N,) labels, (N,) athletes of the crops below `folder`."""
    backbone, _ = load_feature_extractor("resnet18", weights, SIZE_PX)
    side = backbone.preprocessing.size_px
    paths = sorted(folder.glob("*/*/*.jpg"))
    features = []
    for start in range(0, len(paths), BATCH):
        images = (Image.open(path).convert("RGB") for path in paths[start : start + BATCH])
        crops = np.stack([np.asarray(image.resize((side, side))) for image in images])
        features.append(backbone.extract(crops))
    labels = np.array([int(path.parent.name == "jump") for path in paths])
    athletes = np.array([path.stem.rpartition("_")[0] for path in paths])
    return np.concatenate(features).astype(np.float32), labels, athletes


def planted_errors(x: np.ndarray, y: np.ndarray, athletes: np.ndarray) -> None:
    """How many of the planted errors are listed, and how many of the listed are planted."""
    print("\nplanted label errors (mean of 10)")
    print("labels  wrong  precision  recall  first 20  listed")
    for count in (400, len(y)):
        for share in (0.02, 0.05, 0.1):
            listed = correct = planted = top_correct = top = 0
            for seed in range(REPEATS):
                rng = np.random.default_rng(seed)
                rows = rng.permutation(len(y))[:count]
                wrong = rng.random(count) < share
                labels = np.where(wrong, 1 - y[rows], y[rows])
                groups = list(athletes[rows])
                suspects = suspected_errors(x[rows], labels, groups, groups)
                suspected = [suspect.row for suspect in suspects]
                listed, correct = listed + len(suspected), correct + wrong[suspected].sum()
                planted += wrong.sum()
                top_correct += wrong[suspected[:20]].sum()
                top += len(suspected[:20])
            print(
                f"{count:6d} {share:6.0%} {correct / listed:10.2f} {correct / planted:7.2f} "
                f"{top_correct / top:9.2f} {listed / REPEATS:7.0f}"
            )


def predicted_gains(x: np.ndarray, y: np.ndarray, athletes: np.ndarray) -> None:
    """Predicted gain of the next hundred labels against the measured one, mean of 30 draws."""
    print(f"\ngain of {NEXT} more labels (8 divisions of the athletes)")
    print("labels  measured  predicted  mean error  intervals that hold it")
    for count in (80, 150, 300, 500, 700):
        measured, predicted, held = [], [], 0
        for seed in range(8):
            rng = np.random.default_rng(seed)
            order = rng.permutation(np.unique(athletes))
            test, val, rest = (
                np.flatnonzero(np.isin(athletes, names))
                for names in (order[:8], order[8:13], order[13:])
            )
            now, later = (
                np.mean([_f1(x, y, _draw(rest, size, k), val, test) for k in range(30)])
                for size in (count, count + NEXT)
            )
            parts = [
                LabelledFeatures(x[rows], y[rows], tuple(athletes[rows]))
                for rows in (_draw(rest, count, 1000 + seed), val, test)
            ]
            gain = expected_gain(measure_curve(*parts, seed=seed))
            measured.append(later - now)
            predicted.append(gain.value)
            held += gain.low - 1e-3 <= measured[-1] <= gain.high + 1e-3
        error = np.mean(np.abs(np.array(predicted) - measured))
        print(
            f"{count:6d} {np.mean(measured):9.3f} {np.mean(predicted):10.3f} {error:11.3f} "
            f"{held:8d} of 8"
        )


def accepted_weights(x: np.ndarray, y: np.ndarray, athletes: np.ndarray) -> None:
    """Held-out average precision when annotators rubber-stamp a share of wrong suggestions."""
    print(
        "\nweight of an accepted suggestion (average precision against a weight of 1, mean of 12)"
    )
    print("rubber-stamped  0.75    0.5    0.25")
    for share in (0.0, 0.2, 0.4, 0.6):
        gains = []
        for seed in range(12):
            rng = np.random.default_rng(seed)
            held_out = np.isin(athletes, rng.permutation(np.unique(athletes))[:10])
            pool = rng.permutation(np.flatnonzero(~held_out))
            first, second = pool[:60], pool[60:360]
            suggested = fit_logistic_head(x[first], y[first]).probabilities(x[second]) >= 0.5
            stamped = (suggested != y[second]) & (rng.random(300) < share) & (rng.random(300) > 0.1)
            given = np.where(stamped, suggested, y[second]).astype(int)
            rows, labels = np.r_[first, second], np.r_[y[first], given]
            scores = [
                average_precision(
                    fit_logistic_head(
                        x[rows],
                        labels,
                        np.r_[np.ones(60), np.where(given == suggested, weight, 1.0)],
                    ).probabilities(x[held_out]),
                    y[held_out],
                )
                for weight in (1.0, 0.75, 0.5, 0.25)
            ]
            gains.append(np.array(scores[1:]) - scores[0])
        print(f"{share:13.0%} " + " ".join(f"{gain:+7.4f}" for gain in np.mean(gains, axis=0)))


def _draw(rest: np.ndarray, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(rest)[:size]


def _f1(x: np.ndarray, y: np.ndarray, rows: np.ndarray, val: np.ndarray, test: np.ndarray) -> float:
    head = fit_logistic_head(x[rows], y[rows])
    threshold = shrunk_threshold(head.probabilities(x[val]), y[val])
    _, fp, fn, tp = confusion(head.probabilities(x[test]), y[test], threshold)
    return f1_score(tp, fp, fn)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds high_jump/")
    parser.add_argument("--weights", default="imagenet")
    arguments = parser.parse_args()
    x, y, athletes = load_features(arguments.data / "high_jump", arguments.weights)
    print(f"{len(y)} crops of {len(np.unique(athletes))} athletes, {y.sum()} of them push_off")
    for part in (planted_errors, predicted_gains, accepted_weights):
        part(x, y, athletes)


if __name__ == "__main__":
    main()
