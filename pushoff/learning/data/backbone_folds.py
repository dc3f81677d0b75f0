"""Which folds a trained backbone has not seen: only there can what is built on it be judged."""

from collections.abc import Collection, Sequence

from pushoff.learning.data.manifest import DatasetFrame, DatasetManifest
from pushoff.values import Split

_FRAME = "#"
"""Between a video's id and a frame's number."""


def names_seen(manifest: DatasetManifest, splits: Sequence[Split | None]) -> frozenset[str]:
    """Names of what a backbone is trained or validated on, in the data set's order of frames.

    They are the ids of videos and digests of pictures, and where videos are divided by time the
    names of their frames as well. No athlete is named.
    """
    seen: set[str] = set()
    for frame, split in zip(manifest.frames, splits, strict=True):
        if split in (Split.TRAIN, Split.VAL):
            seen.add(_whole_name(frame))
            if not manifest.independent and frame.frame_index is not None:
                seen.add(_frame_name(frame))
    return frozenset(seen)


def unseen_folds(manifest: DatasetManifest, seen: Collection[str]) -> list[int]:
    """The folds of a data set of which the backbone saw nothing, ascending; all if it saw none.

    A video that is divided by time may be cut anew: a block with any frame that was seen is seen.
    """
    cut = {name.partition(_FRAME)[0] for name in seen if _FRAME in name}
    folds = set(manifest.folds)
    for frame in manifest.frames:
        name = _whole_name(frame)
        is_apart = not manifest.independent and name in cut and _frame_name(frame) not in seen
        if frame.fold is not None and name in seen and not is_apart:
            folds.discard(frame.fold)
    for video_id, truth in manifest.truths.items():
        if truth.fold is not None and video_id in seen:
            folds.discard(truth.fold)
    return sorted(folds)


def _whole_name(frame: DatasetFrame) -> str:
    """Of its video, or of the picture where it belongs to none."""
    return frame.image_sha256 if frame.frame_index is None else frame.video_id


def _frame_name(frame: DatasetFrame) -> str:
    return f"{frame.video_id}{_FRAME}{frame.frame_index}"
