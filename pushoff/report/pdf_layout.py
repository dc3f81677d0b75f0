"""A4 pages with one font and a footer, and what can be put on them. Door: fpdf2.

The font is DejaVu Sans as matplotlib brings it: Latin, Greek and Cyrillic names come out as they
are written; what it has no picture of becomes a replacement sign.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from importlib.metadata import distribution
from pathlib import Path

from fpdf import FPDF, FontFace
from fpdf.enums import TableCellFillMode, XPos, YPos

INK, SOFT, RULE, PANEL = (26, 29, 33), (85, 92, 102), (200, 204, 210), (238, 240, 243)
MARGIN_MM = 15
ROW_MM = 5.5
"""Of a table whose cells hold one line each."""
_SIGN = "\N{REPLACEMENT CHARACTER}"


class Pages(FPDF):
    """A4, one font, a footer."""

    def __init__(self, title: str, day: date, foot: str) -> None:
        """`day` stands in the file as when it was made: no clock is read."""
        super().__init__(format="A4")
        self._foot = foot
        fonts = Path(str(distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
        self.add_font("dejavu", "", fonts / "DejaVuSans.ttf")
        self.add_font("dejavu", "B", fonts / "DejaVuSans-Bold.ttf")
        self._known = self.fonts["dejavu"].cmap
        self.set_creation_date(datetime.combine(day, time(), UTC))
        self.set_title(self.text_of(title))
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
