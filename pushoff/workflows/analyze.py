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
from pushoff.util.plurals import count_noun
from pushoff.util.progress import OnProgress, Progress
from pushoff.values import PROVEN_PUSH_OFFS, Exercise
from pushoff.workflows.steps.push_off_finder import PushOffFinder, load_push_off_finder

if TYPE_CHECKING:
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.model.model import PushOffModel

FROM_RULES = (
    "The push-offs come from fixed rules on body landmarks, not from a model that learnt from "
    "labelled videos."
)
"""The first warning of a report that no model made."""
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

    `model_version` None takes the champion, or the pose rules before there is one; `capture_fps` is
    the camera's rate, frames/s (None: as the file says); `requested` is the exercise the athlete
    was asked to do. Needs neither Label Studio nor Redis. Raises VideoRefused, BadInput when the
    calibration belongs to an image of another size, NoSuchModel, ModelRefused, RegistryUnavailable,
    StorageFailed.
    """
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR

    finder = load_push_off_finder(services, model_version)
    features = load_or_extract(
        services.storage,
        path,
        capture_fps,
        finder.extractor,
        WITH_MIRROR,
        on_progress,
        services.scratch,
    )
    on_progress(Progress("finding push-offs"))
    analysis = find_push_offs(path, features, finder, capture_known=capture_fps is not None)
    report = build_session_report(analysis, path.name, calibration=calibration, requested=requested)
    return Analysis(report, _strip_images(path, features, report))


def find_push_offs(
    path: Path, features: "VideoFeatures", finder: PushOffFinder, *, capture_known: bool
) -> VideoAnalysis:
    """What is found in the video; it can be stored.

    `features` are those of the file at `path`, by the finder's backbone; `capture_known` says that
    the camera's rate was given. Raises VideoRefused, ModelRefused.
    """
    track = features.track
    found = finder.predict(features)
    events = with_toes(path, features, found.events)
    truncated = truncation_warning(len(features.times_s), features.info.declared_frames)
    warnings = (truncated, None if finder.model else FROM_RULES)
    return VideoAnalysis(
        info=features.info,
        capture_known=capture_known,
        track=TrackSummary(track.note, track.camera, track.direction, track.warnings, track.cuts),
        boxes_px=np.array([box.as_list() for box in track.boxes], np.int32).reshape(-1, 4),
        scores=found.scores,
        events=tuple(events),
        model_version=finder.version,
        model_score=describe_score(finder.model),
        warnings=tuple(warning for warning in warnings if warning),
        out_of_distribution=finder.is_out_of_distribution(features),
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


def describe_score(model: "PushOffModel | None") -> str | None:
    """The model's score on what it held out, one or two sentences; None when that was nothing.

    Without a model: what is known of the rules.
    """
    if model is None:
        return f"{FROM_RULES} Their accuracy on videos like this one is not measured."
    card = model.card.scorecard
    if card is None:
        return None
    push_offs = count_noun(card.push_offs, f"{card.footage} push-off")
    groups = count_noun(len(card.groups), "athlete" if card.split_by == "athlete" else "video")
    measured = (
        f"F1 {card.f1_within_1:.2f} ({card.f1_interval.low:.2f} to {card.f1_interval.high:.2f}) "
        "within one frame."
    )
    if not card.independent:
        return (
            f"Provisional, not proven: tested on {push_offs} of {groups} of which it was trained "
            f"on other frames: {measured}"
        )
    tested = f"Tested on {push_offs} of {groups} that it was not trained on: {measured}"
    if not card.proven:
        return f"{tested} Not proven: that takes at least {PROVEN_PUSH_OFFS} push-offs."
    return tested


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
