import re
import subprocess
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.report.cover import Cover
from pushoff.report.film_strips import strip_frames
from pushoff.report.pdf import render_pdf
from pushoff.report.presentation import TITLES
from pushoff.video.images import encode_jpeg
from tests.unit.events.test_report import TRIPLE, video_report
from tests.unit.report.pdf_reader import pdf_pages

few = settings(max_examples=10, deadline=None)
COVER = Cover("Anna", date(2026, 11, 20), "Triple jump")
NAMES = "Änne Łukasz Żółć Ελένη Юлия"


def pictures(report):
    jpeg = encode_jpeg(np.full((40, 40, 3), 120, np.uint8))
    return {frame: jpeg for strip in strip_frames(report) for frame in strip}


def joined(data):
    """The text without line ends and no-break spaces."""
    return " ".join(" ".join(pdf_pages(data)).replace("\N{NO-BREAK SPACE}", " ").split())


def test_content():
    """Headline, athlete, day, exercise, feet, tables with ±, warnings, model and its score."""
    report = video_report(calibrated=True, track_warnings=("The video is short.",))
    data = render_pdf(report, COVER, pictures(report))
    text = joined(data)
    for part in (
        report.headline,
        "Anna",
        "Triple jump · 2026-11-20 · anna.mp4",
        "The video is short.",
        "model-7",
        "F1 0.97 on 5 real clips",
        "1.333 ± 0.004 s",
        "1 to 2",
        "0.458 ± 0.006 s",
        "1.43 ± 0.06 m",
        report.distances.ratio_text,
        "last contact",
        "Running step A1, right",
        "Push-off 3, right",
    ):
        assert part in text, part
    assert "synthetic" not in text
    assert data.count(b"/Subtype /Image") == 1  # the same picture is stored once
    assert len(pdf_pages(data)) == 2


def test_a_synthetic_video_is_marked_on_every_page():
    """A rendered video cannot be taken for a real one."""
    report = video_report()
    pages = pdf_pages(render_pdf(report, Cover("Anna", date(2026, 1, 2), "Hops", True)))
    assert "Synthetic video." in " ".join(pages[0].split())
    assert all("synthetic video" in page for page in pages)


def test_names_of_many_alphabets():
    """German, Polish, Greek and Russian names are written; an emoji is replaced."""
    text = joined(render_pdf(video_report(), Cover(NAMES + " 🏃漢", date(2026, 1, 2), "Hops")))
    assert NAMES + " \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in text


@few
@given(name=st.text(min_size=1, max_size=120), video=st.text(max_size=60))
def test_any_name_gives_a_readable_file(name, video):
    """Whatever athlete and video are called, the text can be extracted."""
    data = render_pdf(video_report(TRIPLE, video=video), Cover(name, date(2026, 1, 2), "Hops"))
    assert TITLES.method in joined(data)


def test_the_same_report_gives_the_same_bytes():
    """It has no time of day, so a second download is the same file."""
    report = video_report(calibrated=True)
    shown = pictures(report)
    assert render_pdf(report, COVER, shown) == render_pdf(report, COVER, shown)


@pytest.mark.parametrize("count", [0, 1, 9, 16])
def test_at_most_three_pages_and_no_split_table(count):
    """Up to sixteen push-offs fit three pages, and each table is on one of them."""
    report = video_report([(40 + 32 * k, 0.97) for k in range(count)], calibrated=count > 1)
    pages = pdf_pages(render_pdf(report, COVER, pictures(report)))
    assert len(pages) <= 3
    rows = {n: [k for k, page in enumerate(pages) if f"\n{n} to {n + 1}\n" in page] for n in (1, 8)}
    if count > 8:
        assert rows[1] == rows[8]
        assert len(rows[1]) == 1


def test_no_push_offs():
    """Without push-offs a sentence says why, in place of the tables."""
    report = video_report((), visible=(0, 0))
    text = joined(render_pdf(report, COVER))
    assert report.headline in text
    assert report.no_push_offs_reason in text


def test_possible_push_offs():
    """Push-offs below 50 % are shown as possible ones."""
    report = video_report(TRIPLE, probability=0.3)
    text = joined(render_pdf(report, COVER, pictures(report)))
    assert "Possible push-off P1" in text
    assert "possible push-offs (not counted)" in text


def test_a_picture_must_be_a_jpeg():
    """Anything but a JPEG is refused with its frame."""
    report = video_report(TRIPLE)
    with pytest.raises(BadInput, match="frame 320"):
        render_pdf(report, COVER, {320: b"GIF89a"})


def test_poppler_extracts_the_text(require, tmp_path):
    """poppler finds the same names and as many pages."""
    reader = require("pdftotext")
    file = tmp_path / "report.pdf"
    data = render_pdf(video_report(), Cover(NAMES, date(2026, 1, 2), "Hops"))
    file.write_bytes(data)
    done = subprocess.run([reader, str(file), "-"], capture_output=True, text=True, check=True)
    assert not done.stderr
    assert NAMES in re.sub(r"\s+", " ", done.stdout)
    assert done.stdout.count("\f") == len(pdf_pages(data))
