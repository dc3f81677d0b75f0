"""What a session's page says: the answer in words for its template, and as JSON for its script."""

from typing import Any

from backend.coach.templating import EXERCISES
from pushoff.coach.accounts import Account
from pushoff.coach.corrections import RecordedCorrection
from pushoff.coach.session_report import SessionView
from pushoff.coach.sessions import CoachSession, may_change
from pushoff.report.json_csv import as_json
from pushoff.report.presentation import film_strips, foot_badges, interval_rows, push_off_row
from pushoff.video.preview import PREVIEW_FPS

WHY_PANNING = (
    "The camera of this video moved, and a calibration holds for one view only: there can be no "
    "metres. Film from a tripod that stays where it is."
)


def page_context(session: CoachSession, found: SessionView) -> dict[str, Any]:
    """The values of `answer.html`."""
    report = found.report
    return {
        "session": session,
        "report": report,
        "asked": EXERCISES[session.details.exercise],
        "rows": [push_off_row(report, index) for index in range(len(report.events))],
        "chips": foot_badges(report),
        "strips": film_strips(report),
        "phases": interval_rows(report),
        "by_hand": manual_frames(found),
        "corrected": bool(found.corrections),
        "why_no_calibration": _why_not(found),
        "log": [(one, describe_correction(one)) for one in reversed(found.log)],
    }


def page_data(session: CoachSession, found: SessionView, viewer: Account) -> dict[str, Any]:
    """`report` as the download holds it, and what player and timeline need beside it."""
    return {
        "report": as_json(found.report),
        "preview_fps": PREVIEW_FPS,
        "by_hand": sorted(manual_frames(found)),
        "corrections": [
            {"kind": one.correction.kind, "frame": one.correction.frame, "by": one.by, "at": one.at}
            for one in found.corrections
        ],
        "calibration": session.calibration,
        "may_calibrate": may_change(viewer, session),
        "why_no_calibration": _why_not(found),
    }


def _why_not(found: SessionView) -> str | None:
    return None if found.analysis.track.camera == "fixed" else WHY_PANNING


def manual_frames(found: SessionView) -> set[int]:
    """Frames in which a person put or confirmed a push-off."""
    placed: set[int] = set()
    for one in found.corrections:
        change = one.correction
        if change.kind in ("move", "delete"):
            placed.discard(change.frame)
        if change.kind in ("move", "add"):
            placed.add(change.frame if change.to_frame is None else change.to_frame)
    return placed & {event.frame for event in found.report.events}


def describe_correction(noted: RecordedCorrection) -> str:
    """What somebody changed, in words."""
    one = noted.correction
    foot = f"{one.foot.value} foot" if one.foot else ""
    if one.kind == "move" and one.to_frame == one.frame:
        return f"confirmed the push-off in frame {one.frame}"
    return {
        "add": f"added a push-off in frame {one.frame}{foot and ', '}{foot}",
        "move": f"moved the push-off of frame {one.frame} to frame {one.to_frame}",
        "delete": f"deleted the push-off in frame {one.frame}",
        "foot": f"said {foot} for the push-off in frame {one.frame}",
    }[one.kind]
