"""One video from file to report: the coach's story, read from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pushoff.events.analysis_result import VideoAnalysis, build_session_report
from pushoff.events.measure.ground_calibration import Calibration
from pushoff.events.report import SessionReport
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.values import Exercise

if TYPE_CHECKING:
    from pushoff.learning.event.model import EventModel
    from pushoff.learning.event.video_features import VideoFeatures

TOE_CAUTION = 2.6
"""What a toe's stated uncertainty is multiplied by: its root mean square error along the runway,
which distances are made of. Measured on 52 toes of 12 synthetic videos (`pushoff.video.toe.locate`): 2.6,
2.9 on one half of the videos and 2.3 on the other. 73 % of the toes then lie within one standard
deviation along the runway and 94 % within two, on the same videos it was set by."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The report of one video and the pictures that go with it."""

    report: SessionReport
    pictures: dict[int, bytes]
    """JPEG of the athlete by frame, for the film strips."""


def analyze_video(
    path: Path,
    video: "VideoFeatures",
    spotter: "EventModel",
    version: str,
    *,
    capture_known: bool,
    calibration: Calibration | None = None,
    asked: Exercise | None = None,
) -> Analysis:
    """Push-offs, feet, exercise and distances of a described video, and its film strips.

    `capture_known` says that the camera's rate was given. Raises VideoRefused, and BadInput when
    the calibration belongs to a picture of another size.
    """
    read = read_video(path, video, spotter, version, capture_known=capture_known)
    report = build_session_report(read, path.name, calibration=calibration, requested=asked)
    return Analysis(report, _strips(path, video, report))


def read_video(
    path: Path, video: "VideoFeatures", spotter: "EventModel", version: str, *, capture_known: bool
) -> VideoAnalysis:
    """What the model sees in a described video, to be kept. Raises VideoRefused."""
    track = video.track
    curves = spotter.score_frames(video)
    events = with_toes(path, video, spotter.find_events(video, curves))
    cut_off = ends_early(len(video.times_s), video.info.declared_frames)
    return VideoAnalysis(
        info=video.info,
        capture_known=capture_known,
        track=TrackSummary(track.note, track.camera, track.direction, track.warnings, track.cuts),
        boxes_px=np.array([box.as_list() for box in track.boxes], np.int32).reshape(-1, 4),
        scores=curves,
        events=tuple(events),
        model_version=version,
        model_score=score_sentence(spotter),
        warnings=(cut_off,) if cut_off else (),
        out_of_distribution=spotter.novelty_detector.is_out_of_distribution(video),
    )


def ends_early(decoded: int, declared: int | None) -> str | None:
    """What to say of a video of which only `decoded` of the `declared` frames could be read.

    None where all came out, or as good as all: containers miscount by a frame or two.
    """
    if declared is None or declared - decoded <= max(2, 0.01 * declared):
        return None
    return (
        f"The file ends early: {decoded} of its {declared} frames could be read. What comes after "
        "is missing here; copy or upload the video again."
    )


def score_sentence(spotter: "EventModel") -> str | None:
    """What the model was worth on videos it had not seen; None when nothing was held out."""
    held = spotter.settings.held_out
    if not held:
        return None
    on = spotter.settings.confidence.measured_on
    return (
        f"On {held['clips']} clips held out in turn it reached F1 {held['f1']:.2f} within "
        f"{held['tolerance_frames']} frame ({held['truth']} push-offs; {on})."
    )


def with_toes(
    path: Path, video: "VideoFeatures", events: Sequence[PushOffEvent]
) -> list[PushOffEvent]:
    """The events with the point where the toe stood, where it can be made out."""
    from pushoff.video.decoding.decode import decode
    from pushoff.video.toe.locate import frames_needed, locate_toes

    track = video.track
    if track.camera != "fixed" or not events:
        return list(events)
    wanted = [event.frame for event in events]
    needed = frames_needed(wanted, len(video.times_s), track.boxes, video.step)
    decoded = decode(path, video.info, indices=needed).frames()
    frames = ((frame.ref.index, frame.image) for frame in decoded)  # one full frame at a time
    toes = locate_toes(frames, wanted, track.boxes, track.direction, video.step)
    return [
        replace(
            event,
            toe_px=(toe.x_px, toe.y_px),
            toe_uncertainty_px=TOE_CAUTION * toe.uncertainty_px,
        )
        if toe
        else event
        for event, toe in zip(events, toes, strict=True)
    ]


def _strips(path: Path, video: "VideoFeatures", report: SessionReport) -> dict[int, bytes]:
    from pushoff.report.presentation import strip_frames
    from pushoff.video.images import crop_athlete, encode_jpeg

    wanted = sorted({frame for strip in strip_frames(report) for frame in strip})
    if not wanted:
        return {}
    from pushoff.video.decoding.decode import decode

    return {
        frame.ref.index: encode_jpeg(
            crop_athlete(frame.image, video.track.boxes[frame.ref.index]), quality=80
        )
        for frame in decode(path, video.info, indices=wanted).frames()
    }
