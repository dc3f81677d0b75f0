"""The data of a session's page: for its template, and as JSON for its scripts."""

import json
from typing import Any

from backend.coach.templating import EXERCISES
from pushoff.coach.accounts import Account
from pushoff.coach.corrections import Correction
from pushoff.coach.review.differences import Difference, differences
from pushoff.coach.session_report import SessionView
from pushoff.coach.sessions import CoachSession, may_change
from pushoff.events.capture_rates import likely_rates
from pushoff.report import presentation
from pushoff.report.film_strips import film_strips
from pushoff.report.json_csv import as_json
from pushoff.video.preview import PREVIEW_FPS

CAMERA_MOVED = (
    "The camera moved, and a calibration is valid for one view only, so distances cannot be "
    "measured. Film with a fixed tripod."
)


def page_context(session: CoachSession, view: SessionView) -> dict[str, Any]:
    """The values of `report.html`."""
    report = view.report
    return {
        "session": session,
        "report": report,
        "exercise_name": EXERCISES[session.details.exercise],
        "titles": presentation.TITLES,
        "groups": presentation.GROUP_NAMES,
        "terms": presentation.TERMS,
        "uncertainty_note": presentation.UNCERTAINTY_NOTE,
        "rows": presentation.push_off_rows(report),
        "badges": presentation.foot_badges(report),
        "strips": film_strips(report),
        "intervals": presentation.interval_table(report),
        "totals": presentation.total_sentences(report),
        "count_sentence": presentation.count_sentence(report),
        "verdict_sentence": presentation.verdict_sentence(report),
        "triple_jump_answer": presentation.triple_jump_answer(report),
        "method": presentation.method_rows(report),
        "manual_frames": manual_frames(view),
        "corrected": bool(view.corrections),
        "differences": _differences(view),
        "disputed_frames": view.disputed_frames,
        "calibration_obstacle": _calibration_obstacle(view),
        "rate_first": not report.time_trusted or not report.events,
        "likely_rates": likely_rates(
            [report.events[index] for index in report.sequence.measured], report.file_fps
        ),
        "log": [(entry, describe_correction(entry.correction)) for entry in reversed(view.log)],
    }


def page_data(session: CoachSession, view: SessionView, user: Account) -> dict[str, Any]:
    """`report` as it can be downloaded, and what player and timeline need besides."""
    return {
        "report": as_json(view.report),
        "preview_fps": PREVIEW_FPS,
        "manual_frames": sorted(manual_frames(view)),
        "corrections": [
            {
                "kind": entry.correction.kind,
                "frame": entry.correction.frame,
                "by": entry.by,
                "at": entry.at,
            }
            for entry in view.corrections
        ],
        "checked_at": session.checked_at,
        "toes_by_hand": [event.frame for event in view.report.events if event.toe_by_hand],
        "calibration": session.calibration,
        "may_calibrate": may_change(user, session),
        "calibration_obstacle": _calibration_obstacle(view),
    }


def _differences(view: SessionView) -> list[tuple[Difference, str]]:
    """What a newer version sees differently, with the body of the request that takes it over."""
    return [(found, correction_json(found.correction)) for found in differences(view)]


def correction_json(correction: Correction) -> str:
    """The body of a request for this correction, without what it leaves open."""
    fields = {
        "kind": correction.kind,
        "frame": correction.frame,
        "to_frame": correction.to_frame,
        "foot": correction.foot.value if correction.foot else None,
        "approach": correction.approach,
        "toe_px": correction.toe_px,
    }
    return json.dumps({key: value for key, value in fields.items() if value is not None})


def _calibration_obstacle(view: SessionView) -> str | None:
    """Why the session cannot be calibrated; None if it can."""
    return None if view.analysis.track.camera == "fixed" else CAMERA_MOVED


def manual_frames(view: SessionView) -> set[int]:
    """Frames of push-offs that a person added, moved or confirmed."""
    frames: set[int] = set()
    for entry in view.corrections:
        correction = entry.correction
        if correction.kind in ("move", "delete"):
            frames.discard(correction.frame)
        if correction.kind in ("move", "add", "approach"):
            frames.add(correction.frame if correction.to_frame is None else correction.to_frame)
    return frames & {event.frame for event in view.report.events}


def describe_correction(correction: Correction) -> str:
    """The correction for the log on the page: `moved the push-off from frame 60 to frame 62`."""
    frame = correction.frame
    side = correction.foot.value if correction.foot else "unknown"
    foot = f", {side} foot" if correction.foot else ""
    if correction.kind == "move" and correction.to_frame == frame:
        return f"confirmed the push-off in frame {frame}"
    part = "a running step" if correction.approach else "part of the drill"
    return {
        "add": f"added a push-off in frame {frame}{foot}",
        "move": f"moved the push-off from frame {frame} to frame {correction.to_frame}",
        "delete": f"deleted the push-off in frame {frame}",
        "foot": f"changed the foot in frame {frame} to {side}",
        "approach": f"said that the push-off in frame {frame} is {part}",
        "toe": f"placed the toe of the push-off in frame {frame}",
    }[correction.kind]
