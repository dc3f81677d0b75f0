"""A4 pages with one font and a footer, and their paragraphs, sections and tables. Door: fpdf2.

The font is matplotlib's DejaVu Sans, which has Latin, Greek and Cyrillic letters; a character it
does not have becomes a replacement character.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from importlib.metadata import distribution
from pathlib import Path

from fpdf import FPDF, FontFace
from fpdf.enums import TableCellFillMode, XPos, YPos
from fpdf.fonts import TTFFont

Colour = tuple[int, int, int]
INK, SOFT, RULE, PANEL = (26, 29, 33), (85, 92, 102), (200, 204, 210), (238, 240, 243)
MARGIN_MM = 15
ROW_MM = 5.5
"""Row height of a table with one line per cell."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Pages(FPDF):
    """A4, one font, a footer."""

    def __init__(self, title: str, day: date, footer_text: str) -> None:
        """`day` becomes the file's creation date: no clock is read, so the bytes repeat."""
        super().__init__(format="A4")
        self._footer_text = footer_text
        fonts = Path(str(distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
        self.add_font("dejavu", "", fonts / "DejaVuSans.ttf")
        self.add_font("dejavu", "B", fonts / "DejaVuSans-Bold.ttf")
        font = self.fonts["dejavu"]
        self._characters = set(font.cmap) if isinstance(font, TTFFont) else set()
        self.set_creation_date(datetime.combine(day, time(), UTC))
        self.set_title(self.printable(title))
        self.set_lang("en")
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM + 6)
        self.add_page()

    def footer(self) -> None:
        """Footer text and page number."""
        self.set_y(-MARGIN_MM)
        self.set_font("dejavu", size=7.5)
        self.set_text_color(SOFT)
        self.cell(self.epw / 2, 5, self._footer_text)
        self.cell(self.epw / 2, 5, f"page {self.page_no()} of {{nb}}", align="R")

    def printable(self, text: str) -> str:
        """The text in characters that the font has."""
        return "".join(
            character if ord(character) in self._characters or character == "\n" else _REPLACEMENT
            for character in unicodedata.normalize("NFC", text)
        )

    def paragraph(
        self, text: str, size: float = 9, bold: bool = False, colour: Colour = INK
    ) -> None:
        """Write a paragraph."""
        self.set_font("dejavu", "B" if bold else "", size)
        self.set_text_color(colour)
        self.multi_cell(
            0, size * 0.5, self.printable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def ensure_space(self, height_mm: float) -> None:
        """Start a new page unless this one has so much space left."""
        if self.will_page_break(height_mm):
            self.add_page()

    def section(self, title: str, content_mm: float) -> None:
        """Write a heading; on a new page if it and the content fit there but not on this one."""
        self.ensure_space(min(content_mm + 11, self.eph - 1))
        self.ln(4)
        self.paragraph(title, 11.5, bold=True)
        self.ln(1)

    def data_table(
        self, head: Sequence[str], body: Iterable[Sequence[str]], widths: Sequence[float]
    ) -> None:
        """Write a table: no row is split, and its head is repeated on every page."""
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
                table.row([self.printable(cell) for cell in cells])
