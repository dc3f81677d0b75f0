"""A coach's session that has been read without a mistake: a rendered drill and its truth."""

import atexit
import json
import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from pushoff.coach.accounts import Account
from pushoff.coach.session_files import preview_key, save_analysis, thumbnail_key
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import (
    CoachSession,
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
from pushoff.values import Box, Exercise
from pushoff.video.decoding.probe import probe
from pushoff.video.images import crop_athlete, encode_jpeg
from pushoff.video.preview import read_preview_images, write_preview

SPEC = DrillSpec(
    seed=3,
    exercise=Exercise.HOPS,
    push_offs=3,
    capture_fps=120,
    width_px=480,
    height_px=270,
    second_person=None,
    lens_height_m=1.5,
    k1=0.0,
)
RECTANGLE_M = ((0.0, 0.0), (3.0, 0.0), (3.0, 1.8), (0.0, 1.8))
"""Along and across, from the point nearest to the camera on the left."""
UNSEEN = 5
"""So many frames at the start, in which nobody is followed."""


@dataclass(frozen=True)
class Drill:
    """A video, its preview and what really happened."""

    video: Path
    preview: Path
    truth: DrillTruth
    entry: dict[str, Any]
    """The truth file's entry."""


@cache
def drill() -> Drill:
    """Rendered once for all tests of a run."""
    folder = Path(mkdtemp(prefix="pushoff-drill-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    video, preview = folder / "hops.mp4", folder / "preview.mp4"
    truth = render_drill(video, SPEC)
    write_preview(video, probe(video, None), preview)
    return Drill(video, preview, truth, json.loads(truth.truth_path.read_text())[video.name])


def rectangle_px() -> list[tuple[float, float]]:
    """Where RECTANGLE_M is in the video's picture; its lens bends nothing."""
    ground = np.c_[np.array(RECTANGLE_M), np.ones(4)] @ np.array(drill().entry["homography"]).T
    return [(float(x / depth), float(y / depth)) for x, y, depth in ground]


def reading(camera: str = "fixed") -> VideoAnalysis:
    """What a faultless model reads out of the drill."""
    made = drill()
    truth, count = made.truth, made.truth.frames
    times_s = np.arange(count) / truth.fps
    ups = np.array(truth.push_off_frames)
    push_off = np.exp(-0.5 * (np.subtract.outer(np.arange(count), ups) / 2) ** 2).max(axis=1)
    toes = np.array(truth.toes_px)
    across = np.interp(np.arange(count), ups, toes[:, 0])
    side = 0.45 * SPEC.height_px
    boxes = np.stack(
        [across - side / 2, np.full(count, toes[0, 1] - side), *[np.full(count, side)] * 2], axis=1
    )
    flat = np.full(count, 0.5)
    return VideoAnalysis(
        info=probe(made.video, float(SPEC.capture_fps)),
        capture_known=True,
        track=TrackSummary("athlete found in every frame", camera, SPEC.direction, ()),
        boxes_px=boxes.astype(np.int32),
        scores=FrameScores(
            times_s, push_off, flat, flat, 0 * flat, np.arange(count) >= UNSEEN, step=1
        ),
        events=tuple(
            PushOffEvent(
                frame,
                frame / truth.fps,
                0.9,
                0.97 if foot == "left" else 0.03,
                toe_px=toe,
                toe_uncertainty_px=2.0,
            )
            for frame, foot, toe in zip(ups.tolist(), truth.feet, truth.toes_px, strict=True)
        ),
        model_version="truth 1",
        model_score=None,
        warnings=(),
    )


def create_analyzed_session(
    services: Services, owner: Account, athlete: str = "Ada", camera: str = "fixed"
) -> CoachSession:
    """The drill as a session of `owner` that is ready."""
    made, storage = drill(), services.storage
    details = SessionDetails(
        athlete, SPEC.exercise, date(2026, 11, 20), 120.0, made.video.name, 1, "synthetic"
    )
    session_id = create_session(services.database, owner, details, consent=True).session_id
    save_analysis(storage, session_id, reading(camera))
    storage.write_file(preview_key(session_id), made.preview)
    whole = read_preview_images(made.preview, [9])[9]
    athlete = crop_athlete(whole, Box(*map(int, reading(camera).boxes_px[9])))
    storage.write(thumbnail_key(session_id), encode_jpeg(athlete, quality=80))
    change_session(services.database, session_id, state=State.READY)
    report = current_report(
        services.database, storage, get_session(services.database, session_id)
    ).report
    counted = {"headline": report.headline, "push_offs": len(report.events)}
    change_session(services.database, session_id, **counted)
    return get_session(services.database, session_id)
