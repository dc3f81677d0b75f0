"""A report as one HTML page that needs nothing else: no script, no file, no address."""

import base64
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from pushoff.errors import BadInput
from pushoff.events.report import SessionReport, confidence_word
from pushoff.report.chart import draw
from pushoff.report.presentation import (
    film_strips,
    foot_badges,
    format_uncertain,
    interval_rows,
    percent,
    push_off_row,
)

_JPEG = b"\xff\xd8\xff"


def render_html(report: SessionReport, pictures: Mapping[int, bytes] | None = None) -> str:
    """The page, UTF-8. `pictures`: JPEG bytes by frame; those of `strip_frames` are shown.

    Raises BadInput when a picture is not a JPEG.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "percent": percent,
        "measured": format_uncertain,
        "sure": confidence_word,
    }
    source = files("pushoff.report").joinpath("template.html").read_text("utf-8")
    return environment.from_string(source).render(
        report=report,
        rows=[push_off_row(report, index) for index in range(len(report.events))],
        chips=foot_badges(report),
        strips=_with_pictures(report, pictures or {}),
        chart=draw(report),
        phases=interval_rows(report),
    )


def _with_pictures(report: SessionReport, pictures: Mapping[int, bytes]) -> list[dict]:
    """The film strips there are pictures for."""
    found = []
    for strip in film_strips(report):
        shown = [
            {**one, "data": _base64(one["frame"], pictures[one["frame"]])}
            for one in strip["pictures"]
            if one["frame"] in pictures
        ]
        if shown:
            found.append({**strip, "pictures": shown})
    return found


def _base64(frame: int, jpeg: bytes) -> str:
    if not jpeg.startswith(_JPEG):
        raise BadInput(f"the picture of frame {frame} is not a JPEG: encode it as one")
    return base64.b64encode(jpeg).decode("ascii")
