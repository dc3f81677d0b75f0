"""One video from file to report, for a command or a session: read from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pushoff.events.analysis_result import VideoAnalysis, build_session_report
from pushoff.events.measure.ground_calibration import Calibration
from pushoff.events.report import SessionReport
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.services import Services
from pushoff.util.progress import OnProgress, Progress
from pushoff.values import Exercise

if TYPE_CHECKING:
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.model.sequence_head import EventModel

TOE_UNCERTAINTY_FACTOR = 2.6
"""Multiplies the uncertainty that `pushoff.video.toe.locate` states for a toe: the root mean square
of its errors along the runway, of which distances are made, in units of the stated uncertainty.
Measured on 52 toes of 12 synthetic videos: 2.9 on one half of the videos and 2.3 on the other. On
the same videos 73 % of the toes then lie within one standard deviation along the runway, and 94 %
within two."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The report of one video, and the images that go with it."""

    report: SessionReport
    images: dict[int, bytes]
    """JPEG of the athlete by frame, for the film strips."""


def analyze_video(
    services: Services,
    path: Path,
    *,
    model_version: str | None,
    capture_fps: float | None,
    calibration: Calibration | None,
    requested: Exercise | None,
    on_progress: OnProgress,
) -> Analysis:
    """Push-offs, feet, exercise, times and distances of the video at `path`, and its film strips.

    `model_version` None takes the champion; `capture_fps` is the camera's rate, frames/s (None: as
    the file says); `requested` is the exercise the athlete was asked to do. Needs neither Label
    Studio nor Redis. Raises VideoRefused, BadInput when the calibration belongs to an image of
    another size, NoSuchModel, ModelRefused, RegistryUnavailable, StorageFailed.
    """
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR
    from pushoff.learning.model.champion import load_event_champion

    version, model = load_event_champion(services.registry, services.model_cache, model_version)
    features = load_or_extract(
        services.storage,
        path,
        capture_fps,
        model.extractor,
        WITH_MIRROR,
        on_progress,
        services.scratch,
    )
    on_progress(Progress("finding push-offs"))
    analysis = find_push_offs(path, features, model, version, capture_known=capture_fps is not None)
    report = build_session_report(analysis, path.name, calibration=calibration, requested=requested)
    return Analysis(report, _strip_images(path, features, report))


def find_push_offs(
    path: Path,
    features: "VideoFeatures",
    model: "EventModel",
    version: str,
    *,
    capture_known: bool,
) -> VideoAnalysis:
    """What the model finds in the video; it can be stored.

    `features` are those of the file at `path`; `capture_known` says that the camera's rate was
    given. Raises VideoRefused.
    """
    track = features.track
    scores = model.score_frames(features)
    events = with_toes(path, features, model.find_events(features, scores))
    truncated = truncation_warning(len(features.times_s), features.info.declared_frames)
    return VideoAnalysis(
        info=features.info,
        capture_known=capture_known,
        track=TrackSummary(track.note, track.camera, track.direction, track.warnings, track.cuts),
        boxes_px=np.array([box.as_list() for box in track.boxes], np.int32).reshape(-1, 4),
        scores=scores,
        events=tuple(events),
        model_version=version,
        model_score=describe_score(model),
        warnings=(truncated,) if truncated else (),
        out_of_distribution=model.novelty_detector.is_out_of_distribution(features),
    )


def truncation_warning(decoded: int, declared: int | None) -> str | None:
    """A warning for a file of which only `decoded` of the `declared` frames can be decoded.

    None where all frames, or nearly all, can: containers miscount by a frame or two.
    """
    if declared is None or declared - decoded <= max(2, 0.01 * declared):
        return None
    return (
        f"The file is truncated: only {decoded} of its {declared} frames can be decoded. The rest "
        "of the video was not analysed. Copy the file from the camera and upload it again."
    )


def describe_score(model: "EventModel") -> str | None:
    """The model's score on held-out clips, one sentence; None when nothing was held out."""
    held_out = model.settings.held_out
    if not held_out:
        return None
    return (
        f"Tested on {held_out['clips']} clips that it was not trained on ({held_out['truth']} "
        f"push-offs; {model.settings.confidence.measured_on}): F1 {held_out['f1']:.2f} within "
        f"{held_out['tolerance_frames']} frame."
    )


def with_toes(
    path: Path, features: "VideoFeatures", events: Sequence[PushOffEvent]
) -> list[PushOffEvent]:
    """The events with the toe's point on the ground, where a fixed camera shows it."""
    from pushoff.video.decoding.decode import decode
    from pushoff.video.toe.locate import frames_needed, locate_toes

    track = features.track
    if track.camera != "fixed" or not events:
        return list(events)
    event_frames = [event.frame for event in events]
    needed = frames_needed(event_frames, len(features.times_s), track.boxes, features.step)
    decoded = decode(path, features.info, indices=needed).frames()
    images = ((frame.ref.index, frame.image) for frame in decoded)  # one full frame in memory
    toes = locate_toes(images, event_frames, track.boxes, track.direction, features.step)
    return [
        replace(
            event,
            toe_px=(toe.x_px, toe.y_px),
            toe_uncertainty_px=TOE_UNCERTAINTY_FACTOR * toe.uncertainty_px,
        )
        if toe
        else event
        for event, toe in zip(events, toes, strict=True)
    ]


def _strip_images(path: Path, features: "VideoFeatures", report: SessionReport) -> dict[int, bytes]:
    """JPEG of the athlete, by frame, of every frame of the report's film strips."""
    from pushoff.report.film_strips import strip_frames
    from pushoff.video.decoding.decode import decode
    from pushoff.video.images import crop_athlete, encode_jpeg

    frames = sorted({frame for strip in strip_frames(report) for frame in strip})
    if not frames:
        return {}
    boxes = features.track.boxes
    return {
        frame.ref.index: encode_jpeg(crop_athlete(frame.image, boxes[frame.ref.index]), quality=80)
        for frame in decode(path, features.info, indices=frames).frames()
    }
