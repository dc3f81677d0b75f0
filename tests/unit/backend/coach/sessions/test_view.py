"""The data of a session's page."""

import json

import pytest

from backend.coach.sessions.corrections import parse_correction
from backend.coach.sessions.view import correction_json, describe_correction, manual_frames
from pushoff.coach.corrections import Correction, RecordedCorrection
from pushoff.coach.session_report import SessionView
from pushoff.events.analysis_result import build_session_report
from pushoff.events.values import Foot
from tests.coach_sessions import LLR, reading


def view(*corrections: Correction, undone: bool = False) -> SessionView:
    """A session of push-offs in frames 60, 120 and 190 with these corrections in its log."""
    analysis = reading((60, 120, 190), LLR, 260, 240)
    log = tuple(
        RecordedCorrection(number, entry, "carla", "2026-11-29T10:00:00Z", undone)
        for number, entry in enumerate(corrections)
    )
    return SessionView(analysis, build_session_report(analysis, "jump.mp4"), log)


def test_frames_set_by_hand_are_those_of_the_report() -> None:
    """Moved and added push-offs count, deleted and undone ones do not."""
    confirmed = Correction("move", 60, to_frame=60)
    assert manual_frames(view(confirmed, Correction("add", 120))) == {60, 120}
    assert manual_frames(view(confirmed, Correction("delete", 60))) == set()
    assert manual_frames(view(confirmed, undone=True)) == set()
    assert manual_frames(view(Correction("add", 7))) == set()


@pytest.mark.parametrize(
    ("correction", "text"),
    [
        (Correction("add", 7), "added a push-off in frame 7"),
        (Correction("add", 7, foot=Foot.LEFT), "added a push-off in frame 7, left foot"),
        (Correction("move", 7, to_frame=9), "moved the push-off from frame 7 to frame 9"),
        (Correction("move", 7, to_frame=7), "confirmed the push-off in frame 7"),
        (Correction("delete", 7), "deleted the push-off in frame 7"),
        (Correction("foot", 7, foot=Foot.RIGHT), "changed the foot in frame 7 to right"),
        (
            Correction("approach", 7, approach=True),
            "said that the push-off in frame 7 is a running step",
        ),
        (
            Correction("approach", 7, approach=False),
            "said that the push-off in frame 7 is part of the drill",
        ),
        (
            Correction("toe", 7, toe_px=(1.0, 2.0)),
            "placed the toe of the push-off in frame 7",
        ),
    ],
)
def test_a_correction_is_described_for_the_log(correction: Correction, text: str) -> None:
    """What was done, with the frames and the foot."""
    assert describe_correction(correction) == text


@pytest.mark.parametrize(
    "correction",
    [
        Correction("add", 7, foot=Foot.LEFT),
        Correction("move", 7, to_frame=9),
        Correction("delete", 7),
        Correction("approach", 7, approach=False),
        Correction("toe", 7, toe_px=(1.5, 2.0)),
    ],
)
def test_what_is_taken_over_is_a_request_for_the_same_correction(correction: Correction) -> None:
    """The page posts what the server wrote."""
    assert parse_correction(json.loads(correction_json(correction))) == correction
