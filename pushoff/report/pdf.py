"""A report as a PDF to print or send: headline, curve, film strips, tables.

The same report gives the same bytes.
"""

import io
from collections.abc import Mapping, Sequence

from pushoff.errors import BadInput
from pushoff.events.report import SessionReport, confidence_word
from pushoff.report.chart import HEIGHT, WIDTH, draw_curve
from pushoff.report.cover import Cover
from pushoff.report.film_strips import FilmStrip, film_strips
from pushoff.report.pdf_layout import INK, MARGIN_MM, ROW_MM, RULE, SOFT, Pages
from pushoff.report.presentation import (
    TITLES,
    UNCERTAINTY_NOTE,
    foot_badges,
    interval_table,
    method_rows,
    push_off_rows,
    total_sentences,
    triple_jump_answer,
)

PUSH, RUN, WARN = (18, 88, 168), (138, 82, 0), (255, 244, 214)
PICTURE_MM, GAP_MM = 17, 0.6
"""A strip of five pictures is 88 mm wide, so two fit side by side."""
_JPEG = b"\xff\xd8\xff"


def render_pdf(
    report: SessionReport, cover: Cover, pictures: Mapping[int, bytes] | None = None
) -> bytes:
    """The PDF. `pictures`: JPEG bytes by frame; those of `film_strips.strip_frames` are used.

    One to three pages for up to sixteen push-offs; longer sessions take more. Raises BadInput when
    a picture is not a JPEG.
    """
    title = f"Push-offs of {cover.athlete}, {cover.filmed_on}"
    footer_text = "pushoff · synthetic video" if cover.synthetic else "pushoff"
    pages = Pages(title, cover.filmed_on, footer_text)
    _head(pages, report, cover)
    _warnings(pages, report, cover)
    _curve(pages, report)
    _strips(pages, film_strips(report), pictures or {})
    _push_offs(pages, report)
    _intervals(pages, report)
    _method(pages, report)
    return bytes(pages.output())


def _head(pages: Pages, report: SessionReport, cover: Cover) -> None:
    pages.paragraph(cover.athlete, 10.5, bold=True)
    details = f"{cover.exercise} · {cover.filmed_on} · {report.video}"
    pages.paragraph(details, 9, colour=SOFT)
    pages.ln(1.5)
    pages.paragraph(report.headline, 17, bold=True)
    _feet(pages, report)
    pages.paragraph(report.no_push_offs_reason or report.sequence.reason, 9)
    if report.events:
        answer = f"{TITLES.triple_jump} {triple_jump_answer(report)}."
        pages.paragraph(f"{answer} {report.sequence.triple_reason}", 9)


def _feet(pages: Pages, report: SessionReport) -> None:
    """The feet as badges, running steps outlined."""
    pages.ln(1.5)
    pages.set_font("dejavu", "B", 9)
    side = 6.5
    badges = foot_badges(report)
    for kind, letter in badges:
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
    if badges:
        pages.ln(side + 2)


def _warnings(pages: Pages, report: SessionReport, cover: Cover) -> None:
    warnings = [*report.warnings, *report.cautions]
    if cover.synthetic:
        warnings.insert(0, "Synthetic video.")
    if not warnings:
        return
    pages.ln(2)
    pages.set_fill_color(WARN)
    pages.set_font("dejavu", size=8.5)
    pages.set_text_color(INK)
    text = "\n".join([TITLES.warnings, *(f"• {warning}" for warning in warnings)])
    pages.multi_cell(
        0,
        4.4,
        pages.printable(text),
        fill=True,
        padding=2,
        align="L",
        new_x="LMARGIN",
        new_y="NEXT",
    )


def _curve(pages: Pages, report: SessionReport) -> None:
    chart = draw_curve(report)
    if chart is None:
        return
    height_mm = 24.0
    pages.section(TITLES.curve, height_mm + 20)
    left, top, width_mm = pages.l_margin, pages.y + 6, pages.epw

    def position(x_percent: float, y_share: float) -> tuple[float, float]:
        return left + width_mm * x_percent / 100, top + height_mm * y_share

    pages.set_line_width(0.15)
    pages.set_draw_color(RULE)
    for share in (0, 0.5, 1):
        pages.line(*position(0, share), *position(100, share))
    pages.set_line_width(0.3)
    pages.set_draw_color(SOFT)
    pages.polyline([position(100 * x / WIDTH, y / HEIGHT) for x, y in chart.points])
    pages.set_font("dejavu", "B", 8)
    for mark in chart.marks:
        colour = PUSH if mark.kind == "push" else RUN
        pages.set_draw_color(colour)
        pages.set_text_color(colour)
        x, y = position(mark.x_percent, 0)
        pages.line(x, y - 1, x, y + height_mm)
        pages.text(x - pages.get_string_width(mark.letter) / 2, y - 2, mark.letter)
    pages.set_font("dejavu", size=7)
    pages.set_text_color(SOFT)
    for x_percent, text in chart.ticks:
        x, y = position(x_percent, 1)
        shift = pages.get_string_width(text) * x_percent / 100  # inside the drawing at both ends
        pages.text(x - shift, y + 3.5, text)
    pages.set_y(top + height_mm + 4.5)
    others = any(mark.kind != "push" for mark in chart.marks)
    brown = " Brown: running steps and possible push-offs (not counted)." * others
    key = (
        f"Vertical axis: probability, 0 to 100 %. Horizontal axis: {chart.axis}. Blue: push-offs."
        f"{brown}"
    )
    pages.paragraph(key, 7, colour=SOFT)


def _strips(pages: Pages, strips: Sequence[FilmStrip], pictures: Mapping[int, bytes]) -> None:
    """Two film strips side by side; no strip is split."""
    shown = [strip for strip in strips if any(image.frame in pictures for image in strip.pictures)]
    if not shown:
        return
    height_mm = PICTURE_MM + 12
    pages.section(TITLES.images, height_mm)
    column_mm = pages.epw / 2 + 1
    for start in range(0, len(shown), 2):
        pages.ensure_space(height_mm)
        top = pages.y
        for column, strip in enumerate(shown[start : start + 2]):
            _strip(pages, strip, pictures, (pages.l_margin + column * column_mm, top))
        pages.set_xy(pages.l_margin, top + height_mm)


def _strip(
    pages: Pages, strip: FilmStrip, pictures: Mapping[int, bytes], corner_mm: tuple[float, float]
) -> None:
    left, top = corner_mm
    row = strip.row
    pages.set_font("dejavu", "B", 8)
    pages.set_text_color(INK)
    pages.text(left, top + 3, pages.printable(f"{row.title}, {row.foot}"))
    pages.set_font("dejavu", size=7)
    pages.set_text_color(SOFT)
    confidence = confidence_word(row.event.probability)
    pages.text(left, top + 6.3, pages.printable(f"{row.when}, {confidence}"))
    images = [image for image in strip.pictures if image.frame in pictures]
    for column, image in enumerate(images):
        jpeg = pictures[image.frame]
        if not jpeg.startswith(_JPEG):
            raise BadInput(
                f"the picture of frame {image.frame} is not a JPEG: encode it as one",
                code="not_a_jpeg",
            )
        x, y = left + column * (PICTURE_MM + GAP_MM), top + 7.5
        alt_text = f"{row.title}, {image.caption}"
        pages.image(io.BytesIO(jpeg), x, y, PICTURE_MM, PICTURE_MM, alt_text=alt_text)
        if image.kind == "here":
            pages.set_draw_color(PUSH)
            pages.set_line_width(0.7)
            pages.rect(x, y, PICTURE_MM, PICTURE_MM)
            pages.set_line_width(0.2)
            pages.text(x, y + PICTURE_MM + 3, "last contact")


def _push_offs(pages: Pages, report: SessionReport) -> None:
    if not report.events:
        return
    timed = report.time_trusted
    head = [
        TITLES.number,
        TITLES.foot,
        *[TITLES.time] * timed,
        TITLES.frame,
        TITLES.confidence,
        TITLES.toe,
    ]
    body = [
        [
            row.label,
            row.foot_text,
            *[row.time_text] * timed,
            str(row.event.frame),
            row.confidence_text,
            row.toe_text,
        ]
        for row in push_off_rows(report)
    ]
    pages.section(TITLES.push_offs, ROW_MM * (len(body) + 1))
    pages.data_table(head, body, (8, 36, *[26] * timed, 14, 24, 30))


def _intervals(pages: Pages, report: SessionReport) -> None:
    if not report.events:
        return
    table = interval_table(report)
    rows = len(table.rows) + 1 if table.heads else 0
    pages.section(TITLES.intervals, ROW_MM * rows + 6)
    if table.heads:
        body = [[row.span, *row.cells] for row in table.rows]
        pages.data_table([TITLES.phase, *table.heads], body, (24, *[28] * len(table.heads)))
        pages.ln(1)
        pages.paragraph(UNCERTAINTY_NOTE, 7.5, colour=SOFT)
    for sentence in (*total_sentences(report), *report.distances.notes):
        pages.paragraph(sentence)


def _method(pages: Pages, report: SessionReport) -> None:
    pages.section(TITLES.method, 24)
    for term, text in method_rows(report):
        pages.paragraph(f"{term}: {text}")
