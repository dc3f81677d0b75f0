"""The labels as they stand become a data set that never changes, images included."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.errors import MediaRefused, MediaUnavailable, StudioUnreachable
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import DatasetFrame, DatasetManifest, parse_manifest
from pushoff.services import Services
from pushoff.storage.datasets import (
    image_stored,
    load_image,
    newest_dataset,
    save_dataset,
    save_image,
)
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.media.images import decode_image
from pushoff.util.progress import Progress
from pushoff.values import FrameKey, LabelledFrame
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

    @property
    def frames(self) -> tuple[DatasetFrame, ...]:
        """All its frames, those of no split included."""
        return self.manifest.frames

    @property
    def independent(self) -> bool:
        """Whether no held-out session was trained on."""
        return self.manifest.independent


def freeze_dataset(
    services: Services, project_id: int, labels: ExportedLabels, *, reuse_images: bool = False
) -> FrozenDataset:
    """Store the labels as the project's newest data set.

    A refit and a retrain may freeze at the same time: the last data set is read and the new one
    stored under one lock, so that a held-out group stays held out. With `reuse_images` an image is
    assumed not to have changed since the last data set; else every image is fetched again. Raises
    TooFewLabels, StudioUnreachable when too many images are missing, StorageFailed.
    """
    settings, storage = services.settings, services.storage
    last = newest_dataset(storage, project_id)
    known = {}
    if reuse_images and last:
        known = {frame.key: frame.image_sha256 for frame in parse_manifest(last).frames}
    write_labelled(storage, labels.frames)
    images, missing = _fetch_images(services, labels.frames, known)
    with services.queue.locks.dataset(project_id):
        previous = newest_dataset(storage, project_id)
        manifest = build_dataset(
            labels.frames,
            images,
            parse_manifest(previous) if previous else None,
            project_id,
            min_labels=settings.min_labels,
            min_per_class=settings.min_per_class,
            seed=settings.seed,
        )
        fingerprint = save_dataset(storage, manifest.as_dict())
    return FrozenDataset(manifest, fingerprint, labels.excluded + missing)


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
    for number, frame in enumerate(frames, 1):
        sha256 = known.get(frame.key)
        if sha256 is not None and image_stored(services.storage, sha256):
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
