"""Scores of frames by sequence heads that were not fitted on them: folds are held out in turn."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from pushoff.events.spotting import FrameScores, SpottingConfig, spot_events
from pushoff.events.values import PushOffEvent
from pushoff.learning.heads.fit_sequence import SequenceConfig, fit_sequence_heads
from pushoff.learning.heads.targets import TrainingExample
from pushoff.learning.heads.training_data import NO_FOLD, TrainingData, TrainingVideo
from pushoff.learning.model.sequence_head import SequenceHead, SequenceSettings
from pushoff.learning.thread_pool import thread_pool
from pushoff.util.progress import OnProgress, Progress, ignore_progress

MAX_ROUNDS = 3
"""Fits in which every fold is held out once."""


@dataclass(frozen=True)
class HeldOutScores:
    """Scores of frames by heads that were not fitted on them."""

    videos: Mapping[str, FrameScores]
    """By video id, of every video of which a part was held out."""
    folds: tuple[int, ...]
    """The folds that were held out in turn."""
    settings: SequenceSettings | None
    """Of the last of these heads; None where there is none."""

    def known(self, video: TrainingVideo) -> np.ndarray:
        """(N,) bool: the frames of a video that no head saw which scored them.

        Those of a gap beside a boundary in time are among them: no such head saw any.
        """
        return np.isin(video.frame_folds, (*self.folds, NO_FOLD))

    def push_offs(self, video: TrainingVideo, spotting: SpottingConfig) -> list[PushOffEvent]:
        """The events of a video's scores, at known frames."""
        known = self.known(video)
        events = spot_events(self.videos[video.video_id], spotting)
        return [event for event in events if known[event.frame]]


def hold_out_in_turn(
    data: TrainingData, folds: Sequence[int], config: SequenceConfig, seed: int = 1
) -> HeldOutScores:
    """Videos' scores by heads fitted without their fold. Raises ModelRefused."""
    rounds = hold_out_rounds(data, folds)
    with thread_pool() as pool:
        heads = fit_rounds(data.videos, rounds, config, seed, pool)
        return score_held_out(data, rounds, heads, ignore_progress)


def hold_out_rounds(data: TrainingData, folds: Sequence[int]) -> list[Sequence[int]]:
    """The folds that are held out in each fit: up to five of them in three rounds.

    None where there is only one fold.
    """
    if len(data.folds) < 2:
        return []
    return [folds[number::MAX_ROUNDS] for number in range(min(MAX_ROUNDS, len(folds)))]


def score_held_out(
    data: TrainingData,
    rounds: Sequence[Sequence[int]],
    heads: Iterator[SequenceHead | None],
    on_progress: OnProgress,
) -> HeldOutScores:
    """Scores of each round's folds by the head that was fitted without them.

    A video divided in time gets each stretch from the heads that did not see it.
    """
    scores: dict[str, FrameScores] = {}
    settings: SequenceSettings | None = None
    judged: list[int] = []
    for number, held_out in enumerate(rounds):
        on_progress(Progress("holding out", number, len(rounds) + 1, "task"))
        head = next(heads)
        if head is None:
            continue
        settings = head.settings
        judged += held_out
        for video in data.videos:
            inside = video.in_folds(held_out)
            if inside.any():
                found = head.score_frames(video.features)
                scores[video.video_id] = _joined(scores.get(video.video_id), found, inside)
    return HeldOutScores(scores, tuple(judged), settings)


def fit_rounds(
    videos: Sequence[TrainingVideo],
    rounds: Sequence[Sequence[int]],
    config: SequenceConfig,
    seed: int,
    pool: ThreadPoolExecutor,
) -> Iterator[SequenceHead | None]:
    """A head without each round's folds, in this order; all are begun with the first one.

    None where no push-off of a stored video with an athlete is left to learn from. Raises
    ModelRefused.
    """
    examples = [
        [example for video in videos if (example := video.example(held_out)) is not None]
        for held_out in rounds
    ]
    heads = fit_sequence_heads(
        [own for own in examples if _can_be_learnt(own)],
        config,
        seed,
        pool,
        contacts_marked=any(v.truth and v.truth.touch_down_frames for v in videos),
    )
    for own in examples:
        yield next(heads) if _can_be_learnt(own) else None


def _can_be_learnt(examples: Sequence[TrainingExample]) -> bool:
    """Whether there are frames with and without push-off, and an athlete."""
    return (
        any(example.targets.events for example in examples)
        and any((example.targets.push_off == 0).any() for example in examples)
        and any(example.features.athlete.any() for example in examples)
    )


def _joined(known: FrameScores | None, found: FrameScores, held_out: np.ndarray) -> FrameScores:
    """`known` with the frames of `held_out`, (N,) bool, from `found`."""
    if known is None:
        return found

    def joined(name: str) -> np.ndarray:
        return np.where(held_out, getattr(found, name), getattr(known, name))

    return replace(
        known,
        push_off=joined("push_off"),
        contact=joined("contact"),
        near=joined("near"),
        approach=joined("approach"),
    )
