"""The slow-motion clips of a session."""

from pushoff.coach.clips import MARGIN_S, clips_folder, push_off_names, session_clips
from pushoff.coach.session_report import SessionView
from pushoff.events.analysis_result import build_session_report
from tests.coach_sessions import LLR, reading

SESSION_ID = "0" * 16


def view(*pushes: int, feet: tuple[float, ...] = LLR) -> SessionView:
    analysis = reading(pushes, feet[: len(pushes)], 260, 240)
    return SessionView(analysis, build_session_report(analysis, "jump.mp4"), ())


def test_the_whole_session_comes_first_then_each_push_off():
    """With MARGIN_S before and after, within the video."""
    margin = round(MARGIN_S * 240)
    whole, *each = session_clips(SESSION_ID, view(60, 120, 190))
    assert (whole.target, whole.start, whole.stop) == ("session", 0, 260)
    assert [clip.target for clip in each] == ["60", "120", "190"]
    assert (each[1].start, each[1].stop) == (120 - margin, 120 + margin + 1)
    assert all(clip.key.startswith(clips_folder(SESSION_ID)) for clip in (whole, *each))


def test_a_correction_changes_every_key():
    """An outdated clip is never shown; the same report has the same keys and jobs."""
    first, again = (
        session_clips(SESSION_ID, view(60, 120)),
        session_clips(SESSION_ID, view(60, 120)),
    )
    moved = session_clips(SESSION_ID, view(60, 121))
    assert first == again
    assert not {clip.key for clip in first} & {clip.key for clip in moved}
    assert not {clip.job_id for clip in first} & {clip.job_id for clip in moved}
    other_foot = session_clips(SESSION_ID, view(60, 120, feet=(0.97, 0.03)))
    assert {clip.key for clip in first}.isdisjoint(clip.key for clip in other_foot)


def test_names_say_number_and_foot():
    """In ASCII, for the picture's own font; an unknown foot is left out."""
    assert push_off_names(view(60, 120, 190)) == [
        "push-off 1, left", "push-off 2, left", "push-off 3, right",
    ]  # fmt: skip
    assert push_off_names(view(60, feet=(0.5,))) == ["push-off 1"]


def test_a_session_without_push_offs_has_one_clip():
    """The whole video."""
    [whole] = session_clips(SESSION_ID, view())
    assert (whole.start, whole.stop) == (0, 260)
