"""The labels as they stand become a data set that never changes, images included."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pushoff.errors import MediaRefused, MediaUnavailable, StudioUnreachable
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import (
    DatasetFrame,
    DatasetManifest,
    parse_manifest,
)
from pushoff.services import Services
from pushoff.storage.datasets import (
    load_image,
    newest_dataset,
    save_dataset,
    save_image,
    stored_images,
)
from pushoff.storage.object_store import Storage
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.media.images import decode_image
from pushoff.util.progress import Progress
from pushoff.values import FrameKey, LabelledFrame
from pushoff.workflows.steps.data.known_truths import (
    CONTRADICTION,
    known_truths,
    without_contradictions,
)
from pushoff.workflows.steps.frame_images import write_labelled

log = logging.getLogger(__name__)

MAX_MISSING_SHARE = 0.02
"""When a larger share of the labelled images is missing, it is an outage, not deleted files."""
MAX_MISSING = 3
"""Missing images that are never an outage, however few there are in all."""


@dataclass(frozen=True)
class FrozenDataset:
    """A stored data set, named by its content."""

    manifest: DatasetManifest
    fingerprint: str
    """SHA-256 of the manifest's canonical JSON, hex."""
    excluded: Mapping[str, int]
    """Labels that are not in it, by reason."""
    checked: tuple[str, ...] = ()
    """Ids of the checked coaches' sessions that are in it."""


def freeze_dataset(
    services: Services,
    project_id: int | None,
    labels: ExportedLabels,
    *,
    reuse_images: bool = False,
) -> FrozenDataset:
    """Store the project's labels, and what others have labelled, as the newest data set.

    The labels of other projects are those of the last data set; clips that were stored with their
    truth and checked coaches' sessions are in every one. What people disagree on is left out, and
    counted. `project_id` None: there is no project, `labels` is empty. A refit and a
    retrain may freeze at the same time: the last data set is read and the new one stored under one
    lock, so that a group stays in its fold. With `reuse_images` an image is assumed not to have
    changed since the last data set; else every image is fetched again. Raises TooFewLabels,
    StudioUnreachable when too many images are missing, StorageFailed.
    """
    settings, storage = services.settings, services.storage
    last = newest_dataset(storage)
    fetched = {}
    if reuse_images and last:
        fetched = {frame.key: frame.image_sha256 for frame in parse_manifest(last).frames}
    write_labelled(storage, labels.frames)
    images, missing = _fetch_images(services, labels.frames, fetched)
    with _lock(services):
        stored = newest_dataset(storage)
        previous = parse_manifest(stored) if stored else None
        frames = [replace(frame, project_id=project_id) for frame in labels.frames]
        others = _frames_of_others(storage, previous, project_id)
        images |= {frame.key: frame.image_sha256 for frame in others}
        known = known_truths(services, labels.truths, previous, project_id)
        truths, agreeing, contradictions = without_contradictions(
            known.videos, [*frames, *(frame.labelled for frame in others)]
        )
        manifest = build_dataset(
            agreeing,
            truths,
            images,
            previous,
            min_labels=settings.min_labels,
            min_per_class=settings.min_per_class,
            seed=settings.seed,
        )
        fingerprint = save_dataset(storage, manifest.as_dict())
    disagreements = known.excluded + Counter({CONTRADICTION: contradictions})
    return FrozenDataset(
        manifest, fingerprint, labels.excluded + missing + disagreements, known.checked
    )


@contextmanager
def _lock(services: Services) -> Iterator[None]:
    """Around reading the last data set and storing the next; alone without Label Studio."""
    if not services.label_studio_connected:
        yield
        return
    with services.queue.locks.dataset():
        yield


def _frames_of_others(
    storage: Storage, previous: DatasetManifest | None, project_id: int | None
) -> list[DatasetFrame]:
    """The frames of the last data set that other projects labelled and whose image is stored."""
    others = [
        frame
        for frame in (previous.frames if previous else ())
        if frame.project_id not in (None, project_id)
    ]
    stored = stored_images(storage) if others else frozenset()
    return [frame for frame in others if frame.image_sha256 in stored]


def stored_image(services: Services) -> Callable[[DatasetFrame], np.ndarray]:
    """A function from a frame of a data set to its whole image, (H, W, 3) uint8 RGB, in storage."""
    max_pixels = services.settings.media_max_pixels
    return lambda frame: decode_image(load_image(services.storage, frame.image_sha256), max_pixels)


def _fetch_images(
    services: Services, frames: Sequence[LabelledFrame], known: Mapping[FrameKey, str]
) -> tuple[dict[FrameKey, str], Counter[str]]:
    """The SHA-256 of each frame's stored image, by frame key; missing images counted by reason.

    `known` maps frames to images that need not be fetched again if they are still in storage.
    """
    images: dict[FrameKey, str] = {}
    missing: Counter[str] = Counter()
    stored = stored_images(services.storage) if known else frozenset()
    for number, frame in enumerate(frames, 1):
        sha256 = known.get(frame.key, "")
        if sha256 in stored:
            images[frame.key] = sha256
            continue
        try:
            data = services.fetcher.fetch(frame.image, frame.task_id)
            decode_image(data, services.settings.media_max_pixels)
        except MediaRefused as error:
            missing["image unreadable"] += 1
            log.info("task %d is left out: %s", frame.task_id, error)
            continue
        except MediaUnavailable as error:
            missing["image unavailable"] += 1
            log.info("task %d is left out: %s", frame.task_id, error)
            if missing["image unavailable"] > max(MAX_MISSING, MAX_MISSING_SHARE * len(frames)):
                raise StudioUnreachable(
                    f"{missing['image unavailable']} images are unavailable, the last of task "
                    f"{frame.task_id}: {error}. Nothing is trained on the remaining ones."
                ) from None
            continue
        images[frame.key] = save_image(services.storage, data)
        if number % 25 == 0:
            services.queue.jobs.report(Progress("fetching images", number, len(frames), "task"))
    return images, missing
