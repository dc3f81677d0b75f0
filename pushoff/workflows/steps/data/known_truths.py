"""Every video of which all push-offs are known, or some stretches, from every source at once.

Sources are labelled clips, videos marked in Label Studio, and coaches' sessions: those that were
checked, and where no Label Studio takes the corrections as labels, the stretches that were touched.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pushoff.coach.review.checks import checked_sessions, corrected_sessions
from pushoff.coach.review.session_truth import checked_truth, touched_truth
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession
from pushoff.errors import BadInput, StorageFailed
from pushoff.events.ground_truth import GroundTruth, frame_label
from pushoff.events.joined_truth import join_truths, with_known
from pushoff.learning.data.manifest import DatasetManifest, VideoTruth
from pushoff.services import Services
from pushoff.storage.truths import load_truths
from pushoff.storage.videos import is_stored, load_video
from pushoff.values import LabelledFrame

log = logging.getLogger(__name__)

UNREADABLE = "session unreadable"
CONTRADICTION = "frame labelled differently"
"""Reasons by which what is left out is counted."""


@dataclass(frozen=True)
class KnownTruths:
    """What is known of whole videos."""

    videos: Mapping[str, VideoTruth]
    """By video id."""
    checked: tuple[str, ...]
    """Ids of the checked sessions that are in it."""
    excluded: Counter[str]
    """What people disagree on, and sessions that cannot be read, by reason."""


def known_truths(
    services: Services,
    marked: Mapping[str, GroundTruth],
    previous: DatasetManifest | None,
    project_id: int | None,
) -> KnownTruths:
    """`marked` are the videos marked in the project, `previous` has those of other projects.

    The marks of an annotator replace what a clip came with. Where the people
    who checked sessions of a video, or marked it, disagree, nothing is known there
    (`pushoff.events.joined_truth`). Raises StorageFailed.
    """
    others = {
        video_id: truth
        for video_id, truth in (previous.truths if previous else {}).items()
        if truth.project_id not in (None, project_id) and is_stored(services.storage, video_id)
    }
    clips = {
        name: _video_truth(name, truth, None)
        for name, truth in load_truths(services.storage).items()
    }
    own = {name: _video_truth(name, truth, project_id) for name, truth in marked.items()}
    from_sessions, checked, excluded = _of_sessions(services)
    known: dict[str, VideoTruth] = {}
    for video_id, truth in (*from_sessions, *(clips | others | own).items()):
        earlier = known.get(video_id)
        if earlier is None:
            known[video_id] = truth
            continue
        joined = join_truths(earlier.truth, truth.truth)
        excluded.update(joined.disputes)
        project = truth.project_id if earlier.project_id is None else earlier.project_id
        known[video_id] = replace(earlier, truth=joined.truth, project_id=project)
    return KnownTruths(known, checked, excluded)


def without_contradictions(
    truths: Mapping[str, VideoTruth], frames: Sequence[LabelledFrame]
) -> tuple[dict[str, VideoTruth], list[LabelledFrame], int]:
    """Frames that were labelled otherwise than their whole video says: neither is learnt from.

    Frames of the project in which the video was marked are parts of its own spans. Returns the
    truths with these frames unknown, the other frames, and how many were left out.
    """
    disputed: dict[str, set[int]] = {}
    kept = []
    for frame in frames:
        known = truths.get(frame.video_id)
        if known is None or frame.frame_index is None or _is_of(frame, known):
            kept.append(frame)
        elif _contradicts(known.truth, frame):
            disputed.setdefault(frame.video_id, set()).add(frame.frame_index)
        else:
            kept.append(frame)
    changed = dict(truths)
    for video_id, unknown in disputed.items():
        truth = truths[video_id].truth
        mask = truth.known_frames()
        mask[sorted(unknown)] = False
        changed[video_id] = replace(truths[video_id], truth=with_known(truth, mask))
    return changed, kept, len(frames) - len(kept)


def _is_of(frame: LabelledFrame, known: VideoTruth) -> bool:
    """Whether both come from one project: a frame of a span is no other opinion."""
    return known.project_id is not None and frame.project_id == known.project_id


def _contradicts(truth: GroundTruth, frame: LabelledFrame) -> bool:
    index = frame.frame_index
    if index is None or not (index < truth.frames and truth.knows(index)):
        return False
    times_s = np.array([*truth.push_off_frames, index]) / truth.capture_fps
    label = frame_label(float(times_s[-1]), times_s[:-1].tolist(), 1 / truth.capture_fps)
    return label is not None and label is not frame.label


def _of_sessions(
    services: Services,
) -> tuple[list[tuple[str, VideoTruth]], tuple[str, ...], Counter[str]]:
    """What the sessions say, the one checked last first."""
    excluded: Counter[str] = Counter()
    found: list[tuple[str, VideoTruth]] = []
    used: list[str] = []
    checked = checked_sessions(services.database)
    touched = [] if services.label_studio_connected else corrected_sessions(services.database)
    for session in [*reversed(checked), *reversed(touched)]:
        if session.video_id is None or not is_stored(services.storage, session.video_id):
            continue
        try:
            known = _of_session(services, session, session.video_id)
        except (BadInput, StorageFailed) as error:
            log.warning("session %s teaches nothing: %s", session.session_id, error)
            excluded[UNREADABLE] += 1
            continue
        if not known.truth.known_frames().any():
            continue
        found.append((session.video_id, known))
        if session.checked_at is not None:
            used.append(session.session_id)
    return found, tuple(sorted(used)), excluded


def _of_session(services: Services, session: CoachSession, video_id: str) -> VideoTruth:
    view = current_report(services.database, services.storage, session)
    truth_of = touched_truth if session.checked_at is None else checked_truth
    truth = truth_of(session, view)
    athlete = load_video(services.storage, video_id).athlete  # as the video's tasks name it
    return _video_truth(video_id, replace(truth, athlete=athlete or truth.athlete), None)


def _video_truth(video_id: str, truth: GroundTruth, project_id: int | None) -> VideoTruth:
    return VideoTruth(truth, truth.athlete or video_id, truth.footage, project_id=project_id)
