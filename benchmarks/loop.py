"""What checked sessions bring: the starter, then the model after 1, 2, 4, 8 of them, on real clips.

    .venv/bin/python -m benchmarks.loop ../shared/data --weights FILE [--seeds 3] [--json FILE]

Each sprint clip is a session. For each seed three are kept out; the others are checked in a random
order, as a coach does: every push-off and foot, no touch-downs. After each step everything is
frozen, heads are fitted, the gate decides, and what serves then finds the push-offs of the kept-out
sprint clips and of the other place, of which nothing is ever learnt. Features are kept in `--out`,
the folder of `benchmarks.suggestions`: a second run only fits.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import typer

from benchmarks.suggestion_clips import Clip, load_clips
from benchmarks.suggestion_replay import Replay
from pushoff.active.queue import DEFAULT
from pushoff.errors import TooFewLabels
from pushoff.events.scoring import score_clips
from pushoff.learning.heads.fit_model import FitConfig
from pushoff.learning.heads.fit_sequence import SequenceConfig
from pushoff.learning.heads.head_config import HeadConfig

PLACE, OTHER_PLACE = "sprint", "sprint_left"
KEPT_OUT = 3
"""Sprint clips of which nothing is learnt, for each seed."""
SESSIONS = (1, 2, 4, 8)


@dataclass(frozen=True)
class LoopRow:
    """One step of one seed on one place."""

    seed: int
    sessions: int
    """Checked sessions; 0: the starter."""
    place: str
    f1: float
    """Of push-offs at the exact frame."""
    f1_within_1: float
    promoted: bool
    """A version was promoted in this step."""
    seconds: float
    """Of freezing, fitting, comparing and deciding."""


def main(
    data: Path,
    weights: str = "imagenet",
    seeds: int = 3,
    out: Path = Path("var/suggestions"),
    head_steps: int = typer.Option(250, help="Steps in which each head is fitted."),
    as_json: Path | None = typer.Option(None, "--json", help="Write the rows to this file."),
) -> None:
    """Check the sessions one after the other and print the medians over the seeds."""
    clips = load_clips(data, (PLACE, OTHER_PLACE), weights, out)
    rows = [row for seed in range(1, seeds + 1) for row in replay(clips, weights, seed, head_steps)]
    print("\n".join(table(rows)))
    print(worse_promotions(rows))
    if as_json:
        as_json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def replay(clips: Sequence[Clip], weights: str, seed: int, head_steps: int) -> list[LoopRow]:
    """All steps of one seed."""
    sprints = sorted((clip for clip in clips if clip.place == PLACE), key=lambda clip: clip.name)
    order = np.random.default_rng(seed).permutation(len(sprints))
    kept_out = [sprints[number] for number in order[:KEPT_OUT]]
    sessions = [sprints[number] for number in order[KEPT_OUT:]]
    others = [clip for clip in clips if clip.place == OTHER_PLACE]
    sequence = SequenceConfig(fit=HeadConfig(steps=head_steps))
    loop = Replay(sessions, weights, seed, DEFAULT, FitConfig(sequence, seed))
    rows = _measure(loop, kept_out, others, seed, 0, False, 0.0)
    for count in sorted({*(count for count in SESSIONS if count < len(sessions)), len(sessions)}):
        loop.check([clip.name for clip in sessions[:count]])
        before, began = loop.champion, time.monotonic()
        try:
            loop.refit()
        except TooFewLabels as error:
            print(f"seed {seed}, {count} sessions: {error}")
        seconds = time.monotonic() - began
        promoted = loop.champion is not before
        rows += _measure(loop, kept_out, others, seed, count, promoted, seconds)
    return rows


def _measure(
    loop: Replay,
    kept_out: Sequence[Clip],
    others: Sequence[Clip],
    seed: int,
    sessions: int,
    promoted: bool,
    seconds: float,
) -> list[LoopRow]:
    rows = []
    for place, clips in ((PLACE, kept_out), (OTHER_PLACE, others)):
        events = {clip.name: list(loop.predict(clip).events) for clip in clips}
        truths = {clip.name: clip.truth for clip in clips}
        exact, within = (score_clips(events, truths, frames).f1 for frames in (0, 1))
        rows.append(LoopRow(seed, sessions, place, exact, within, promoted, seconds))
    return rows


def table(rows: Sequence[LoopRow]) -> list[str]:
    """Medians over the seeds, with the range."""
    lines = [
        "| checked sessions | place | F1 exact | F1 within one frame | seconds |",
        "|---|---|---|---|---|",
    ]
    for sessions in sorted({row.sessions for row in rows}):
        for place in (PLACE, OTHER_PLACE):
            own = [row for row in rows if (row.sessions, row.place) == (sessions, place)]
            cells = [_median([getattr(row, name) for row in own]) for name in ("f1", "f1_within_1")]
            seconds = f"{np.median([row.seconds for row in own]):.0f}" if sessions else ""
            name = str(sessions) if sessions else "0 (starter)"
            lines.append(f"| {name} | {place} | {' | '.join(cells)} | {seconds} |")
    return lines


def worse_promotions(rows: Sequence[LoopRow]) -> str:
    """How often a promoted version was worse within one frame than what served before it."""
    steps = sorted({row.sessions for row in rows})
    served = {(row.seed, row.place, row.sessions): row.f1_within_1 for row in rows}
    changes = [
        row.f1_within_1 - served[row.seed, row.place, steps[steps.index(row.sessions) - 1]]
        for row in rows
        if row.promoted
    ]
    worse = sum(change < 0 for change in changes)
    return f"a promoted version was worse on clips it never saw in {worse} of {len(changes)} cases"


def _median(values: Sequence[float]) -> str:
    return f"{np.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


if __name__ == "__main__":
    typer.run(main)
