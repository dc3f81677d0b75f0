"""What was read out of one video, before anybody is told: enough to make its report again and again.

Reading a video takes minutes; a report takes milliseconds. So the reading is kept, and a report is
made anew whenever somebody corrects a push-off or clicks a calibration.
"""

import io
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from pushoff.errors import BadInput, StorageFailed
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.drill.visibility_gaps import find_visibility_gaps
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import Calibration
from pushoff.events.measure.toe_consistency import without_contradictions
from pushoff.events.report import SessionReport, build_report
from pushoff.events.spotting import FrameScores
from pushoff.events.values import Direction, PushOffEvent
from pushoff.util.npz import DAMAGED
from pushoff.values import Exercise, VideoInfo

FORMAT = 2
"""Raised when what is kept changes its meaning: older readings are then made anew."""
SLOWEST_S = 1.0
"""Push-offs farther apart than this on average are slow motion taken for real time: the longest
phases of a triple jump take 0.8 s."""
_SURELY_CAMERA_FPS = 100.0
"""A file that plays this fast was filmed so; slower ones may be slow motion."""
_CURVES = ("times_s", "push_off", "contact", "near", "approach", "athlete")


@dataclass(frozen=True)
class TrackSummary:
    """How the athlete was followed; as `pushoff.video.tracking.athlete.AthleteTrack` has it."""

    note: str
    camera: str
    direction: str | None
    warnings: tuple[str, ...]
    cuts: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class VideoAnalysis:
    """Everything a report is made of, but what people say of the video."""

    info: VideoInfo
    capture_known: bool
    """Somebody said at what rate the camera filmed."""
    followed: TrackSummary
    boxes_px: np.ndarray
    """(N, 4) int32 of every frame: x, y, width, height in full-size pixels."""
    curves: FrameScores
    events: tuple[PushOffEvent, ...]
    """As the model sees them, before any correction."""
    model_version: str
    model_score: str | None
    warnings: tuple[str, ...]
    unlike: bool = False
    """Whether the video looks unlike those the model learnt from."""


def build_session_report(
    read: VideoAnalysis,
    video: str,
    *,
    calibration: Calibration | None = None,
    asked: Exercise | None = None,
    events: Sequence[PushOffEvent] | None = None,
) -> SessionReport:
    """The report. `video` is the file's name; `events` are the push-offs where people corrected.

    Raises BadInput when the calibration belongs to a picture of another size.
    """
    info = read.info
    if calibration:
        calibration.check_picture(info.width_px, info.height_px)
    pushes = list(read.events if events is None else events)
    gaps = find_visibility_gaps(read.curves.times_s, read.curves.athlete, read.followed.cuts)
    sequence = classify_sequence(pushes, asked, gaps)
    direction = Direction(read.followed.direction) if read.followed.direction else None
    counting = sorted((*sequence.approach, *sequence.drill))
    counted = without_contradictions([pushes[index] for index in counting], direction, gaps)
    for index, push in zip(counting, counted, strict=True):
        pushes[index] = push
    trusted, doubt = rate_is_trusted(
        counted, float(info.frame_rate), read.capture_known, read.followed.camera
    )
    distances = measure_distances(
        [pushes[index] for index in sequence.drill],
        capture_fps=float(info.capture_rate),
        calibration=calibration,
        time_trusted=trusted,
        camera_fixed=read.followed.camera == "fixed",
        broken_after=sequence.broken_after,
    )
    return build_report(
        video=video,
        info=info,
        time_trusted=trusted,
        athlete=read.followed,
        reading=read.curves,
        events=pushes,
        sequence=sequence,
        distances=distances,
        model_version=read.model_version,
        model_score=read.model_score,
        warnings=_told(read, trusted, doubt),
        unlike=read.unlike,
    )


def rate_is_trusted(
    events: Sequence[PushOffEvent], file_fps: float, capture_known: bool, camera: str = "fixed"
) -> tuple[bool, str | None]:
    """Whether the camera's rate is known well enough to speak of seconds, and what to say if not.

    A file at 30/s whose push-offs lie seconds apart was filmed faster than it plays. A slow file of
    a camera that pans is as likely a broadcast's slow motion as real time, and its push-offs may be
    too few to tell: nothing is said of seconds until somebody says the rate.
    """
    if capture_known or file_fps >= _SURELY_CAMERA_FPS:
        return True, None
    if camera == "panning" and events:
        return False, (
            f"This video plays at {file_fps:.3g} frames/s and its camera moves along: it may be "
            "slow motion. Say at what rate the camera filmed; until then no seconds and no speeds "
            "are given."
        )
    gaps = [after.time_s - before.time_s for before, after in pairwise(events)]
    usual_s = statistics.median(gaps) if gaps else 0.0
    if usual_s > SLOWEST_S:
        return False, (
            f"This video plays at {file_fps:.3g} frames/s and its push-offs lie {usual_s:.1f} s "
            "apart: it is slow motion. Say at what rate the camera filmed; until then no seconds "
            "and no speeds are given, and push-offs may be missed."
        )
    return True, (
        f"Read as real time at {file_fps:.3g} frames/s. If it is slow motion, say at what rate the "
        "camera filmed."
    )


def to_bytes(read: VideoAnalysis) -> bytes:
    """As a file to keep: arrays, and the rest as JSON among them."""
    rest = {
        "format": FORMAT,
        "info": {**asdict(read.info), **_fractions(read.info)},
        "capture_known": read.capture_known,
        "followed": asdict(read.followed),
        "step": read.curves.step,
        "events": [asdict(event) for event in read.events],
        "model_version": read.model_version,
        "model_score": read.model_score,
        "warnings": read.warnings,
        "unlike": read.unlike,
    }
    arrays = {name: getattr(read.curves, name) for name in _CURVES}
    told = np.frombuffer(json.dumps(rest).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, told=told, boxes_px=read.boxes_px, **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> VideoAnalysis:
    """What `to_bytes` wrote. Raises StorageFailed when it is damaged or of another format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            rest: dict[str, Any] = json.loads(kept["told"].tobytes())
            if rest["format"] != FORMAT:
                raise ValueError(f"format {rest['format']}, not {FORMAT}")
            curves = FrameScores(**{name: kept[name] for name in _CURVES}, step=rest["step"])
            info = rest["info"]
            rates = {name: Fraction(info[name]) for name in ("frame_rate", "capture_rate")}
            followed = rest["followed"]
            followed |= {name: tuple(followed[name]) for name in ("warnings", "cuts")}
            return VideoAnalysis(
                info=VideoInfo(**{**info, **rates}),
                capture_known=rest["capture_known"],
                followed=TrackSummary(**followed),
                boxes_px=kept["boxes_px"],
                curves=curves,
                events=tuple(_event(fields) for fields in rest["events"]),
                model_version=rest["model_version"],
                model_score=rest["model_score"],
                warnings=tuple(rest["warnings"]),
                unlike=rest["unlike"],
            )
    except (*DAMAGED, BadInput) as error:
        raise StorageFailed(
            f"the video's reading is damaged ({error}): have it read again"
        ) from None


def _told(read: VideoAnalysis, trusted: bool, doubt: str | None) -> tuple[str, ...]:
    """The warnings; where seconds are not to be trusted the track's own say so."""
    told = (*read.warnings, *read.followed.warnings)
    if read.followed.warnings and not trusted:
        rate = float(read.info.capture_rate)
        told += (f"Seconds in these warnings count {rate:.3g} frames/s as real time.",)
    return (*told, doubt) if doubt else told


def _fractions(info: VideoInfo) -> dict[str, str]:
    return {"frame_rate": str(info.frame_rate), "capture_rate": str(info.capture_rate)}


def _event(fields: dict[str, Any]) -> PushOffEvent:
    toe = fields["toe_px"]
    return PushOffEvent(**{**fields, "toe_px": tuple(toe) if toe else None})
