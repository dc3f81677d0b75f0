"""Combining the results for one video into its report."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.drill.sequence import SequenceResult
from pushoff.events.measure.phases import DistanceResult
from pushoff.events.report import Curve, SessionReport
from pushoff.events.spotting import FrameScores
from pushoff.events.values import Direction, PushOffEvent, TrackSummary
from pushoff.values import VideoInfo

CURVE_POINTS = 600
"""More points cannot be distinguished at the width of a page."""
COARSE_S = 0.015
"""Annotators and force plates agree within 5 to 15 ms (docs/domain.md, "Timing agreement"); a
longer frame interval hides more than that."""
OOD_WARNING = (
    "This video is unlike the videos the model was trained on: another place, camera or clothing. "
    "Some push-offs may be missing or wrong, even where the probability is high. Ask the operator "
    "to train the model on similar videos."
)
NO_SCORE = "This model has no score on held-out videos: its accuracy is unknown."


def build_report(
    *,
    video: str,
    info: VideoInfo,
    time_trusted: bool,
    track: TrackSummary,
    scores: FrameScores,
    events: Sequence[PushOffEvent],
    sequence: SequenceResult,
    distances: DistanceResult,
    model_version: str,
    model_score: str | None = None,
    warnings: Sequence[str] = (),
    out_of_distribution: bool = False,
) -> SessionReport:
    """Combine the results for one video.

    Without `time_trusted` the camera's rate is unknown and `info.capture_rate` is not used.
    `distances` are between the push-offs of `sequence.measured`. Warnings of the report, in order:
    out of distribution, `warnings`, the track's, the frame rate's. Raises BadInput when the parts
    are not of the same video.
    """
    _require_athlete(events, scores)
    capture_fps = float(info.capture_rate) if time_trusted else None
    frames, times_s = len(scores.times_s), scores.times_s
    duration_s = float(times_s[-1] - times_s[0]) + scores.interval_s if frames else 0.0
    all_warnings = [
        *([OOD_WARNING] if out_of_distribution else []),
        *warnings,
        *track.warnings,
        *_frame_rate_warnings(capture_fps),
    ]
    return SessionReport(
        video=_printable(video),
        frames=frames,
        file_fps=float(info.frame_rate),
        capture_fps=capture_fps,
        duration_s=duration_s if time_trusted else None,
        size_px=(info.width_px, info.height_px),
        camera=track.camera,
        direction=Direction(track.direction) if track.direction else None,
        athlete_note=track.note,
        athlete_frames=int(scores.athlete.sum()),
        warnings=tuple(dict.fromkeys(all_warnings)),
        out_of_distribution=out_of_distribution,
        model_version=model_version,
        model_score=model_score or NO_SCORE,
        events=tuple(events),
        sequence=sequence,
        distances=distances,
        curve=_downsample(scores, time_trusted),
    )


def _frame_rate_warnings(capture_fps: float | None) -> list[str]:
    if capture_fps is None:
        return [
            "The camera's frame rate is unknown, so positions are in frames and times are not "
            "shown. Enter the camera's frame rate, for example 240 frames/s."
        ]
    if 1 / capture_fps > COARSE_S:
        return [
            f"One frame of this video lasts {1000 / capture_fps:.0f} ms: push-offs cannot be timed "
            "more precisely than that. Record at 240 frames/s if the camera can."
        ]
    return []


def _require_athlete(events: Sequence[PushOffEvent], scores: FrameScores) -> None:
    for frame in (event.frame for event in events):
        if not 0 <= frame < len(scores.athlete) or not scores.athlete[frame]:
            raise BadInput(
                f"a push-off is in frame {frame}, without a visible athlete: leave it out",
                code="event_without_athlete",
            )


def _downsample(scores: FrameScores, time_trusted: bool) -> Curve:
    """At most CURVE_POINTS points between the first and the last frame with the athlete."""
    visible = np.flatnonzero(scores.athlete)
    if not len(visible):
        return Curve((), () if time_trusted else None, ())
    start, stop = int(visible[0]), int(visible[-1]) + 1
    heights = scores.push_off * scores.athlete
    edges = np.linspace(start, stop, min(CURVE_POINTS, stop - start) + 1).astype(int)
    frames = [int(first + heights[first:end].argmax()) for first, end in pairwise(edges)]
    times = tuple(float(scores.times_s[frame]) for frame in frames) if time_trusted else None
    return Curve(tuple(frames), times, tuple(float(heights[frame]) for frame in frames))


def _printable(name: str) -> str:
    """Without control characters and lone surrogates, which cannot be written to a file."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )
