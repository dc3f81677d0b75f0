"""A report as pages to print or send: headline, curve, film strips, tables.

The same report gives the same bytes.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pushoff.errors import BadInput
from pushoff.events.report import SessionReport, confidence_word
from pushoff.report.chart import HEIGHT, WIDTH, draw
from pushoff.report.pdf_layout import INK, MARGIN_MM, ROW_MM, RULE, SOFT, Pages
from pushoff.report.presentation import (
    film_strips,
    foot_badges,
    format_uncertain,
    interval_rows,
    percent,
    push_off_row,
)

PUSH, RUN, WARN = (18, 88, 168), (138, 82, 0), (255, 244, 214)
PICTURE_MM, GAP_MM = 17, 0.6
"""A strip of five pictures is 88 mm wide, so two stand side by side."""
KINDS = {"push": "Push-off", "run": "Running step", "maybe": "Possible push-off"}
_JPEG = b"\xff\xd8\xff"


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
    title = f"Push-offs of {cover.athlete}, {cover.filmed_on}"
    foot = "pushoff · synthetic video" if cover.synthetic else "pushoff"
    pages = Pages(title, cover.filmed_on, foot)
    _head(pages, report, cover)
    _warnings(pages, report, cover)
    _curve(pages, report)
    _strips(pages, film_strips(report), pictures or {})
    _push_offs(pages, report)
    _between(pages, report)
    _trust(pages, report)
    return bytes(pages.output())


def _head(pages: Pages, report: SessionReport, cover: Cover) -> None:
    said = f"{cover.exercise} · {cover.filmed_on} · {report.video}"
    pages.say(cover.athlete, 10.5, bold=True)
    pages.say(said, 9, colour=SOFT)
    pages.ln(1.5)
    pages.say(report.headline, 17, bold=True)
    _feet(pages, report)
    pages.say(report.no_push_offs_reason or report.sequence.reason, 9)


def _feet(pages: Pages, report: SessionReport) -> None:
    """The foot sequence as tiles, running steps outlined."""
    pages.ln(1.5)
    pages.set_font("dejavu", "B", 9)
    side = 6.5
    for kind, letter in foot_badges(report):
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
    if foot_badges(report):
        pages.ln(side + 2)


def _warnings(pages: Pages, report: SessionReport, cover: Cover) -> None:
    told = [*report.warnings, *report.cautions]
    if cover.synthetic:
        told.insert(0, "This video is synthetic: nobody jumped.")
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


def _curve(pages: Pages, report: SessionReport) -> None:
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
        colour = PUSH if mark.kind == "push" else RUN
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
    others = any(mark.kind != "push" for mark in chart.marks)
    brown = "; brown: running steps and possible push-offs, which count in nothing" * others
    pages.say(f"0 to 100 %, over {chart.axis}; blue: push-offs{brown}", 7, colour=SOFT)


def _strips(pages: Pages, all_strips: Sequence[dict], pictures: Mapping[int, bytes]) -> None:
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
    pages: Pages, strip: dict, pictures: Mapping[int, bytes], corner_mm: tuple[float, float]
) -> None:
    left, top = corner_mm
    what = KINDS[strip["kind"]]
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


def _push_offs(pages: Pages, report: SessionReport) -> None:
    if not report.events:
        return
    timed = report.time_trusted
    head = ["No.", "Foot", *["Time"] * timed, "Frame", "How sure", "Toe in the picture"]
    body = []
    for index, event in enumerate(report.events):
        told = push_off_row(report, index)
        foot = f"{told['foot']} ({told['foot_told']})" if told["foot_told"] else told["foot"]
        toe, off = event.toe_px, event.toe_uncertainty_px
        body.append(
            [
                told["label"],
                foot,
                *([format_uncertain(*told["seconds"], "s")] if timed else []),
                str(event.frame),
                f"{confidence_word(event.probability)} ({percent(event.probability)})",
                f"{toe[0]:.0f}, {toe[1]:.0f} ± {off:.0f} px" if toe else "not found",
            ]
        )
    pages.section("Push-offs", ROW_MM * (len(body) + 1))
    pages.rows(head, body, (8, 30, *[28] * timed, 14, 24, 34))


def _between(pages: Pages, report: SessionReport) -> None:
    if not report.events:
        return
    told, whole = interval_rows(report), report.distances
    columns = [
        ("Interval", "interval_s", "interval_uncertainty_s", "s", "seconds"),
        ("Steps a minute", "cadence_per_min", "cadence_uncertainty_per_min", "", "seconds"),
        ("Distance", "distance_m", "distance_uncertainty_m", "m", "metres"),
        ("Mean speed", "speed_m_s", "speed_uncertainty_m_s", "m/s", "speeds"),
        ("Share", "share_percent", "share_uncertainty_percent", "%", "shares"),
    ]
    columns = [column for column in columns if told[column[4]]]
    rows = len(told["rows"]) + 1 if columns else 0
    pages.section("Times and distances between push-offs", ROW_MM * rows + 6)
    if columns:
        body = []
        for one in told["rows"]:
            span = f"{one['span']} ({one['name']})" if one["name"] else one["span"]
            of = [(getattr(one["phase"], c[1]), getattr(one["phase"], c[2]), c[3]) for c in columns]
            body.append([span, *(format_uncertain(*cell) for cell in of)])
        pages.rows(["From, to", *(c[0] for c in columns)], body, (24, *[28] * len(columns)))
        pages.ln(1)
        pages.say("± is one standard deviation.", 7.5, colour=SOFT)
    if whole.total_m is not None:
        total = format_uncertain(whole.total_m, whole.total_uncertainty_m, "m")
        ratio = f"; {whole.ratio_text}" if whole.ratio_text else ""
        pages.say(f"Altogether {total}{ratio}.")
    if whole.cadence_per_min is not None:
        error = whole.cadence_uncertainty_per_min
        pages.say(f"Cadence: {format_uncertain(whole.cadence_per_min, error, 'steps a minute')}.")
    for note in whole.notes:
        pages.say(note)


def _trust(pages: Pages, report: SessionReport) -> None:
    pages.section("How far to trust this", 24)
    filmed = "at what rate it was filmed is not known"
    if report.capture_fps is not None:
        filmed = f"filmed at {report.capture_fps:.4g} frames a second"
    size = f"{report.size_px[0]} × {report.size_px[1]} px, {report.frames} frames"
    pages.say(f"Model: {report.model_version}.")
    pages.say(f"Tested on videos it never saw: {report.model_score}")
    pages.say(f"Athlete: {report.athlete_note}. Camera: {report.camera}. Video: {size}, {filmed}.")
