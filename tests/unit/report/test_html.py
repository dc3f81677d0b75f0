import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.report.film_strips import strip_frames
from pushoff.report.html import render_html
from tests.unit.events.test_report import TRIPLE, video_report

few = settings(max_examples=20, deadline=None)
JPEG = b"\xff\xd8\xff\xe0 a picture"
ALONE = {"meta", "img", "link", "br", "hr", "input"}


class Page(HTMLParser):
    """The elements of a page, what they hold, and whether each is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.stack = [], "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Remember an element."""
        self.elements.append((tag, dict(attributes)))
        if tag not in ALONE:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        """Remember an element that closes itself."""
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        """Close the innermost element, which must be this one."""
        assert self.stack.pop() == tag

    def handle_data(self, data):
        """Keep what a reader sees."""
        if not self.stack or self.stack[-1] != "style":
            self.text += data

    def all(self, tag):
        """Attributes of every element of a kind."""
        return [attributes for kind, attributes in self.elements if kind == tag]


def pictures(report):
    return {frame: JPEG for strip in strip_frames(report) for frame in strip}


def test_a_hostile_name_is_only_text():
    """A file name or a warning with markup or script is shown as text."""
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}.mp4'
    page = Page(render_html(video_report(video=evil, track_warnings=(evil,), score=evil)))
    assert page.text.count(evil) >= 3
    assert not page.all("script")
    assert not page.all("img")


@few
@given(name=st.text(max_size=40))
def test_any_name_gives_a_valid_page(name):
    """Whatever the video is called, every element closes and the page can be written as UTF-8."""
    html = render_html(video_report(TRIPLE, video=name))
    html.encode("utf-8")
    assert Page(html).stack == []


@pytest.mark.parametrize(
    "report",
    [video_report(calibrated=True), video_report(()), video_report((), visible=(0, 0))],
)
def test_the_page_needs_nothing_else(report):
    """No script, no address, no other file: a strict content security policy holds."""
    html = render_html(report, pictures(report))
    page = Page(html)
    assert html.startswith("<!doctype html>")
    assert "http:" not in html
    assert "https:" not in html
    assert "url(" not in html
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.elements}
    assert not [name for _, names in page.elements for name in names if name.startswith("on")]
    assert {"data"} >= {image["src"].split(":")[0] for image in page.all("img")}
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_every_push_off_once_in_the_table_and_the_curve():
    """Seven push-offs are seven rows and seven marks, the running steps with another class."""
    page = Page(render_html(video_report()))
    rows = re.findall(r"^(A\d|\d)$", page.text, re.MULTILINE)
    assert ["A1", "A2", "A3", "A4", "1", "2", "3"] == rows
    lines = [line["class"] for line in page.all("line") if line["class"] != "grid"]
    assert ["run"] * 4 + ["push"] * 3 == lines


def test_the_strips():
    """Each push-off has its pictures with a text alternative, and the last contact a class."""
    report = video_report(TRIPLE)
    assert strip_frames(report)[0] == (312, 316, 320, 324, 328)
    page = Page(render_html(report, pictures(report)))
    alts = [image["alt"] for image in page.all("img")]
    assert len(alts) == 15
    assert alts[1].replace("\xa0", " ") == "Push-off 1, left foot, 17 ms before, frame 316"
    assert sum(item.get("class") == "here" for item in page.all("li")) == 3
    assert not Page(render_html(report, {})).all("img")


def test_strips_stay_inside_the_video():
    """Near the ends of a video a strip is shorter."""
    report = video_report([(1, 0.9), (99, 0.9)], frames=100, visible=(0, 100))
    assert ((1, 5, 9), (91, 95, 99)) == strip_frames(report)


def test_only_jpegs():
    """Anything but a JPEG is refused."""
    with pytest.raises(BadInput, match="frame 320") as refused:
        render_html(video_report(TRIPLE), {320: b"<svg onload=alert(1)>"})
    assert refused.value.code == "not_a_jpeg"


def test_unknown_values_are_not_shown():
    """Without rate and calibration the page has frames, and no times, distances or speeds."""
    text = Page(render_html(video_report(TRIPLE, trusted=False))).text.replace("\xa0", " ")
    assert "frame rate is unknown" in text
    assert "this video has no calibration" in text
    assert not re.search(r"\d (s|ms|m|m/s)\b", text)


def test_no_push_offs():
    """A page without push-offs says why, and shows no table and no verdict."""
    report = video_report((), visible=(0, 0))
    page = Page(render_html(report))
    assert report.no_push_offs_reason in page.text
    assert not page.all("table")
    assert "triple jump" not in page.text


def test_distances_have_their_uncertainty():
    """Distances and their total are shown with a ±."""
    text = Page(render_html(video_report(calibrated=True))).text.replace("\xa0", " ")
    assert "1.43 ± 0.06 m" in text
    assert "Total 3.12 ± 0.13 m" in text
    assert "Lens distortion is not corrected" in text


def test_accessibility():
    """Language, one h1, headings in order, scopes on table headers, names on what scrolls."""
    report = video_report(calibrated=True)
    page = Page(render_html(report, pictures(report)))
    assert page.all("html")[0]["lang"] == "en"
    headings = [tag for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert headings[0] == "h1"
    assert {"h2"} == set(headings[1:])
    assert all(header["scope"] in ("row", "col") for header in page.all("th"))
    ids = [names["id"] for _, names in page.elements if "id" in names]
    assert len(ids) == len(set(ids))
    named = [names["aria-labelledby"] for _, names in page.elements if "aria-labelledby" in names]
    assert set(named) <= set(ids)


def luminance(colour):
    """Relative luminance of #rrggbb, WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast():
    """Every text has a contrast of 4.5 to 1 with its background, in light, dark and print."""
    source = files("pushoff.report").joinpath("template.html").read_text("utf-8")
    themes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", source, re.DOTALL)
    ]
    pairs = [(ink, "page") for ink in ("ink", "soft", "push", "run")]
    pairs += [("ink", "warn"), ("on-push", "push"), ("run", "run-soft")]
    assert len(themes) == 3
    for theme in themes:
        for text, behind in pairs:
            light, dark = sorted((luminance(theme[text]), luminance(theme[behind])))[::-1]
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, behind, theme)


def test_corrections_are_marked():
    """A missed push-off is in parentheses; a corrected foot says what was detected."""
    hops = [(60 + 90 * i, 0.97) for i in range(7) if i != 3]
    missed = Page(render_html(video_report(hops)))
    assert "L\nL\nL\n(L)\nL\nL\nL" in missed.text
    assert "missed" in missed.text
    wrong = Page(
        render_html(video_report([(60 + 90 * i, 0.4 if i == 3 else 0.97) for i in range(7)]))
    )
    assert "left (detected as right, 60\xa0%)" in wrong.text


def test_possible_push_offs_are_separate():
    """They have a row, a dotted mark, pictures and a sentence, and no badge among the feet."""
    report = video_report((*TRIPLE[:2], (500, 0.9), TRIPLE[2]), possible=(500,))
    page = Page(render_html(report, pictures(report)))
    assert "1 more is possible (not counted)" in page.text
    assert 3 == sum("badge" in names.get("class", "") for names in page.all("span"))
    assert ["maybe"] == [row["class"] for row in page.all("tr") if row.get("class")]
    marks = [line["class"] for line in page.all("line") if line["class"] != "grid"]
    assert ["push", "push", "maybe", "push"] == marks
    assert "Possible push-off P1" in page.text
    assert not page.stack


def test_terms_define_confidence():
    """Confidence is that of a push-off within one frame of the videos the model was tested on."""
    text = Page(render_html(video_report())).text
    assert "at most one frame away" in text
    assert "below 50 %" in text
