"""Feet in docs/benchmarks.md: learnt at one place, judged at another, beside a rule without eyes.

    .venv/bin/python -m benchmarks.feet ../shared/data --weights FILE [--out var/results]

DATA holds folders of labelled clips. The first table gives every candidate the true push-offs, and
fits its weights to the feet of one place. The second is the whole analysis: heads fitted at one
place, three seeds, find the push-offs of another. Predictions of heads are kept in OUT. Real video.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import typer

from benchmarks.clips import training_video
from benchmarks.feet.candidates import candidates
from benchmarks.suggestion_clips import Clip, load_clips
from pushoff.events.drill.corrected_feet import with_corrected_feet
from pushoff.events.matching import match, tolerances
from pushoff.events.scoring import score_clips
from pushoff.events.values import KNOWN_FOOT, PushOffEvent
from pushoff.learning.evaluation.calibration import logit, sigmoid
from pushoff.learning.evaluation.metrics import calibration_error
from pushoff.learning.heads.fit_sequence import SequenceConfig, fit_sequence_head
from pushoff.learning.model.feet import LARGEST_VOTE, VOTE, with_own_feet
from pushoff.learning.model.sequence_head import SequenceHead

PLANS = (
    ("sprint", "sprint_left"),
    ("sprint_left", "sprint"),
    ("sprint+sprint_left", "triple_jump"),
)
"""Places that are learnt from, and the place that is judged."""
SEEDS = (1, 20, 30)
"""Apart by more than the heads of one fit, which take seeds one after the other."""
PRODUCT = "**legs and arms (the product)**"
BINS = (0.5, 0.6, 0.7, 0.9, 0.99, 1.0001)
_PENALTY = 0.5
_STANCE_S = 0.1


@dataclass(frozen=True)
class Found:
    """What heads of one fit say of a clip."""

    events: list[PushOffEvent]
    """`left_probability` is that of the near foot."""
    near: np.ndarray
    """(E,) probability of the near foot at the true push-offs."""


def main(data: Path, weights: str = "imagenet", out: Path = Path("var/results")) -> None:
    """Print both tables, the reliability of foot probabilities, and how the heads know feet."""
    clips = load_clips(data, ("sprint", "sprint_left", "triple_jump"), weights, out)
    found = {(plan, seed): _found(clips, plan, seed, out) for plan in PLANS for seed in SEEDS}
    print("\n".join(_candidate_table(clips, found)))
    print()
    print("\n".join(_analysis_table(clips, found)))


def is_near(clip: Clip) -> np.ndarray:
    """(E,) bool: whether each true push-off was of the near foot."""
    assert clip.truth.direction is not None
    return np.array([foot == clip.truth.direction.near_foot.value for foot in clip.truth.feet])


def _candidate_table(
    clips: Sequence[Clip], found: Mapping[tuple[tuple[str, str], int], Mapping[str, Found]]
) -> list[str]:
    cues = {
        clip.name: candidates(clip.features, np.array(clip.truth.push_off_frames)) for clip in clips
    }
    scores: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for plan in PLANS:
        learnt, judged = _of(clips, plan[0]), _of(clips, plan[1])
        truth = np.concatenate([is_near(clip) for clip in judged])
        first = [np.arange(len(clip.truth.feet)) % 2 == 0 for clip in judged]
        rows = {"first is near, then alternate (sees nothing)": np.concatenate(first) * 0.98 + 0.01}
        for name in next(iter(cues.values())):
            fitted = fit_weights(
                np.concatenate([cues[clip.name][name] for clip in learnt]),
                np.concatenate([is_near(clip) for clip in learnt]),
            )
            odds = np.concatenate([cues[clip.name][name] for clip in judged]) @ fitted
            rows[name] = sigmoid(odds)
            if name == PRODUCT:
                joined = [
                    sigmoid(odds + np.clip(VOTE * logit(head, 1e-6), -LARGEST_VOTE, LARGEST_VOTE))
                    for head in _heads(found, plan, judged)
                ]
                rows["legs and arms, and the heads' vote"] = _median_right(joined, truth)
        rows["temporal heads (near leg), median of seeds"] = _median_right(
            _heads(found, plan, judged), truth
        )
        for name, p in rows.items():
            scores.setdefault(name, []).append((p, truth))
    lines = ["| what tells the foot | " + " | ".join(f"{a} → {b}" for a, b in PLANS) + " | ECE |"]
    lines.append("|---|" + "---|" * (len(PLANS) + 1))
    for name, parts in scores.items():
        cells = [f"{((p > 0.5) == y).sum()} of {len(y)}" for p, y in parts]
        p, y = (np.concatenate(part) for part in zip(*parts, strict=True))
        ece = "" if "nothing" in name else f"{foot_calibration_error(p, y):.2f}"
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {ece} |")
    return lines


def _heads(
    found: Mapping[tuple[tuple[str, str], int], Mapping[str, Found]],
    plan: tuple[str, str],
    judged: Sequence[Clip],
) -> list[np.ndarray]:
    """Of each seed, (E,) probabilities of the near foot at all true push-offs."""
    return [
        np.concatenate([found[plan, seed][clip.name].near for clip in judged]) for seed in SEEDS
    ]


def _median_right(predictions: Sequence[np.ndarray], truth: np.ndarray) -> np.ndarray:
    """The prediction with the median number of right feet."""
    return sorted(predictions, key=lambda p: int(((p > 0.5) == truth).sum()))[len(predictions) // 2]


def _analysis_table(
    clips: Sequence[Clip], found: Mapping[tuple[tuple[str, str], int], Mapping[str, Found]]
) -> list[str]:
    lines = [
        "| learnt from | judged on | push-offs: exact, near | feet right | unknown | wrong "
        "| after the sequence | baseline |",
        "|---|---|---|---|---|---|---|---|",
    ]
    all_p, all_right = [], []
    for plan in PLANS:
        judged, tolerance = _of(clips, plan[1]), 4 if plan[1] == "triple_jump" else 1
        own = tolerance == 4
        truths = {clip.name: clip.truth for clip in judged}
        seeds = []
        for seed in SEEDS:
            events = {
                clip.name: list(with_own_feet(found[plan, seed][clip.name].events, clip.features))
                for clip in judged
            }
            score = partial(score_clips, truths=truths, own_uncertainty=own)
            pairs = [_pairs(clip, events[clip.name], tolerance, own) for clip in judged]
            after = score(with_corrected_feet(events), tolerance_frames=tolerance).as_dict()
            seeds.append(
                (
                    score(events, tolerance_frames=0).f1,
                    score(events, tolerance_frames=tolerance).f1,
                    pairs,
                    after["foot_accuracy"],
                )
            )
            for event, foot, _ in (pair for part in pairs for pair in part):
                all_p.append(event.foot_probability)
                all_right.append((event.left_probability > 0.5) == (foot == "left"))
        exact, near, after_f = (np.median([part[k] for part in seeds]) for k in (0, 1, 3))
        pairs = sorted((part[2] for part in seeds), key=_share_right)[len(SEEDS) // 2]
        flat = [pair for part in pairs for pair in part]
        right = sum(e.foot is not None and e.foot.value == foot for e, foot, _ in flat)
        unknown = sum(e.foot is None for e, _, _ in flat)
        baseline = sum(alternating for _, _, alternating in flat)
        low, high = _interval(pairs)
        lines.append(
            f"| {plan[0]} | {plan[1]} | {exact:.2f}, {near:.2f} "
            f"| {right} of {len(flat)} ({low:.2f} to {high:.2f}) | {unknown} "
            f"| {len(flat) - right - unknown} | {after_f:.2f} | {baseline} of {len(flat)} |"
        )
    p, is_right = np.array(all_p), np.array(all_right)
    lines += ["", "| probability of the foot | push-offs | mean | right |", "|---|---|---|---|"]
    for low, high in itertools.pairwise(BINS):
        rows = (p >= low) & (p < high)
        if rows.any():
            lines.append(
                f"| {low} to {min(high, 1):g} | {rows.sum()} | {p[rows].mean():.2f} "
                f"| {is_right[rows].mean():.2f} |"
            )
    lines.append(f"named from {KNOWN_FOOT}; all seeds together")
    return lines


Pair = tuple[PushOffEvent, str, bool]
"""A push-off that was found, its true foot, and whether the baseline names that foot."""


def _pairs(clip: Clip, events: Sequence[PushOffEvent], tolerance: int, own: bool) -> list[Pair]:
    truth = clip.truth
    frames = [event.frame for event in events]
    limits = tolerances(truth, tolerance, own)
    baseline = is_near(clip) == (np.arange(len(truth.feet)) % 2 == 0)
    return [
        (events[i], foot, bool(baseline[j]))
        for i, j in match(frames, truth.push_off_frames, limits).pairs
        if (foot := truth.feet[j]) is not None
    ]


def _share_right(pairs: Sequence[Sequence[Pair]]) -> float:
    flat = [event.foot is not None and event.foot.value == foot for part in pairs
            for event, foot, _ in part]  # fmt: skip
    return float(np.mean(flat)) if flat else 0.0


def _interval(pairs: Sequence[Sequence[Pair]]) -> tuple[float, float]:
    """95 % of the share of right feet over resampled clips."""
    rng = np.random.default_rng(1)
    shares = [
        _share_right([pairs[k] for k in rng.integers(len(pairs), size=len(pairs))])
        for _ in range(2000)
    ]
    low, high = np.percentile(shares, [2.5, 97.5])
    return float(low), float(high)


def fit_weights(cues: np.ndarray, near: np.ndarray) -> np.ndarray:
    """(K,) weights of a logistic regression of (N,) near on (N, K) cues, no intercept."""
    scale = np.abs(cues).mean(axis=0) + 1e-9
    x, weights = cues / scale, np.zeros(cues.shape[1])
    for _ in range(60):
        p = sigmoid(x @ weights)
        gradient = x.T @ (near - p) - _PENALTY * weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + _PENALTY * np.eye(len(weights))
        weights = weights + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
    return weights / scale


def foot_calibration_error(p: np.ndarray, near: np.ndarray) -> float:
    """Expected calibration error of the more likely foot's probability."""
    return calibration_error(np.maximum(p, 1 - p), ((p > 0.5) == near).astype(int))


def _of(clips: Sequence[Clip], places: str) -> list[Clip]:
    return [clip for clip in clips if clip.place in places.split("+")]


def _found(clips: Sequence[Clip], plan: tuple[str, str], seed: int, out: Path) -> dict[str, Found]:
    """What heads fitted at the first places find at the second, from OUT where it is kept."""
    path = out / "feet" / f"{plan[0]}-to-{plan[1]}-{seed}.json"
    if not path.exists():
        head = _fit(_of(clips, plan[0]), seed)
        content = {clip.name: _predicted(head, clip) for clip in _of(clips, plan[1])}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    times = {clip.name: clip.features.times_s for clip in clips}
    return {
        name: Found(
            [
                PushOffEvent(frame, float(times[name][frame]), p, near)
                for frame, p, near in part["events"]
            ],
            np.array(part["near"]),
        )
        for name, part in json.loads(path.read_text()).items()
    }


def _fit(clips: Sequence[Clip], seed: int) -> SequenceHead:
    videos = [
        training_video(clip.name, clip.name, clip.features, clip.truth, fold)
        for fold, clip in enumerate(clips)
    ]
    examples = [example for video in videos if (example := video.example()) is not None]
    return fit_sequence_head(examples, SequenceConfig(), seed)


def _predicted(head: SequenceHead, clip: Clip) -> dict[str, object]:
    scores = head.score_frames(clip.features)
    count = max(round(_STANCE_S / scores.interval_s), scores.step)

    def near(frame: int) -> float:
        rows = slice(max(frame - count + 1, 0), frame + 1)
        return float(np.average(scores.near[rows], weights=scores.contact[rows] + 1e-6))

    return {
        "events": [
            [event.frame, event.probability, near(event.frame)]
            for event in head.find_events(clip.features, scores)
        ],
        "near": [near(frame) for frame in clip.truth.push_off_frames],
    }


if __name__ == "__main__":
    typer.run(main)
