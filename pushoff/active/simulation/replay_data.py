"""Labelled pictures and videos as features with labels, to replay labelling on. Door: PIL."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from pushoff.active.simulation.labelled_set import LabelledSet, joined
from pushoff.errors import BadInput
from pushoff.events.ground_truth import GroundTruth, frame_label
from pushoff.learning.frame.backbone import BATCH, Backbone
from pushoff.learning.frame.classifier import crop_and_resize
from pushoff.learning.frame.temporal_head import OFFSETS_S
from pushoff.storage.feature_store import nearest_frames
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.video.decoding.decode import decode
from pushoff.video.frame_selection import choose_frames
from pushoff.video.scan import scan_video

MOST_WHOLE_FPS = 60
"""Videos of cameras up to this rate are taken whole; of faster ones the frames that ingesting would
put before an annotator, since most of the others are near copies."""
PICTURES_FPS = 30.0
"""Nobody wrote down at what rate pictures were cut from videos: taken as this for their order."""


def pictures_set(
    folder: Path,
    positive: str,
    negative: str,
    backbone: Backbone,
    on_progress: OnProgress = ignore_progress,
    footage: str = "unknown",
) -> LabelledSet:
    """Pictures `<athlete>_<frame>.jpg` in folders named by class, anywhere under `folder`.

    `footage`: what they are, `real` or `synthetic`; a folder does not say it.

    An athlete's pictures are one session. Raises BadInput when a class has none, for a name without
    a frame and for what is no picture.
    """
    found = [(path, label) for label, name in ((0, negative), (1, positive))
             for path in sorted(folder.rglob(f"{name}/*.jpg"))]  # fmt: skip
    for label, name in ((0, negative), (1, positive)):
        if all(one != label for _, one in found):
            raise BadInput(f"{folder} has no folder {name!r} with .jpg pictures in it")
    size = backbone.preprocessing.size_px
    athletes, frames, described = [], [], []
    for start in range(0, len(found), BATCH):
        part = found[start : start + BATCH]
        on_progress(Progress("describing", start, len(found), "frame"))
        described.append(backbone.describe(np.stack([_picture(path, size) for path, _ in part])))
        for path, _ in part:
            athlete, _, number = path.stem.rpartition("_")
            if not athlete or not number.isdigit():
                raise BadInput(f"{path.name}: a picture is named <athlete>_<frame>.jpg")
            athletes.append(athlete)
            frames.append(int(number))
    features = np.concatenate(described).astype(np.float32)
    return LabelledSet(
        name=f"{folder.name}: {positive} against {negative}",
        footage=footage,
        features=features,
        seen=features,
        labels=np.array([label for _, label in found]),
        sessions=tuple(athletes),
        groups=tuple(athletes),
        times_s=np.array(frames) / PICTURES_FPS,
        frames=np.array(frames),
    )


def clips_set(
    name: str,
    clips: dict[str, tuple[Path, GroundTruth, float]],
    backbone: Backbone,
    frames_per_clip: int = 120,
    scratch: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> LabelledSet:
    """The frames of labelled clips that show the athlete and can be told, in their complete range.

    `clips`: by name the file, its events and the camera's rate, frames/s; a clip is a session. Of
    videos faster than MOST_WHOLE_FPS at most `frames_per_clip`, as ingesting chooses them.
    Raises BadInput, VideoRefused.
    """
    parts = []
    for number, (clip, (path, truth, rate)) in enumerate(clips.items(), 1):
        on_progress(Progress("describing", number, len(clips), "task"))
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
    backbone: Backbone,
    most: int,
    scratch: Path | None,
) -> LabelledSet:
    with scan_video(path, rate, scratch) as watched:
        info, track, times_s = watched.info, watched.track, watched.times_s
        whole = float(info.capture_rate) <= MOST_WHOLE_FPS
        if whole:
            indices = np.flatnonzero(track.found).tolist()
        else:
            indices = sorted(choose_frames(track, times_s, rate, most, watched.images))
    known = {}
    interval_s = float(np.median(np.diff(times_s)))
    push_offs_s = [times_s[frame] for frame in truth.push_off_frames if frame < len(times_s)]
    for index in indices:
        label = frame_label(times_s[index], push_offs_s, interval_s)
        if truth.complete_from <= index <= truth.complete_to and label is not None:
            known[index] = int(label)
    size = backbone.preprocessing.size_px
    described, waiting = [np.zeros((0, 512), np.float16)], []
    for frame in decode(path, info, indices=sorted(known)).frames():
        waiting.append(crop_and_resize(frame.image, track.boxes[frame.ref.index], size))
        if len(waiting) == BATCH:
            described.append(backbone.describe(np.stack(waiting)))
            waiting = []
    if waiting:
        described.append(backbone.describe(np.stack(waiting)))
    athlete = truth.athlete or clip
    features = np.concatenate(described).astype(np.float32)
    places = np.arange(len(features))[:, None]
    if whole and len(features):  # the product's temporal head sees these neighbours
        own = times_s[sorted(known)]
        places = np.stack([nearest_frames(own, own + offset_s) for offset_s in OFFSETS_S], axis=1)
    return LabelledSet(
        name=clip,
        footage=truth.footage,
        features=features,
        seen=features[places].reshape(len(features), -1),  # (N, K * D)
        labels=np.array(list(known.values()), int),
        sessions=(clip,) * len(known),
        groups=(athlete,) * len(known),
        times_s=times_s[sorted(known)],
        frames=np.array(sorted(known), int),
        videos={clip: truth} if whole else {},
    )


def _picture(path: Path, size_px: int) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            return crop_and_resize(np.asarray(picture.convert("RGB")), None, size_px)
    except (OSError, UnidentifiedImageError) as error:
        raise BadInput(f"{path} is no picture that can be read: {error}") from None
