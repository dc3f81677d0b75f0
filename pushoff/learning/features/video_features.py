"""A video's features, the input of the temporal heads, and their file format."""

import io
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from pushoff.errors import BadInput
from pushoff.events.values import Direction
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.feature_extractor import LOWER_FEATURES, Augmentation
from pushoff.util.canonical_json import canonical_json
from pushoff.util.json_input import parse_object, validate
from pushoff.util.npz import DAMAGED
from pushoff.values import Box, VideoInfo
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.video.vertical_flow import RISE_CHANNELS

FEATURES_FORMAT = 9
"""Raised when tracker, views or extractor change: features of another format are extracted
again."""
VIEWS = {
    "colours": FEATURES,
    "motion": FEATURES,
    "colours-low": LOWER_FEATURES,
    "motion-low": LOWER_FEATURES,
    "rise": RISE_CHANNELS,
}
"""The feature vectors of a frame and their lengths; `-low` is an image's lower part."""


@dataclass(frozen=True, eq=False)
class VideoFeatures:
    """One video's features, with what decoding and tracking found out about it."""

    sha256: str
    """Of the file."""
    info: VideoInfo
    times_s: np.ndarray
    """(N,) camera seconds."""
    track: AthleteTrack
    step: int
    """Frames in 1/30 s: the distance of the frames that a head sees."""
    views: dict[Augmentation, dict[str, np.ndarray]]
    """By augmentation and name of the view, (N, VIEWS[name]) float16; zeros without an athlete."""
    landmarks: np.ndarray
    """(N, 33, 4) float32 body landmarks in full-size pixels, the camera's motion not removed, NaN
    where no body was found (`pushoff.video.pose`)."""

    @property
    def direction(self) -> Direction | None:
        """Where the athlete travels."""
        return Direction(self.track.direction) if self.track.direction else None

    @property
    def athlete(self) -> np.ndarray:
        """(N,) bool: the athlete is in the image."""
        return np.array(self.track.found, bool)

    @property
    def has_body(self) -> bool:
        """Whether a body was found in any frame."""
        return bool(np.isfinite(self.landmarks).any())

    @property
    def steady_landmarks(self) -> np.ndarray:
        """(N, 33, 4) float64: the landmarks with the camera's motion removed."""
        landmarks = self.landmarks.astype(float)
        if self.track.drift_px is not None:
            landmarks[..., :2] += self.track.drift_px[:, None, :]
        return landmarks


@dataclass(frozen=True)
class _Track:
    """What of an AthleteTrack is not an array."""

    full_size: tuple[int, int]
    note: str
    camera: str
    direction: str | None
    warnings: tuple[str, ...]
    cuts: tuple[int, ...]


@dataclass(frozen=True)
class _Header:
    """What of VideoFeatures is not an array."""

    format: int
    sha256: str
    step: int
    info: VideoInfo
    augmentations: tuple[Augmentation, ...]
    track: _Track


_HEADER = TypeAdapter(_Header)


def features_to_bytes(features: VideoFeatures) -> bytes:
    """The features as an .npz without pickled objects, readable by `features_from_bytes`."""
    track = features.track
    header = _Header(
        format=FEATURES_FORMAT,
        sha256=features.sha256,
        step=features.step,
        info=features.info,
        augmentations=tuple(features.views),
        track=_Track(
            full_size=track.full_size,
            note=track.note,
            camera=track.camera,
            direction=track.direction,
            warnings=track.warnings,
            cuts=track.cuts,
        ),
    )
    text = canonical_json(_HEADER.dump_python(header, mode="json"))
    arrays = {
        "header": np.frombuffer(text, np.uint8),
        "times_s": features.times_s,
        "boxes": np.array([box.as_list() for box in track.boxes], np.int32),
        "found": np.array(track.found, bool),
        "centres_px": track.centres_px,
        "landmarks": features.landmarks.astype(np.float32),
    }
    if track.drift_px is not None:
        arrays["drift_px"] = track.drift_px
    for number, views in enumerate(features.views.values()):
        arrays |= {f"{number}-{name}": values for name, values in views.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def features_from_bytes(data: bytes) -> VideoFeatures:
    """Features out of `features_to_bytes`. Raises BadInput when they are damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            text = arrays["header"].tobytes().decode()
            content = parse_object(text, "the header")
            header = validate(_HEADER, content, "the header", exact=True)
            features = _assemble(header, dict(arrays))
        _check_lengths(features)
    except (*DAMAGED, BadInput) as error:
        raise BadInput(f"Stored features are damaged: {error}", code="damaged") from None
    return features


def _assemble(header: _Header, arrays: dict[str, np.ndarray]) -> VideoFeatures:
    """Raises KeyError, ValueError, TypeError."""
    if header.format != FEATURES_FORMAT:
        raise ValueError(f"format {header.format}, expected {FEATURES_FORMAT}")
    return VideoFeatures(
        sha256=header.sha256,
        info=header.info,
        times_s=arrays["times_s"],
        track=AthleteTrack(
            boxes=tuple(Box(*(int(value) for value in box)) for box in arrays["boxes"]),
            found=tuple(bool(found) for found in arrays["found"]),
            centres_px=arrays["centres_px"],
            full_size=header.track.full_size,
            note=header.track.note,
            camera=header.track.camera,
            direction=header.track.direction,
            warnings=header.track.warnings,
            cuts=header.track.cuts,
            drift_px=arrays.get("drift_px"),
        ),
        step=header.step,
        views={
            augmentation: {name: arrays[f"{number}-{name}"] for name in VIEWS}
            for number, augmentation in enumerate(header.augmentations)
        },
        landmarks=arrays["landmarks"],
    )


def _check_lengths(features: VideoFeatures) -> None:
    """Raises ValueError unless every array has one row for each frame."""
    count = len(features.times_s)
    track = features.track
    lengths = [len(track.boxes), len(track.found), len(track.centres_px), len(features.landmarks)]
    lengths += [len(values) for views in features.views.values() for values in views.values()]
    if any(length != count for length in lengths):
        raise ValueError(f"{count} frame times, but arrays of {sorted(set(lengths))} rows")
