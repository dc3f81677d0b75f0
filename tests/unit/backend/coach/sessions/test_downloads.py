"""backend/coach/sessions/downloads.py: the downloaded files."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.coach.sessions.downloads import attachment
from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.review.checks import mark_checked
from pushoff.coach.sessions import CoachSession
from pushoff.events.ground_truth import parse_ground_truth
from pushoff.events.values import Foot
from tests.coach_sessions import SCALE, KeptRig
from tests.unit.backend.coach.sessions.test_progress import session as plain_session
from tests.unit.report.pdf_reader import pdf_pages

FILES = ("push_offs.csv", "report.json", "events.json", "report.html", "report.pdf")


@pytest.fixture(scope="module")
def session(kept: KeptRig) -> CoachSession:
    """Calibrated; its last push-off was moved from 190 to 200 and is right."""
    made = kept.session(calibration=SCALE, footage="synthetic")
    carla = kept.accounts["carla"]
    for one in (Correction("move", 190, 200), Correction("foot", 200, foot=Foot.RIGHT)):
        record_correction(kept.services.database, made.session_id, carla, one)
    return made


def get(kept: KeptRig, session: CoachSession, file: str, name: str = "carla"):
    return kept.as_(name).get(f"/coach/sessions/{session.session_id}/download/{file}")


def test_the_csv_has_corrections_and_distances(kept: KeptRig, session: CoachSession) -> None:
    """The push-off is where the coach moved it."""
    answer = get(kept, session, "push_offs.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert not answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert ["60", "120", "200"] == [row["frame"] for row in rows]
    assert "0.9600" <= rows[0]["distance_to_next_m"] < "1.0400"
    assert rows[2]["foot"] == "right"
    assert {(row["athlete"], row["filmed_on"]) for row in rows} == {("Änne-Sophie", "2026-11-20")}


def test_the_json_has_the_whole_report(kept: KeptRig, session: CoachSession) -> None:
    """And who corrected what."""
    found = get(kept, session, "report.json").json()
    assert {"format", "headline", "push_offs", "sequence", "distances", "model"} <= set(found)
    assert found["push_offs"][2]["frame"] == 200
    assert found["session"]["athlete"] == "Änne-Sophie"
    assert found["session"]["footage"] == "synthetic"
    assert ["move", "foot"] == [one["kind"] for one in found["session"]["corrections"]]
    assert found["session"]["corrections"][0]["by"] == "carla"


def test_labels_and_both_exports_say_the_same(kept: KeptRig) -> None:
    """Frames, feet, running steps and toes of a checked session, in three files."""
    made, carla = kept.session(), kept.accounts["carla"]
    for one in (
        Correction("move", 190, 200),
        Correction("approach", 60, approach=True),
        Correction("toe", 120, toe_px=(220.5, 301.0)),
    ):
        record_correction(kept.services.database, made.session_id, carla, one)
    mark_checked(kept.services.database, made.session_id, carla)
    answer = get(kept, made, "events.json")
    assert "-events.json" in answer.headers["content-disposition"]
    truth = parse_ground_truth(answer.json()["jump.mp4"])
    report = get(kept, made, "report.json").json()
    rows = list(csv.DictReader(io.StringIO(get(kept, made, "push_offs.csv").text)))
    by_json = [(one["frame"], one["foot"], one["approach"]) for one in report["push_offs"]]
    by_csv = [(int(row["frame"]), row["foot"], row["approach"] == "yes") for row in rows]
    labels = list(zip(truth.push_off_frames, truth.feet, truth.approach, strict=True))
    assert labels == by_json == by_csv
    assert truth.toes_px == (None, (220.5, 301.0), None)
    assert [one["toe_by_hand"] for one in report["push_offs"]] == [False, True, False]
    assert (rows[1]["toe_x_px"], rows[1]["toe_by_hand"]) == ("220.5000", "yes")
    assert report["session"]["checked"]["by"] == "carla"


def test_labels_of_an_unchecked_session_are_what_was_corrected(
    kept: KeptRig, session: CoachSession
) -> None:
    """Of the rest they say that nothing is known."""
    truth = parse_ground_truth(get(kept, session, "events.json").json()["jump.mp4"])
    assert truth.push_off_frames == (200,) and truth.knows(200) and not truth.knows(60)
    assert get(kept, session, "report.json").json()["session"]["checked"] is None


def test_the_html_report_is_self_contained_and_sandboxed(
    kept: KeptRig, session: CoachSession
) -> None:
    """With fifteen images of film strips."""
    answer = get(kept, session, "report.html")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.text.count("data:image/jpeg;base64,") == 15
    assert "Änne-Sophie" in answer.text and "2026-11-20" in answer.text


def test_the_pdf_report(kept: KeptRig, session: CoachSession) -> None:
    """Athlete, exercise, corrected frame, "synthetic", and the images."""
    answer = get(kept, session, "report.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    pages = pdf_pages(answer.content)
    assert 1 <= len(pages) <= 3
    text = "\n".join(pages)
    for said in (
        "Änne-Sophie",
        "Triple",
        "2026-11-20",
        "synthetic",
        "\n200\n",
        "m",
        "Does it resemble a triple jump?",
    ):
        assert said in text
    assert answer.content.count(b"/Subtype /Image") >= 10


@pytest.mark.parametrize("file", FILES)
def test_downloads_require_access(kept: KeptRig, session: CoachSession, file: str) -> None:
    """404 for another coach; an annotator gets an uncached attachment."""
    assert get(kept, session, file, "otto").status_code == 404
    answer = get(kept, session, file, "anna")
    assert answer.status_code == 200
    ending = "-events.json" if file == "events.json" else f".{file.rpartition('.')[2]}"
    told = answer.headers["content-disposition"]
    assert f'filename="Anne-Sophie-2026-11-20-triple-jump{ending}"' in told
    assert "%C3%84nne-Sophie" in told
    assert "no-store" in answer.headers["cache-control"]


@given(st.text(max_size=130), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_name_is_a_safe_file_name(athlete: str, day: date) -> None:
    """No athlete's name leaves the header, the folder or the allowed characters."""
    plain = plain_session()
    named = replace(plain, details=replace(plain.details, athlete=athlete, filmed_on=day))
    told = attachment(named, "csv")
    match = re.fullmatch(r'attachment; filename="([\w.-]+)"; filename\*=UTF-8\'\'([\w.~%-]+)', told)
    assert match and told.isascii()
    assert match[1].endswith(".csv") and not match[1].startswith(".")
    whole = unquote(match[2])
    assert not set(whole) & set('/\\:*?"<>|\r\n\0')
    assert len(whole) < 130
    assert str(day) in whole


def test_two_videos_of_one_day_have_two_names() -> None:
    """Of the same athlete and exercise; a long name of the video keeps athlete and day."""
    plain = plain_session()
    names = {
        attachment(replace(plain, details=replace(plain.details, filename=name)), "csv")
        for name in ("GX010042.MP4", "GX010043.MP4", "x" * 250)
    }
    assert len(names) == 3
    assert all("2026-11-20" in name for name in names)
