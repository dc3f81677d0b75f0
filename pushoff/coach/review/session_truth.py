"""What a person knows of a session's video: all of it where it was checked, else what was touched.

Derived each time from the analysis, the corrections and the check, so that an undo or a withdrawn
check takes it back.
"""

from dataclasses import replace

import numpy as np

from pushoff.coach.correction_labels import correction_labels
from pushoff.coach.session_report import SessionView
from pushoff.coach.sessions import CoachSession
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.joined_truth import with_known
from pushoff.events.values import PushOffEvent

CHECKED_UNCERTAINTY_FRAMES = 1
"""By which a checked push-off may be wrong, see `pushoff.coach.corrections`."""


def checked_truth(session: CoachSession, view: SessionView) -> GroundTruth:
    """The push-offs of a checked session as its report counts them; possible ones are none.

    Feet and running steps are the report's, which the person who checked it saw; toes are those
    that a person placed.
    """
    report = view.report
    counted = sorted((*report.sequence.approach, *report.sequence.drill))
    feet = [report.sequence.feet[index] for index in counted]
    return _truth(
        session,
        view,
        [report.events[index] for index in counted],
        tuple(foot.value if foot else None for foot in feet),
        tuple(index in report.sequence.approach for index in counted),
    )


def touched_truth(session: CoachSession, view: SessionView) -> GroundTruth:
    """What the corrections say of the frames around them; of all others nothing is known.

    Raises BadInput for a correction outside the video.
    """
    corrected = {
        frame
        for entry in view.corrections
        for frame in (entry.correction.frame, entry.correction.to_frame)
    }
    events = [event for event in view.report.events if event.frame in corrected]
    truth = _truth(
        session,
        view,
        events,
        tuple(_foot_by_hand(event) for event in events),
        tuple(event.approach_by_hand for event in events),
    )
    known = np.zeros(truth.frames, bool)
    known[[label.frame for label in correction_labels(view.analysis, view.corrections)]] = True
    return with_known(truth, known)


def _truth(
    session: CoachSession,
    view: SessionView,
    events: list[PushOffEvent],
    feet: tuple[str | None, ...],
    approach: tuple[bool | None, ...],
) -> GroundTruth:
    info, report = view.analysis.info, view.report
    toes_px = tuple(event.toe_px if event.toe_by_hand else None for event in events)
    truth = GroundTruth(
        capture_fps=float(info.capture_rate),
        frames=report.frames,
        push_off_frames=tuple(event.frame for event in events),
        feet=feet,
        approach=approach,
        uncertainty_frames=(CHECKED_UNCERTAINTY_FRAMES,) * len(events),
        complete_from=0,
        complete_to=report.frames - 1,
        footage=session.details.footage,
        slow_motion=info.capture_rate != info.frame_rate,
        capture_known=report.time_trusted,
        direction=report.direction,
        exercise=session.details.exercise.value,
        athlete=session.details.athlete,
        width_px=info.width_px,
        height_px=info.height_px,
    )
    return replace(truth, toes_px=toes_px) if any(toes_px) else truth


def _foot_by_hand(event: PushOffEvent) -> str | None:
    return event.foot.value if event.foot and event.left_probability in (0, 1) else None
