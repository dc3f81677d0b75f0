"""Coaches' sessions whose videos have features in storage, as if they had been analysed."""

from datetime import date

import numpy as np

from pushoff.coach.accounts import Account, Role, add_account, list_accounts
from pushoff.coach.session_files import save_analysis
from pushoff.coach.sessions import (
    CoachSession,
    SessionDetails,
    State,
    change_session,
    create_session,
    get_session,
)
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.spotting import FrameScores
from pushoff.events.values import PushOffEvent, TrackSummary
from pushoff.learning.features.feature_extractor import FeatureExtractor
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.services import Services
from pushoff.values import Exercise
from tests.unit.workflows.workflow_samples import stored_video


def coach(services: Services, name: str = "carla") -> Account:
    """The account of this name."""
    known = {account.name: account for account, _ in list_accounts(services.database)}
    return known.get(name) or add_account(services.database, name, Role.COACH, "correct horse")


def analysis_by(
    features: VideoFeatures, truth: GroundTruth, version: str, shift: int = 0
) -> VideoAnalysis:
    """An analysis that finds every push-off of `truth`, `shift` frames late."""
    count, flat = truth.frames, np.full(truth.frames, 0.5)
    frames = [frame + shift for frame in truth.push_off_frames]
    return VideoAnalysis(
        info=features.info,
        capture_known=True,
        track=TrackSummary("one athlete", "panning", "right", ()),
        boxes_px=np.tile(np.array([10, 20, 80, 80], np.int32), (count, 1)),
        scores=FrameScores(
            np.asarray(features.times_s), flat, flat, flat, flat, np.ones(count, bool)
        ),
        events=tuple(
            PushOffEvent(
                frame, float(features.times_s[frame]), 0.9, 0.97 if foot == "left" else 0.03
            )
            for frame, foot in zip(frames, truth.feet, strict=True)
        ),
        model_version=version,
        model_score=None,
        warnings=(),
    )


def ready_session(
    services: Services,
    extractor: FeatureExtractor,
    truth: GroundTruth,
    athlete: str,
    *,
    owner: str = "carla",
    version: str = "earlier",
    seed: int = 0,
    shift: int = 0,
    video: str = "",
) -> CoachSession:
    """A session whose analysis found what is true; `video` names its file."""
    capture_fps = truth.capture_fps
    video_id, features = stored_video(
        services,
        video or f"{athlete}-{seed}.mp4",
        extractor,
        truth,
        athlete=athlete,
        seed=seed,
        capture_fps=capture_fps,
    )
    details = SessionDetails(
        athlete, Exercise.STEPS, date(2026, 11, 20), capture_fps, "a.mp4", 1, "synthetic"
    )
    created = create_session(services.database, coach(services, owner), details, consent=True)
    analysis = analysis_by(features, truth, version, shift)
    save_analysis(services.storage, created.session_id, analysis)
    change_session(
        services.database,
        created.session_id,
        state=State.READY,
        video_id=video_id,
        model_version=version,
        push_offs=len(analysis.events),
    )
    return get_session(services.database, created.session_id)
