"""Which folds a trained backbone has not seen: only there can what is built on it be judged."""

from collections.abc import Collection, Sequence

from pushoff.learning.data.manifest import DatasetManifest
from pushoff.values import Split


def names_seen(manifest: DatasetManifest, splits: Sequence[Split | None]) -> frozenset[str]:
    """Names of what a backbone is trained or validated on, in the data set's order of frames.

    They are the ids of videos and digests of pictures, and where videos are divided by time the
    names of their blocks as well. No athlete is named.
    """
    seen: set[str] = set()
    rows = zip(manifest.frames, manifest.groups, splits, strict=True)
    for frame, group, split in rows:
        if split in (Split.TRAIN, Split.VAL):
            seen.add(frame.image_sha256 if frame.frame_index is None else frame.video_id)
            if not manifest.independent:
                seen.add(group)
    return frozenset(seen)


def unseen_folds(manifest: DatasetManifest, seen: Collection[str]) -> list[int]:
    """The folds of a data set of which the backbone saw nothing, ascending; all if it saw none."""
    folds = set(manifest.folds)
    for frame, group in zip(manifest.frames, manifest.groups, strict=True):
        own = frame.image_sha256 if frame.frame_index is None else frame.video_id
        if frame.fold is not None and (own if manifest.independent else group) in seen:
            folds.discard(frame.fold)
    for video_id, truth in manifest.truths.items():
        if truth.fold is not None and video_id in seen:
            folds.discard(truth.fold)
    return sorted(folds)
