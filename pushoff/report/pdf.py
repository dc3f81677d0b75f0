"""A report as A4 pages to print or send: headline, curve, film strips, tables. Door: fpdf2.

The font is DejaVu Sans as matplotlib brings it: Latin, Greek and Cyrillic names come out as they
are written; what it has no picture of becomes a replacement sign. The same report gives the same
bytes.
"""

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from importlib.metadata import distribution
from pathlib import Path

from fpdf import FPDF, FontFace
from fpdf.enums import TableCellFillMode, XPos, YPos

from pushoff.errors import BadInput
from pushoff.events.report import SessionReport, confidence_word
from pushoff.report.chart import HEIGHT, WIDTH, draw
from pushoff.report.rows import chips, measured, percent, phases, row, strips

INK, SOFT, RULE, PANEL = (26, 29, 33), (85, 92, 102), (200, 204, 210), (238, 240, 243)
PUSH, RUN, WARN = (18, 88, 168), (138, 82, 0), (255, 244, 214)
MARGIN_MM, PICTURE_MM, GAP_MM = 15, 17, 0.6
"""A strip of five pictures is 88 mm wide, so two stand side by side."""
_ROW_MM = 5.5
_JPEG = b"\xff\xd8\xff"
_SIGN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Cover:
    """What the coach said of the session."""

    athlete: str
    filmed_on: date
    exercise: str
    """As the page calls it."""
    synthetic: bool = False


def render_pdf(
    report: SessionReport, cover: Cover, pictures: Mapping[int, bytes] | None = None
) -> bytes:
    """The pages. `pictures`: JPEG bytes by frame; those of `rows.strip_frames` are shown.

    One to three pages for up to sixteen push-offs; longer sessions take more.
    Raises BadInput when a picture is not a JPEG.
    """
    pages = _Pages(cover)
    _head(pages, report, cover)
    _warnings(pages, report, cover)
    _curve(pages, report)
    _strips(pages, strips(report), pictures or {})
    _push_offs(pages, report)
    _between(pages, report)
    _trust(pages, report)
    return bytes(pages.output())


class _Pages(FPDF):
    """A4, one font, a footer."""

    def __init__(self, cover: Cover) -> None:
        super().__init__(format="A4")
        self._foot = "pushoff" + (" · synthetic film" if cover.synthetic else "")
        fonts = Path(str(distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
        self.add_font("dejavu", "", fonts / "DejaVuSans.ttf")
        self.add_font("dejavu", "B", fonts / "DejaVuSans-Bold.ttf")
        self._known = self.fonts["dejavu"].cmap
        self.set_creation_date(datetime.combine(cover.filmed_on, time(), UTC))
        self.set_title(self.text_of(f"Push-offs of {cover.athlete}, {cover.filmed_on}"))
        self.set_lang("en")
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 6)
        self.add_page()

    def footer(self) -> None:
        """Whose page it is, and which."""
        self.set_y(-MARGIN_MM)
        self.set_font("dejavu", size=7.5)
        self.set_text_color(SOFT)
        self.cell(self.epw / 2, 5, self._foot)
        self.cell(self.epw / 2, 5, f"page {self.page_no()} of {{nb}}", align="R")

    def text_of(self, text: str) -> str:
        """The text in signs the font has."""
        whole = unicodedata.normalize("NFC", text)
        return "".join(one if ord(one) in self._known or one == "\n" else _SIGN for one in whole)

    def say(self, text: str, size: float = 9, bold: bool = False, colour: tuple = INK) -> None:
        """A paragraph."""
        self.set_font("dejavu", "B" if bold else "", size)
        self.set_text_color(colour)
        self.multi_cell(
            0, size * 0.5, self.text_of(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def room(self, height_mm: float) -> None:
        """Go on on the next page unless so much is left on this one."""
        if self.will_page_break(height_mm):
            self.add_page()

    def section(self, title: str, room_mm: float) -> None:
        """A heading with what follows it, on one page as far as a page goes."""
        self.room(min(room_mm + 11, self.eph - 1))
        self.ln(4)
        self.say(title, 11.5, bold=True)
        self.ln(1)

    def rows(self, head: Sequence[str], body: Iterable[Sequence[str]], widths: Sequence) -> None:
        """A table: no row is torn, and its head stands on every page it runs over."""
        self.set_font("dejavu", size=8)
        self.set_text_color(INK)
        self.set_draw_color(RULE)
        self.set_fill_color(255)
        with self.table(
            col_widths=tuple(widths),
            text_align="LEFT",
            line_height=4.4,
            padding=0.5,
            borders_layout="HORIZONTAL_LINES",
            headings_style=FontFace(emphasis="BOLD", fill_color=PANEL),
            cell_fill_mode=TableCellFillMode.NONE,
        ) as table:
            for cells in (head, *body):
                table.row([self.text_of(cell) for cell in cells])


def _head(pages: _Pages, report: SessionReport, cover: Cover) -> None:
    said = f"{cover.exercise} · {cover.filmed_on} · {report.film}"
    pages.say(cover.athlete, 10.5, bold=True)
    pages.say(said, 9, colour=SOFT)
    pages.ln(1.5)
    pages.say(report.headline, 17, bold=True)
    _feet(pages, report)
    pages.say(report.nothing_found or report.sequence.reason, 9)


def _feet(pages: _Pages, report: SessionReport) -> None:
    """The foot sequence as tiles, running steps outlined."""
    pages.ln(1.5)
    pages.set_font("dejavu", "B", 9)
    side = 6.5
    for kind, letter in chips(report):
        if pages.x + side > pages.w - MARGIN_MM:
            pages.ln(side + 1.5)
        drill = kind in ("L", "R", "unknown")
        pages.set_draw_color(PUSH if drill else RUN)
        pages.set_fill_color(*(PUSH if drill else (255, 255, 255)))
        pages.set_text_color(*((255, 255, 255) if drill else RUN))
        x, y = pages.x, pages.y
        pages.rect(x, y, side, side, style="DF", round_corners=True, corner_radius=1.2)
        pages.cell(side, side, letter, align="C")
        pages.set_xy(x + side + 1.5, y)
    if chips(report):
        pages.ln(side + 2)


def _warnings(pages: _Pages, report: SessionReport, cover: Cover) -> None:
    told = [*report.warnings, *report.doubts]
    if cover.synthetic:
        told.insert(0, "This film is synthetic: nobody jumped.")
    if not told:
        return
    pages.ln(2)
    pages.set_fill_color(WARN)
    pages.set_font("dejavu", size=8.5)
    pages.set_text_color(INK)
    text = "Before you trust this\n" + "\n".join(f"• {one}" for one in told)
    pages.multi_cell(
        0, 4.4, pages.text_of(text), fill=True, padding=2, align="L", new_x="LMARGIN", new_y="NEXT"
    )


def _curve(pages: _Pages, report: SessionReport) -> None:
    chart = draw(report)
    if chart is None:
        return
    high = 24.0
    pages.section("How strongly the model saw a push-off", high + 20)
    left, top, wide = pages.l_margin, pages.y + 6, pages.epw

    def place(x_percent: float, share: float) -> tuple[float, float]:
        return left + wide * x_percent / 100, top + high * share

    pages.set_line_width(0.15)
    pages.set_draw_color(RULE)
    for share in (0, 0.5, 1):
        pages.line(*place(0, share), *place(100, share))
    points = [tuple(map(float, pair.split(","))) for pair in chart.line.split()]
    pages.set_line_width(0.3)
    pages.set_draw_color(SOFT)
    pages.polyline([place(100 * x / WIDTH, y / HEIGHT) for x, y in points])
    pages.set_font("dejavu", "B", 8)
    for mark in chart.marks:
        colour = RUN if mark.approach else PUSH
        pages.set_draw_color(colour)
        pages.set_text_color(colour)
        x, y = place(mark.x_percent, 0)
        pages.line(x, y - 1, x, y + high)
        pages.text(x - pages.get_string_width(mark.letter) / 2, y - 2, mark.letter)
    pages.set_font("dejavu", size=7)
    pages.set_text_color(SOFT)
    for x_percent, text in chart.ticks:
        x, y = place(x_percent, 1)
        shift = pages.get_string_width(text) * x_percent / 100  # inside the drawing at both ends
        pages.text(x - shift, y + 3.5, text)
    pages.set_y(top + high + 4.5)
    running = "; brown: running steps" if report.sequence.approach else ""
    pages.say(f"0 to 100 %, over {chart.axis}; blue: push-offs{running}", 7, colour=SOFT)


def _strips(pages: _Pages, all_strips: Sequence[dict], pictures: Mapping[int, bytes]) -> None:
    """Two strips side by side; a strip is never torn."""
    found = [one for one in all_strips if any(p["frame"] in pictures for p in one["pictures"])]
    if not found:
        return
    tall = PICTURE_MM + 12
    pages.section("Each push-off in pictures", tall)
    wide = pages.epw / 2 + 1
    for start in range(0, len(found), 2):
        pages.room(tall)
        top = pages.y
        for side, strip in enumerate(found[start : start + 2]):
            _strip(pages, strip, pictures, (pages.l_margin + side * wide, top))
        pages.set_xy(pages.l_margin, top + tall)


def _strip(
    pages: _Pages, strip: dict, pictures: Mapping[int, bytes], corner_mm: tuple[float, float]
) -> None:
    left, top = corner_mm
    what = "Running step" if strip["kind"] == "run" else "Push-off"
    sure = confidence_word(strip["event"].probability)
    pages.set_font("dejavu", "B", 8)
    pages.set_text_color(INK)
    pages.text(left, top + 3, pages.text_of(f"{what} {strip['label']}, {strip['foot']}"))
    pages.set_font("dejavu", size=7)
    pages.set_text_color(SOFT)
    pages.text(left, top + 6.3, pages.text_of(f"{strip['when']}, {sure}"))
    shown = [one for one in strip["pictures"] if one["frame"] in pictures]
    for k, picture in enumerate(shown):
        jpeg = pictures[picture["frame"]]
        if not jpeg.startswith(_JPEG):
            frame = picture["frame"]
            raise BadInput(f"the picture of frame {frame} is not a JPEG: encode it as one")
        x, y = left + k * (PICTURE_MM + GAP_MM), top + 7.5
        told = f"{what} {strip['label']}, {picture['caption']}"
        pages.image(io.BytesIO(jpeg), x, y, PICTURE_MM, PICTURE_MM, alt_text=told)
        if picture["kind"] == "here":
            pages.set_draw_color(PUSH)
            pages.set_line_width(0.7)
            pages.rect(x, y, PICTURE_MM, PICTURE_MM)
            pages.set_line_width(0.2)
            pages.text(x, y + PICTURE_MM + 3, "last contact")


def _push_offs(pages: _Pages, report: SessionReport) -> None:
    if not report.events:
        return
    timed = report.time_trusted
    head = ["No.", "Foot", *["Time"] * timed, "Frame", "How sure", "Toe in the picture"]
    body = []
    for index, event in enumerate(report.events):
        told = row(report, index)
        foot = f"{told['foot']} ({told['foot_told']})" if told["foot_told"] else told["foot"]
        toe, off = event.toe_px, event.toe_uncertainty_px
        body.append(
            [
                told["label"],
                foot,
                *([measured(*told["seconds"], "s")] if timed else []),
                str(event.frame),
                f"{confidence_word(event.probability)} ({percent(event.probability)})",
                f"{toe[0]:.0f}, {toe[1]:.0f} ± {off:.0f} px" if toe else "not found",
            ]
        )
    pages.section("Push-offs", _ROW_MM * (len(body) + 1))
    pages.rows(head, body, (8, 30, *[28] * timed, 14, 24, 34))


def _between(pages: _Pages, report: SessionReport) -> None:
    if not report.events:
        return
    told, whole = phases(report), report.distances
    columns = [
        ("Interval", "interval_s", "interval_uncertainty_s", "s", "seconds"),
        ("Steps a minute", "cadence_per_min", "cadence_uncertainty_per_min", "", "seconds"),
        ("Distance", "distance_m", "distance_uncertainty_m", "m", "metres"),
        ("Mean speed", "speed_m_s", "speed_uncertainty_m_s", "m/s", "speeds"),
        ("Share", "share_percent", "share_uncertainty_percent", "%", "shares"),
    ]
    columns = [column for column in columns if told[column[4]]]
    rows = len(told["rows"]) + 1 if columns else 0
    pages.section("Times and distances between push-offs", _ROW_MM * rows + 6)
    if columns:
        body = []
        for one in told["rows"]:
            span = f"{one['span']} ({one['name']})" if one["name"] else one["span"]
            of = [(getattr(one["phase"], c[1]), getattr(one["phase"], c[2]), c[3]) for c in columns]
            body.append([span, *(measured(*cell) for cell in of)])
        pages.rows(["From, to", *(c[0] for c in columns)], body, (24, *[28] * len(columns)))
        pages.ln(1)
        pages.say("± is one standard deviation.", 7.5, colour=SOFT)
    if whole.total_m is not None:
        total = measured(whole.total_m, whole.total_uncertainty_m, "m")
        ratio = f"; {whole.ratio_text}" if whole.ratio_text else ""
        pages.say(f"Altogether {total}{ratio}.")
    if whole.cadence_per_min is not None:
        error = whole.cadence_uncertainty_per_min
        pages.say(f"Cadence: {measured(whole.cadence_per_min, error, 'steps a minute')}.")
    for note in whole.notes:
        pages.say(note)


def _trust(pages: _Pages, report: SessionReport) -> None:
    pages.section("How far to trust this", 24)
    filmed = "at what rate it was filmed is not known"
    if report.capture_fps is not None:
        filmed = f"filmed at {report.capture_fps:.4g} frames a second"
    size = f"{report.size_px[0]} × {report.size_px[1]} px, {report.frames} frames"
    pages.say(f"Model: {report.model_version}.")
    pages.say(f"Tested on films it never saw: {report.model_score}")
    pages.say(f"Athlete: {report.athlete_note}. Camera: {report.camera}. Film: {size}, {filmed}.")
