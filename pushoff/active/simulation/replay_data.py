"""Labelled images and clips as data sets for replay. Door: PIL."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from pushoff.active.simulation.labelled_set import LabelledSet, joined
from pushoff.errors import BadInput
from pushoff.events.ground_truth import GroundTruth, frame_label
from pushoff.learning.features.feature_extractor import BATCH, FeatureExtractor
from pushoff.util.nearest import nearest_indices
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.video.decoding.decode import decode
from pushoff.video.event_inputs import athlete_crop
from pushoff.video.frame_selection import choose_frames
from pushoff.video.scan import scan_video

MAX_WHOLE_FPS = 60
"""Of videos up to this capture rate all frames are used; of faster ones the frames that ingest
would select, because most others are near-duplicates."""
NEIGHBOURS_S = (-1 / 15, -1 / 30, 0.0, 1 / 30, 1 / 15)
"""Of which frames the replayed head sees the features, camera seconds from its own: a linear head
that is fitted in milliseconds stands in for the sequence head, which a replay would fit thousands
of times."""
IMAGES_FPS = 30.0
"""Assumed rate of the videos that images were cut from: it only orders them."""


def images_set(
    folder: Path,
    positive: str,
    negative: str,
    backbone: FeatureExtractor,
    on_progress: OnProgress = ignore_progress,
    footage: str = "unknown",
) -> LabelledSet:
    """Images `<athlete>_<frame>.jpg` in folders named by class, anywhere under `folder`.

    `footage` is `real`, `synthetic` or `unknown`. The images of an athlete are one video. Raises
    BadInput when a class has no image, a name has no frame number, or a file is not an image.
    """
    by_class = [sorted(folder.rglob(f"{name}/*.jpg")) for name in (negative, positive)]
    for name, paths in zip((negative, positive), by_class, strict=True):
        if not paths:
            raise BadInput(f"{folder} has no folder {name!r} with .jpg images in it")
    labelled = [(path, label) for label, paths in enumerate(by_class) for path in paths]
    size = backbone.preprocessing.size_px
    athletes, frames, batches = [], [], []
    for start in range(0, len(labelled), BATCH):
        part = labelled[start : start + BATCH]
        on_progress(Progress("extracting features", start, len(labelled), "frame"))
        batches.append(backbone.extract(np.stack([_image(path, size) for path, _ in part])))
        for path, _ in part:
            athlete, _, number = path.stem.rpartition("_")
            if not athlete or not number.isdigit():
                raise BadInput(f"{path.name}: rename it to <athlete>_<frame>.jpg")
            athletes.append(athlete)
            frames.append(int(number))
    features = np.concatenate(batches).astype(np.float32)
    return LabelledSet(
        name=f"{folder.name}: {positive} against {negative}",
        footage=footage,
        features=features,
        head_features=features,
        labels=np.array([label for _, label in labelled]),
        video_ids=tuple(athletes),
        groups=tuple(athletes),
        times_s=np.array(frames) / IMAGES_FPS,
        frames=np.array(frames),
    )


def clips_set(
    name: str,
    clips: dict[str, tuple[Path, GroundTruth, float]],
    backbone: FeatureExtractor,
    frames_per_clip: int = 120,
    scratch: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> LabelledSet:
    """The unambiguous frames with the athlete of labelled clips, within their complete range.

    `clips` maps a name to (file, ground truth, capture rate in frames/s); a clip is a video. Of
    videos faster than MAX_WHOLE_FPS at most `frames_per_clip`, selected as ingest does.
    Raises BadInput, VideoRefused.
    """
    parts = []
    for number, (clip, (path, truth, rate)) in enumerate(clips.items(), 1):
        on_progress(Progress("extracting features", number, len(clips), "task"))
        part = _clip(clip, path, truth, rate, backbone, frames_per_clip, scratch)
        parts += [part] if len(part) else []
    if not parts:
        raise BadInput(f"{name}: no clip shows an athlete")
    return joined(name, parts)


def _clip(
    clip: str,
    path: Path,
    truth: GroundTruth,
    rate: float,
    backbone: FeatureExtractor,
    max_frames: int,
    scratch: Path | None,
) -> LabelledSet:
    with scan_video(path, rate, scratch) as scan:
        info, track, times_s = scan.info, scan.track, scan.times_s
        whole = float(info.capture_rate) <= MAX_WHOLE_FPS
        if whole:
            indices = np.flatnonzero(track.found).tolist()
        else:
            indices = sorted(choose_frames(track, times_s, rate, max_frames, scan.images))
    labels = {}
    interval_s = float(np.median(np.diff(times_s)))
    push_offs_s = [times_s[frame] for frame in truth.push_off_frames if frame < len(times_s)]
    for index in indices:
        label = frame_label(times_s[index], push_offs_s, interval_s)
        if truth.complete_from <= index <= truth.complete_to and label is not None:
            labels[index] = int(label)
    size = backbone.preprocessing.size_px
    batches, crops = [np.zeros((0, 512), np.float16)], []
    for frame in decode(path, info, indices=sorted(labels)).frames():
        crops.append(athlete_crop(frame.image, track.boxes[frame.ref.index], size))
        if len(crops) == BATCH:
            batches.append(backbone.extract(np.stack(crops)))
            crops = []
    if crops:
        batches.append(backbone.extract(np.stack(crops)))
    athlete = truth.athlete or clip
    features = np.concatenate(batches).astype(np.float32)
    neighbours = np.arange(len(features))[:, None]
    if whole and len(features):
        own_s = times_s[sorted(labels)]
        neighbours = np.stack(
            [nearest_indices(own_s, own_s + offset_s) for offset_s in NEIGHBOURS_S], axis=1
        )
    return LabelledSet(
        name=clip,
        footage=truth.footage,
        features=features,
        head_features=features[neighbours].reshape(len(features), -1),  # (N, K * D)
        labels=np.array(list(labels.values()), int),
        video_ids=(clip,) * len(labels),
        groups=(athlete,) * len(labels),
        times_s=times_s[sorted(labels)],
        frames=np.array(sorted(labels), int),
        videos={clip: truth} if whole else {},
    )


def _image(path: Path, size_px: int) -> np.ndarray:
    try:
        with Image.open(path) as image:
            return athlete_crop(np.asarray(image.convert("RGB")), None, size_px)
    except (OSError, UnidentifiedImageError) as error:
        raise BadInput(f"{path} is not a readable image: {error}") from None
