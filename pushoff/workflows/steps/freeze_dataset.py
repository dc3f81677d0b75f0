"""Labels as they stand become a dataset that will never change, images and all."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pushoff.errors import MediaRefused, MediaUnavailable, StudioUnreachable
from pushoff.learning.data.dataset import DatasetFrame, build_dataset, dataset_frames
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

MISSING_SHARE = 0.02
"""More labelled images than this missing at once is an outage, not a deleted file."""


def freeze_now(
    services: Services, project_id: int, labels: ExportedLabels, *, trust_last: bool = False
) -> tuple[dict[str, Any], Counter[str]]:
    """The manifest of the labels, kept as the project's newest; what was left out, by reason.

    A refit and a retrain may freeze at the same time: the last manifest is read and the new one
    kept under one lock, so that whoever was once held out stays held out. `trust_last`: a frame's
    image is what it was in the last dataset; else every image is fetched again. Raises
    TooFewLabels, StudioUnreachable when too many images cannot be had, StorageFailed.
    """
    settings, storage = services.settings, services.storage
    last = newest_dataset(storage, project_id)
    known = {}
    if trust_last and last:
        known = {one.key: one.image_sha256 for one in dataset_frames(last)}
    write_labelled(storage, labels.frames)
    images, unreadable = _images(services, labels.frames, known)
    with services.queue.dataset_lock(project_id):
        manifest = build_dataset(
            labels.frames,
            images,
            newest_dataset(storage, project_id),
            project_id,
            min_labels=settings.min_labels,
            min_per_class=settings.min_per_class,
            seed=settings.seed,
        )
        save_dataset(storage, manifest)
    return manifest, labels.excluded + unreadable


def stored_image(services: Services) -> Callable[[DatasetFrame], np.ndarray]:
    """A frozen frame's whole image, (H, W, 3) uint8 RGB, out of our own storage."""
    limit = services.settings.media_max_pixels
    return lambda frame: decode_image(load_image(services.storage, frame.image_sha256), limit)


def _images(
    services: Services, frames: Sequence[LabelledFrame], known: Mapping[FrameKey, str]
) -> tuple[dict[FrameKey, str], Counter[str]]:
    """A frame's key to the SHA-256 of its stored image; images that cannot be had are counted."""
    images: dict[FrameKey, str] = {}
    lost: Counter[str] = Counter()
    for number, frame in enumerate(frames, 1):
        sha256 = known.get(frame.key)
        if sha256 is not None and image_stored(services.storage, sha256):
            images[frame.key] = sha256
            continue
        try:
            data = services.fetcher.fetch(frame.image, frame.task_id)
            decode_image(data, services.settings.media_max_pixels)
        except MediaRefused as why:
            lost["image unreadable"] += 1
            log.info("task %d is left out: %s", frame.task_id, why)
            continue
        except MediaUnavailable as why:
            lost["image unavailable"] += 1
            log.info("task %d is left out: %s", frame.task_id, why)
            if lost["image unavailable"] > max(3, MISSING_SHARE * len(frames)):
                raise StudioUnreachable(
                    f"{lost['image unavailable']} images cannot be had right now, the last of task "
                    f"{frame.task_id}: {why}. Training on what is left would be unfair."
                ) from None
            continue
        images[frame.key] = save_image(services.storage, data)
        if number % 25 == 0:
            services.queue.report(Progress("fetching images", number, len(frames), "task"))
    return images, lost
