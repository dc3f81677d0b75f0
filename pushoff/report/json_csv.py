"""A report as JSON and as a table for a spreadsheet."""

import csv
import io
import math
from dataclasses import asdict
from enum import Enum

import numpy as np

from pushoff.events.drill.sequence import named_transitions
from pushoff.events.report import SessionReport, confidence_word
from pushoff.events.values import Foot

FORMAT = 1
"""Of the JSON; it changes when a key goes away or changes its meaning, not when one is added."""

_HEADER = (
    "video,number,frame,time_s,time_uncertainty_s,foot,foot_seen,foot_seen_probability,approach,"
    "possible,probability,confidence,toe_x_px,toe_y_px,toe_uncertainty_px,next,interval_to_next_s,"
    "interval_uncertainty_s,distance_to_next_m,distance_uncertainty_m,speed_to_next_m_s,"
    "speed_uncertainty_m_s"
).split(",")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a text that starts with one of these (OWASP, "CSV injection")."""


def as_json(report: SessionReport) -> dict:
    """Plain JSON types. Units stand in the keys; `to_next` and `phases` carry the fields of Phase.

    `push_offs[].foot` and `sequence.feet` are after correction, `foot_seen` and `sequence.seen`
    before it. Every key is always there; what is not known is null.

    `push_offs[].probability`, and `confidence` in words, say how likely it is that a push-off lies
    within one frame of `frame`, a frame of the videos the model was tested on (33 ms where these
    show 30 a second): `sure` from 0.95, `likely` from 0.75, else `unsure`. Those with `possible`
    true are likelier none than one (below 0.5); they count in `sequence` and `distances` as little
    as running steps (`approach`).
    """
    sequence, distances, curve = report.sequence, report.distances, report.curve
    answer = {
        "format": FORMAT,
        "headline": report.headline,
        "nothing_found": report.no_push_offs_reason,
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
            "frames_seen": report.athlete_frames,
            "camera": report.camera,
            "direction": report.direction,
        },
        "model": {
            "version": report.model_version,
            "held_out_score": report.model_score,
            "video_unlike_training": report.out_of_distribution,
        },
        "push_offs": [_push_off(report, index) for index in range(len(report.events))],
        "sequence": {
            "feet": [_letter(foot) for foot in sequence.corrected],
            "seen": [_letter(foot) for foot in sequence.detected],
            "overlooked_at": sequence.missing_at,
            "transitions": named_transitions(sequence.corrected),
            "transitions_seen": sequence.transitions,
            "exercise": sequence.exercise,
            "candidates": sequence.candidates,
            "verdict": sequence.verdict,
            "probability": sequence.confidence,
            "cyclic": sequence.cyclic,
            "reason": sequence.reason,
            "fits_asked": sequence.fits_request,
            "resembles_triple_jump": sequence.resembles_triple_jump,
            "triple_reason": sequence.triple_reason,
        },
        "distances": {**asdict(distances), "ratio": distances.ratio_text},
        "curve": asdict(curve),
    }
    return _plain(answer)


def csv_rows(report: SessionReport) -> list[list[str]]:
    """A header, then a row for each push-off; what is not known is an empty cell."""
    rows = [list(_HEADER)]
    for index, event in enumerate(report.events):
        time, toe, phase = report.event_time_s(event), event.toe_px, report.phase_after(event)
        cells = [
            report.video,
            report.labels[index],
            event.frame,
            *(time or (None, None)),
            _word(report.sequence.feet[index]),
            _word(event.foot),
            event.foot_probability,
            "yes" if index in report.sequence.approach else "no",
            "yes" if index in report.sequence.possible else "no",
            event.probability,
            confidence_word(event.probability),
            *(toe or (None, None)),
            event.toe_uncertainty_px if toe else None,
            phase and phase.name,
            phase and phase.interval_s,
            phase and phase.interval_uncertainty_s,
            phase and phase.distance_m,
            phase and phase.distance_uncertainty_m,
            phase and phase.speed_m_s,
            phase and phase.speed_uncertainty_m_s,
        ]
        rows.append([_cell(value) for value in cells])
    return rows


def csv_text(report: SessionReport) -> str:
    """The rows as RFC 4180 writes them. Save it as UTF-8 with `newline=""`."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(csv_rows(report))
    return text.getvalue()


def _push_off(report: SessionReport, index: int) -> dict:
    event, phase = report.events[index], report.phase_after(report.events[index])
    time_s, uncertainty_s = report.event_time_s(event) or (None, None)
    return {
        "number": report.labels[index],
        "frame": event.frame,
        "uncertainty_frames": event.uncertainty_frames,
        "time_s": time_s,
        "uncertainty_s": uncertainty_s,
        "foot": report.sequence.feet[index],
        "foot_seen": event.foot,
        "foot_seen_probability": event.foot_probability,
        "approach": index in report.sequence.approach,
        "possible": index in report.sequence.possible,
        "probability": event.probability,
        "confidence": confidence_word(event.probability),
        "toe_px": event.toe_px,
        "toe_uncertainty_px": event.toe_uncertainty_px if event.toe_px else None,
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
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(value: object) -> object:
    """Enums and tuples as JSON knows them, floats to a millionth, numbers that are none as null."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
