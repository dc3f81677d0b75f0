"""A synthetic drill as a coach's session whose analysis is the ground truth.

The session is marked as synthetic wherever it is shown.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from pushoff.coach.accounts import Account
from pushoff.coach.session_files import preview_key, save_analysis, thumbnail_key
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import (
    SessionDetails,
    State,
    change_session,
    create_session,
    get_session,
)
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.services import Services
from pushoff.synthetic.render import DrillSpec, DrillTruth, render_drill
from pushoff.util.smoothing import gaussian_smooth
from pushoff.values import Box
from pushoff.video.decoding.probe import probe
from pushoff.video.images import crop_athlete, encode_jpeg
from pushoff.video.preview import read_preview_images, write_preview

MODEL = "ground truth of a synthetic video"
_BODY = 0.45
"""Side of the athlete's box, as a share of the frame's height."""


@dataclass(frozen=True)
class KnownSession:
    """A session that is ready, with the ground truth of its video."""

    session_id: str
    spec: DrillSpec
    truth: DrillTruth


def known_session(
    services: Services, owner: Account, folder: Path, spec: DrillSpec, athlete: str, filmed_on: date
) -> KnownSession:
    """Render `spec` into `folder` and store it as a session of `owner` that is ready."""
    video = folder / f"rendered-{spec.exercise.value}-{spec.seed}.mp4"
    preview = video.with_suffix(".preview.mp4")
    truth = render_drill(video, spec)
    write_preview(video, probe(video, None), preview)
    details = SessionDetails(
        athlete,
        spec.exercise,
        filmed_on,
        float(spec.capture_fps),
        video.name,
        video.stat().st_size,
        "synthetic",
    )
    database, storage = services.database, services.storage
    session_id = create_session(database, owner, details, consent=True).session_id
    analysis = _true_analysis(video, spec, truth)
    save_analysis(storage, session_id, analysis)
    storage.write_file(preview_key(session_id), preview)
    middle = truth.push_off_frames[len(truth.push_off_frames) // 2]
    image = read_preview_images(preview, [middle])[middle]
    athlete_box = Box(*map(int, analysis.boxes_px[middle] * image.shape[1] / spec.width_px))
    storage.write(thumbnail_key(session_id), encode_jpeg(crop_athlete(image, athlete_box)))
    change_session(database, session_id, state=State.READY)
    report = current_report(database, storage, get_session(database, session_id)).report
    counted = {"headline": report.headline, "push_offs": len(report.events)}
    change_session(database, session_id, model_version=MODEL, **counted)
    return KnownSession(session_id, spec, truth)


def _true_analysis(video: Path, spec: DrillSpec, truth: DrillTruth) -> VideoAnalysis:
    frames, ups, toes = np.arange(truth.frames), truth.push_off_frames, np.array(truth.toes_px)
    near = np.exp(-0.5 * (np.subtract.outer(frames, ups) / 3) ** 2).max(axis=1)
    rng = np.random.default_rng(spec.seed)
    noise = 0.1 * gaussian_smooth(rng.random(truth.frames), 4)  # as a model's curve has
    side = _BODY * spec.height_px
    across, ground = (np.interp(frames, ups, toes[:, k]) for k in (0, 1))
    corner = [across - 0.55 * side, ground - 0.95 * side]
    flat = np.full(truth.frames, 0.5)
    return VideoAnalysis(
        info=probe(video, float(spec.capture_fps)),
        capture_known=True,
        track=TrackSummary("athlete found in every frame", "fixed", spec.direction, ()),
        boxes_px=np.stack([*corner, *[np.full(truth.frames, side)] * 2], axis=1).astype(np.int32),
        scores=FrameScores(
            frames / truth.fps,
            np.maximum(0.93 * near, noise),
            flat,
            flat,
            0 * flat,
            np.ones(truth.frames, dtype=bool),
            step=1,
        ),
        events=tuple(
            PushOffEvent(
                frame,
                frame / truth.fps,
                0.97,
                0.97 if foot == "left" else 0.03,
                approach_probability=0.97 if running else 0.03,
                toe_px=toe,
                toe_uncertainty_px=2.0,
            )
            for frame, foot, running, toe in zip(
                ups, truth.feet, truth.approach, truth.toes_px, strict=True
            )
        ),
        model_version=MODEL,
        model_score=None,
        warnings=("Synthetic video: this says nothing about real videos.",),
    )
