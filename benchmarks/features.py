"""A million frames: the size of their stored features, and the time to score and order them.

`python -m benchmarks.features` writes made-up features of 1,000 videos of 1,000 frames into a
temporary folder (1 GB), scores every frame with a picture head, and orders the queue. The features
are random: this says nothing about how good a model is.
"""

import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer

from pushoff.active.pool import Pool
from pushoff.active.queue import DEFAULT, QueueConfig, order_pool
from pushoff.learning.model.picture_head import PictureHead
from pushoff.storage.feature_store import FeatureStore
from pushoff.storage.object_store import Storage
from pushoff.values import Box

WIDTH = 512
CHUNK = 20_000


@dataclass(frozen=True)
class Look:
    """A frame as a task names it."""

    video_id: str
    frame_index: int
    image: str = ""
    box: Box | None = None


def main(
    videos: int = typer.Option(1000, help="Videos."),
    frames: int = typer.Option(1000, help="Frames of each video."),
) -> None:
    """Print size, times and memory."""
    with tempfile.TemporaryDirectory(prefix="bench-features-") as folder:
        run(Path(folder), videos, frames)


def run(folder: Path, videos: int, frames: int) -> None:
    """Write, score, order."""
    rng = np.random.default_rng(1)
    storage = Storage(str(folder / "storage"))
    store = FeatureStore(storage, "0" * 16)
    times_s = np.arange(frames) / 240
    names = [f"{number:016x}" for number in range(videos)]
    began = time.monotonic()
    for name in names:
        store.save_video(name, rng.normal(size=(frames, WIDTH)).astype(np.float16))
    print(f"written in {time.monotonic() - began:.0f} s")
    bytes_there = sum(storage.size(key) for key in storage.list("frame-features"))
    count = videos * frames
    print(f"{count:,} frames: {bytes_there / 1e9:.2f} GB, {bytes_there / count:.0f} bytes each")

    fresh = FeatureStore(storage, "0" * 16)
    began = time.monotonic()
    row, known = fresh.rows([Look(names[videos // 2], frames // 2)])
    print(f"one frame: {1000 * (time.monotonic() - began):.1f} ms")
    assert known.all() and row.shape == (1, WIDTH)

    head = PictureHead(rng.normal(size=WIDTH).astype(np.float32) / 20, 0.0)
    looks = [Look(name, number) for name in names for number in range(frames)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    parts, features = [], np.zeros((count, WIDTH), np.float16)
    for start in range(0, count, CHUNK):
        rows, _ = fresh.rows(looks[start : start + CHUNK])
        features[start : start + CHUNK] = rows
        parts.append(head.probabilities(rows))
    scored_s = time.monotonic() - began
    print(f"all frames scored: {scored_s:.0f} s")
    pool = Pool(
        features=features,
        probabilities=np.concatenate(parts),
        video_ids=tuple(look.video_id for look in looks),
        groups=tuple(look.video_id[-2:] for look in looks),
        times_s=np.tile(times_s, videos),
    )
    began = time.monotonic()
    order_pool(pool, QueueConfig())
    print(f"ordered by {DEFAULT}: {time.monotonic() - began:.0f} s")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory: {after / 2**20:.1f} GiB, {before / 2**20:.1f} before scoring")


if __name__ == "__main__":
    typer.run(main)
