"""The analysis of one video: what the models found in it, before any correction.

An analysis takes minutes and a report milliseconds, so the analysis is stored, and the report is
built again after every correction or calibration.
"""

import io
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pushoff.errors import BadInput, StorageFailed
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.drill.visibility_gaps import broken_after, find_visibility_gaps
from pushoff.events.measure.distances import measure_distances
from pushoff.events.measure.ground_calibration import Calibration
from pushoff.events.measure.toe_consistency import drop_inconsistent_toes
from pushoff.events.report import SessionReport
from pushoff.events.report_builder import build_report
from pushoff.events.spotting import FrameScores
from pushoff.events.values import Direction, PushOffEvent, TrackSummary
from pushoff.util.json_input import TypeAdapter, validate
from pushoff.util.npz import DAMAGED
from pushoff.values import Exercise, VideoInfo

FORMAT = 3
"""Number of the stored format."""
MAX_REAL_TIME_INTERVAL_S = 1.0
"""A longer median interval between push-offs is slow motion: the longest phases of a triple jump
take 0.8 s."""
_HIGH_SPEED_FPS = 100.0
"""A file that plays this fast was filmed at its own rate; a slower one may be slow motion."""
_SCORE_ARRAYS = ("times_s", "push_off", "contact", "near", "approach", "athlete")
_REMEDY = "Analyse the video again."


@dataclass(frozen=True, eq=False)
class VideoAnalysis:
    """Everything a report is built from, apart from what people enter."""

    info: VideoInfo
    capture_known: bool
    """The camera's frame rate was given, not assumed to be the file's."""
    track: TrackSummary
    boxes_px: np.ndarray
    """(N, 4) int32, the athlete in every frame: x, y, width, height in full-size pixels."""
    scores: FrameScores
    events: tuple[PushOffEvent, ...]
    """As the model found them, before any correction."""
    model_version: str
    model_score: str | None
    warnings: tuple[str, ...]
    out_of_distribution: bool = False
    """Whether the video is unlike the videos the model was trained on."""


def build_session_report(
    analysis: VideoAnalysis,
    video: str,
    *,
    calibration: Calibration | None = None,
    requested: Exercise | None = None,
    events: Sequence[PushOffEvent] | None = None,
) -> SessionReport:
    """The report of an analysis.

    `video` is the file's name, `requested` the exercise the coach asked for, and `events` the
    push-offs after corrections, None where there are none. Raises BadInput when the calibration
    belongs to a picture of another size.
    """
    info, track = analysis.info, analysis.track
    if calibration:
        calibration.check_picture(info.width_px, info.height_px)
    push_offs = list(analysis.events if events is None else events)
    gaps = find_visibility_gaps(analysis.scores.times_s, analysis.scores.athlete, track.cuts)
    sequence = classify_sequence(push_offs, requested, gaps)
    direction = Direction(track.direction) if track.direction else None
    counted_indices = sorted((*sequence.approach, *sequence.drill))
    counted = drop_inconsistent_toes([push_offs[i] for i in counted_indices], direction, gaps)
    for index, event in zip(counted_indices, counted, strict=True):
        push_offs[index] = event
    trusted, rate_warning = rate_is_trusted(
        counted, float(info.frame_rate), analysis.capture_known, track.camera
    )
    measured = [push_offs[index] for index in sequence.measured]
    distances = measure_distances(
        measured,
        capture_fps=float(info.capture_rate),
        calibration=calibration,
        time_trusted=trusted,
        camera_fixed=track.camera == "fixed",
        broken_after=broken_after(measured, gaps),
    )
    return build_report(
        video=video,
        info=info,
        time_trusted=trusted,
        track=track,
        scores=analysis.scores,
        events=push_offs,
        sequence=sequence,
        distances=distances,
        model_version=analysis.model_version,
        model_score=analysis.model_score,
        warnings=_warnings(analysis, trusted, rate_warning),
        out_of_distribution=analysis.out_of_distribution,
    )


def rate_is_trusted(
    events: Sequence[PushOffEvent], file_fps: float, capture_known: bool, camera: str = "fixed"
) -> tuple[bool, str | None]:
    """Whether the camera's frame rate is known well enough to give seconds, and a warning.

    A file at 30/s whose push-offs are seconds apart was filmed faster than it plays. A slow file
    from a panning camera is as likely a broadcast's slow motion as real time, and may have too few
    push-offs to tell: its rate is not trusted until somebody gives it.
    """
    if capture_known or file_fps >= _HIGH_SPEED_FPS:
        return True, None
    if camera == "panning" and events:
        return False, (
            f"This video plays at {file_fps:.3g} frames/s and its camera pans: it may be slow "
            "motion. Enter the camera's frame rate. Until then, times and speeds are not shown."
        )
    intervals_s = [after.time_s - before.time_s for before, after in pairwise(events)]
    median_s = statistics.median(intervals_s) if intervals_s else 0.0
    if median_s > MAX_REAL_TIME_INTERVAL_S:
        return False, (
            f"This video plays at {file_fps:.3g} frames/s and its push-offs are {median_s:.1f} s "
            "apart: it is slow motion. Enter the camera's frame rate. Until then, times and speeds "
            "are not shown, and push-offs may be missed."
        )
    return True, (
        f"The analysis assumes that the video plays in real time ({file_fps:.3g} frames/s). If it "
        "is slow motion, enter the camera's frame rate."
    )


@dataclass(frozen=True)
class _Metadata:
    """Everything of an analysis that is not an array, as stored in JSON."""

    format: int
    info: VideoInfo
    capture_known: bool
    track: TrackSummary
    step: int
    events: tuple[PushOffEvent, ...]
    model_version: str
    model_score: str | None
    warnings: tuple[str, ...]
    out_of_distribution: bool


_METADATA = TypeAdapter(_Metadata)


def to_bytes(analysis: VideoAnalysis) -> bytes:
    """The stored form: an .npz file of the arrays, with the rest as JSON beside them."""
    metadata = _Metadata(
        format=FORMAT,
        info=analysis.info,
        capture_known=analysis.capture_known,
        track=analysis.track,
        step=analysis.scores.step,
        events=analysis.events,
        model_version=analysis.model_version,
        model_score=analysis.model_score,
        warnings=analysis.warnings,
        out_of_distribution=analysis.out_of_distribution,
    )
    text = json.dumps(_METADATA.dump_python(metadata, mode="json"))
    arrays = {name: getattr(analysis.scores, name) for name in _SCORE_ARRAYS}
    file = io.BytesIO()
    np.savez_compressed(
        file,
        metadata=np.frombuffer(text.encode(), np.uint8),
        boxes_px=analysis.boxes_px,
        **arrays,
    )
    return file.getvalue()


def from_bytes(data: bytes) -> VideoAnalysis:
    """The analysis that `to_bytes` stored.

    Raises StorageFailed with the code `other_format` or `damaged_analysis`.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            fields: Any = json.loads(stored["metadata"].tobytes())
            boxes_px: np.ndarray = stored["boxes_px"]
            arrays = {name: stored[name] for name in _SCORE_ARRAYS}
    except DAMAGED as error:
        raise _damaged(error) from None
    if isinstance(fields, dict) and fields.get("format") not in (None, FORMAT):
        raise StorageFailed(
            f"The video's analysis has format {fields['format']}, expected {FORMAT}.",
            code="other_format",
            remedy=_REMEDY,
        )
    metadata = validate(_METADATA, fields, "the video's analysis", StorageFailed, _REMEDY)
    try:
        scores = FrameScores(
            times_s=arrays["times_s"],
            push_off=arrays["push_off"],
            contact=arrays["contact"],
            near=arrays["near"],
            approach=arrays["approach"],
            athlete=arrays["athlete"],
            step=metadata.step,
        )
    except (*DAMAGED, BadInput) as error:
        raise _damaged(error) from None
    return VideoAnalysis(
        info=metadata.info,
        capture_known=metadata.capture_known,
        track=metadata.track,
        boxes_px=boxes_px,
        scores=scores,
        events=metadata.events,
        model_version=metadata.model_version,
        model_score=metadata.model_score,
        warnings=metadata.warnings,
        out_of_distribution=metadata.out_of_distribution,
    )


def _damaged(error: Exception) -> StorageFailed:
    return StorageFailed(
        f"The video's analysis is damaged ({error}).", code="damaged_analysis", remedy=_REMEDY
    )


def _warnings(analysis: VideoAnalysis, trusted: bool, rate_warning: str | None) -> tuple[str, ...]:
    """All warnings; where times are not trusted, how to understand the seconds of the track's."""
    warnings = (*analysis.warnings, *analysis.track.warnings)
    if analysis.track.warnings and not trusted:
        rate = float(analysis.info.capture_rate)
        warnings += (
            "Times in these warnings assume that the video plays in real time at "
            f"{rate:.3g} frames/s.",
        )
    return (*warnings, rate_warning) if rate_warning else warnings
