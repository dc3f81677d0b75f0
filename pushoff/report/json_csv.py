"""A report as JSON and as CSV for a spreadsheet."""

import csv
import io
import math
from dataclasses import asdict
from enum import Enum
from typing import Any

import numpy as np

from pushoff.events.drill.sequence import named_transitions
from pushoff.events.report import SessionReport, confidence_word
from pushoff.events.values import Foot
from pushoff.report.cover import Cover

FORMAT = 2
"""Number of the JSON format; raised when a key is removed or changes its meaning, not when one is
added."""

_HEADER = (
    "video,number,frame,time_s,time_uncertainty_s,foot,foot_detected,foot_detected_probability,"
    "approach,possible,probability,confidence,toe_x_px,toe_y_px,toe_uncertainty_px,"
    "toe_by_hand,next,"
    "interval_to_next_s,interval_uncertainty_s,distance_to_next_m,distance_uncertainty_m,speed_to_next_m_s,"
    "speed_uncertainty_m_s"
).split(",")
_COVER_HEADER = ("athlete", "filmed_on")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet evaluates a text that starts with one of these (OWASP, "CSV injection")."""


def as_json(report: SessionReport) -> dict[str, Any]:
    """Plain JSON types. Units stand in the keys; `to_next` and `phases` carry the fields of Phase.

    `push_offs[].foot` and `sequence.feet` are after correction, `foot_detected` and
    `sequence.detected` before it. Every key is always there; what is unknown is null.

    `push_offs[].probability`, and `confidence`, the same as a word, is the probability that a
    push-off lies within one frame of `frame`, in frames of the videos the model was tested on (33
    ms where these have 30 frames/s): `sure` from 0.95, `likely` from 0.75, else `unsure`. Push-offs
    with `possible` true (below 0.5) and running steps (`approach`) do not count in `sequence` and
    `distances`; of a video that shows a run and no drill, `distances` are of the steps."""
    sequence, distances = report.sequence, report.distances
    document: dict[str, Any] = {
        "format": FORMAT,
        "headline": report.headline,
        "no_push_offs_reason": report.no_push_offs_reason,
        "warnings": [*report.warnings, *report.cautions],
        "video": {
            "name": report.video,
            "frames": report.frames,
            "file_fps": report.file_fps,
            "capture_fps": report.capture_fps,
            "time_trusted": report.time_trusted,
            "duration_s": report.duration_s,
            "width_px": report.size_px[0],
            "height_px": report.size_px[1],
        },
        "athlete": {
            "note": report.athlete_note,
            "visible_frames": report.athlete_frames,
            "camera": report.camera,
            "direction": report.direction,
        },
        "model": {
            "version": report.model_version,
            "held_out_score": report.model_score,
            "video_out_of_distribution": report.out_of_distribution,
        },
        "push_offs": [_push_off(report, index) for index in range(len(report.events))],
        "sequence": {
            "feet": [_letter(foot) for foot in sequence.corrected],
            "detected": [_letter(foot) for foot in sequence.detected],
            "missing_at": sequence.missing_at,
            "transitions": named_transitions(sequence.corrected),
            "transitions_detected": sequence.transitions,
            "exercise": sequence.exercise,
            "candidates": sequence.candidates,
            "verdict": sequence.verdict,
            "probability": sequence.confidence,
            "cyclic": sequence.cyclic,
            "reason": sequence.reason,
            "fits_request": sequence.fits_request,
            "resembles_triple_jump": sequence.resembles_triple_jump,
            "triple_reason": sequence.triple_reason,
        },
        "distances": {**asdict(distances), "ratio": distances.ratio_text},
        "curve": asdict(report.curve),
    }
    return {key: _plain(value) for key, value in document.items()}


def csv_rows(report: SessionReport, cover: Cover | None = None) -> list[list[str]]:
    """A header, then a row for each push-off; what is unknown is an empty cell.

    With a `cover` each row ends with the athlete and the day.
    """
    rows = [[*_HEADER, *(_COVER_HEADER if cover else ())]]
    for index, event in enumerate(report.events):
        time_s, toe_px = report.event_time_s(event), event.toe_px
        phase = report.phase_after(event)
        cells = [
            report.video,
            report.labels[index],
            event.frame,
            *(time_s or (None, None)),
            _word(report.sequence.feet[index]),
            _word(event.foot),
            event.foot_probability,
            "yes" if index in report.sequence.approach else "no",
            "yes" if index in report.sequence.possible else "no",
            event.probability,
            confidence_word(event.probability),
            *(toe_px or (None, None)),
            event.toe_uncertainty_px if toe_px else None,
            "yes" if event.toe_by_hand else "no",
            phase and phase.name,
            phase and phase.interval_s,
            phase and phase.interval_uncertainty_s,
            phase and phase.distance_m,
            phase and phase.distance_uncertainty_m,
            phase and phase.speed_m_s,
            phase and phase.speed_uncertainty_m_s,
            *((cover.athlete, cover.filmed_on) if cover else ()),
        ]
        rows.append([_cell(value) for value in cells])
    return rows


def csv_text(report: SessionReport, cover: Cover | None = None) -> str:
    """The rows in the format of RFC 4180. Write it as UTF-8 with `newline=""`."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(csv_rows(report, cover))
    return text.getvalue()


def _push_off(report: SessionReport, index: int) -> dict[str, Any]:
    event, phase = report.events[index], report.phase_after(report.events[index])
    time_s, uncertainty_s = report.event_time_s(event) or (None, None)
    return {
        "number": report.labels[index],
        "frame": event.frame,
        "uncertainty_frames": event.uncertainty_frames,
        "time_s": time_s,
        "uncertainty_s": uncertainty_s,
        "foot": report.sequence.feet[index],
        "foot_detected": event.foot,
        "foot_detected_probability": event.foot_probability,
        "approach": index in report.sequence.approach,
        "possible": index in report.sequence.possible,
        "probability": event.probability,
        "confidence": confidence_word(event.probability),
        "toe_px": event.toe_px,
        "toe_uncertainty_px": event.toe_uncertainty_px if event.toe_px else None,
        "toe_by_hand": event.toe_by_hand,
        "to_next": None if phase is None else asdict(phase),
    }


def _letter(foot: Foot | None) -> str | None:
    return foot.letter if foot else None


def _word(foot: Foot | None) -> str:
    return foot.value if foot else "unknown"


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _plain(value: object) -> object:
    """Plain JSON types; floats rounded to six decimals, NaN and infinity as null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
