"""Film strips of the drill that a faultless model analysed."""

from pushoff.events.analysis_result import build_session_report
from pushoff.report.film_strips import STRIP_REACH, film_strips
from tests.analyzed_session import reading


def test_each_push_off_has_five_images_around_its_last_contact() -> None:
    """They are 1/60 s apart, the last contact in the middle, captioned by their distance."""
    report = build_session_report(reading(), "hops.mp4")
    for strip, event in zip(film_strips(report), report.events, strict=True):
        assert [image.frame - event.frame for image in strip.pictures] == [-4, -2, 0, 2, 4]
        assert len(strip.pictures) == 2 * STRIP_REACH + 1
        kinds = [image.kind for image in strip.pictures]
        assert kinds == ["far", "near", "here", "near", "far"]
        assert strip.pictures[2].caption == "last contact"
