"""A report as one self-contained HTML page: no script, no other file, no address."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from pushoff.errors import BadInput
from pushoff.events.report import SessionReport
from pushoff.report import presentation
from pushoff.report.chart import draw_curve
from pushoff.report.cover import Cover
from pushoff.report.film_strips import FilmStrip, StripImage, film_strips
from pushoff.report.presentation import PushOffRow

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class _EmbeddedImage:
    image: StripImage
    data: str
    """Base64 of the JPEG."""


@dataclass(frozen=True)
class _EmbeddedStrip:
    row: PushOffRow
    pictures: tuple[_EmbeddedImage, ...]


def render_html(
    report: SessionReport,
    pictures: Mapping[int, bytes] | None = None,
    cover: Cover | None = None,
) -> str:
    """The page, UTF-8. `pictures`: JPEG bytes by frame; those of `strip_frames` are used.

    `cover`: what the coach entered; None for a video that is no coach's session.

    Raises BadInput when a picture is not a JPEG.
    """
    return _template().render(
        report=report,
        cover=cover,
        titles=presentation.TITLES,
        groups=presentation.GROUP_NAMES,
        terms=presentation.TERMS,
        uncertainty_note=presentation.UNCERTAINTY_NOTE,
        rows=presentation.push_off_rows(report),
        badges=presentation.foot_badges(report),
        strips=_embed(film_strips(report), pictures or {}),
        chart=draw_curve(report),
        intervals=presentation.interval_table(report),
        totals=presentation.total_sentences(report),
        count_sentence=presentation.count_sentence(report),
        verdict_sentence=presentation.verdict_sentence(report),
        triple_jump_answer=presentation.triple_jump_answer(report),
        method=presentation.method_rows(report),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("pushoff.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html")


def _embed(strips: Sequence[FilmStrip], pictures: Mapping[int, bytes]) -> list[_EmbeddedStrip]:
    """The film strips that have pictures."""
    embedded = []
    for strip in strips:
        images = tuple(
            _EmbeddedImage(image, _base64(image.frame, pictures[image.frame]))
            for image in strip.pictures
            if image.frame in pictures
        )
        if images:
            embedded.append(_EmbeddedStrip(strip.row, images))
    return embedded


def _base64(frame: int, jpeg: bytes) -> str:
    if not jpeg.startswith(_JPEG):
        raise BadInput(
            f"the picture of frame {frame} is not a JPEG: encode it as one", code="not_a_jpeg"
        )
    return base64.b64encode(jpeg).decode("ascii")
