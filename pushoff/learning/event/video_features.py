"""A described video, as the temporal heads see it, and its bytes."""

import io
import json
from dataclasses import dataclass

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.values import Direction
from pushoff.learning.event.feature_extractor import FEATURES, LOWER, Augmentation
from pushoff.util.npz import DAMAGED
from pushoff.values import Box, VideoInfo
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.video.vertical_flow import RISE_CHANNELS

FORMAT = 7
"""Raised when tracker, views or description change: what was kept before is then made anew."""
VIEWS = {
    "colours": FEATURES,
    "motion": FEATURES,
    "colours-low": LOWER,
    "motion-low": LOWER,
    "rise": RISE_CHANNELS,
}
"""Every way a frame is described, and how many numbers each gives; `-low` is a picture's lower
part."""


@dataclass(frozen=True, eq=False)
class VideoFeatures:
    """Everything known of a video that has been described."""

    sha256: str
    info: VideoInfo
    times_s: np.ndarray
    """(N,) camera seconds."""
    track: AthleteTrack
    step: int
    """Frames in 1/30 s: how far apart the head looks."""
    described: dict[Augmentation, dict[str, np.ndarray]]
    """Per variant and view, (N, VIEWS[view]) float16; zeros where the athlete is not."""

    @property
    def direction(self) -> Direction | None:
        """Where the athlete travels."""
        return Direction(self.track.direction) if self.track.direction else None

    @property
    def athlete(self) -> np.ndarray:
        """(N,) bool: seen in the picture."""
        return np.array(self.track.found, bool)


def features_to_bytes(video: VideoFeatures) -> bytes:
    """The video as an .npz without objects in it, readable by `features_from_bytes`."""
    info = {
        **{name: value for name, value in vars(video.info).items() if not name.endswith("_rate")},
        "frame_rate": str(video.info.frame_rate),
        "capture_rate": str(video.info.capture_rate),
    }
    track = video.track
    facts = {
        "sha256": video.sha256,
        "step": video.step,
        "info": info,
        "variants": [vars(variant) for variant in video.described],
        "track": {
            "full_size": track.full_size,
            "note": track.note,
            "camera": track.camera,
            "direction": track.direction,
            "warnings": track.warnings,
            "cuts": track.cuts,
        },
    }
    arrays = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "times_s": video.times_s,
        "boxes": np.array([box.as_list() for box in track.boxes], np.int32),
        "found": np.array(track.found, bool),
        "centres_px": track.centres_px,
    }
    if track.drift_px is not None:
        arrays["drift_px"] = track.drift_px
    for number, views_of in enumerate(video.described.values()):
        arrays |= {f"{number}-{view}": values for view, values in views_of.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def features_from_bytes(data: bytes) -> VideoFeatures:
    """A video out of `features_to_bytes`. Raises BadInput when anything is amiss."""
    from fractions import Fraction

    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            info = facts["info"]
            rates = {name: Fraction(info[name]) for name in ("frame_rate", "capture_rate")}
            track = facts["track"]
            wanted = [Augmentation(**one) for one in facts["variants"]]
            video = VideoFeatures(
                sha256=facts["sha256"],
                info=VideoInfo(**{**info, **rates}),
                times_s=arrays["times_s"],
                track=AthleteTrack(
                    boxes=tuple(Box(*(int(one) for one in box)) for box in arrays["boxes"]),
                    found=tuple(bool(one) for one in arrays["found"]),
                    centres_px=arrays["centres_px"],
                    full_size=tuple(track["full_size"]),
                    note=track["note"],
                    camera=track["camera"],
                    direction=track["direction"],
                    warnings=tuple(track["warnings"]),
                    cuts=tuple(int(frame) for frame in track["cuts"]),
                    drift_px=arrays.get("drift_px"),
                ),
                step=int(facts["step"]),
                described={
                    variant: {view: arrays[f"{number}-{view}"] for view in VIEWS}
                    for number, variant in enumerate(wanted)
                },
            )
        return _whole(video)
    except DAMAGED as error:
        raise BadInput(f"a kept description of a video is damaged ({error!r})") from None


def _whole(video: VideoFeatures) -> VideoFeatures:
    """The video, if its parts are of one length. Raises ValueError."""
    count = len(video.times_s)
    parts = [video.track.boxes, video.track.found, video.track.centres_px]
    parts += [values for views_of in video.described.values() for values in views_of.values()]
    if any(len(part) != count for part in parts):
        raise ValueError(f"{count} times, {[len(part) for part in parts]} of the rest")
    return video
