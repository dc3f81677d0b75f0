"""One film from file to report: the coach's story, read from top to bottom."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.events.calibration import Calibration
from pushoff.events.distance import measure_distances
from pushoff.events.report import SessionReport, build_report
from pushoff.events.sequence import read_sequence
from pushoff.events.values import PushOffEvent
from pushoff.values import Exercise

if TYPE_CHECKING:
    from pushoff.learning.film import Film
    from pushoff.learning.spotter import Spotter

SLOWEST_S = 1.0
"""Push-offs farther apart than this on average are slow motion taken for real time: the longest
phases of a triple jump take 0.8 s."""
TOE_CAUTION = 2.6
"""What a toe's stated uncertainty is multiplied by: its root mean square error along the runway,
which distances are made of. Measured on 52 toes of 12 synthetic films (`pushoff.video.toe`): 2.6,
2.9 on one half of the films and 2.3 on the other. 73 % of the toes then lie within one standard
deviation along the runway and 94 % within two, on the same films it was set by."""
_SURELY_CAMERA_FPS = 100.0
"""A file that plays this fast was filmed so; slower ones may be slow motion."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The report of one film and the pictures that go with it."""

    report: SessionReport
    pictures: dict[int, bytes]
    """JPEG of the athlete by frame, for the film strips."""


def analyze_film(
    path: Path,
    film: "Film",
    spotter: "Spotter",
    version: str,
    *,
    capture_known: bool,
    calibration: Calibration | None = None,
    asked: Exercise | None = None,
) -> Analysis:
    """Push-offs, feet, exercise and distances of a described film, and its film strips.

    `capture_known` says that the camera's rate was given. Raises VideoRefused, and BadInput when
    the calibration belongs to a picture of another size.
    """
    info, track = film.info, film.track
    if calibration:
        calibration.check_picture(info.width_px, info.height_px)
    reading = spotter.read(film)
    events = with_toes(path, film, spotter.events(film, reading))
    trusted, doubt = rate_is_trusted(events, float(info.frame_rate), capture_known)
    warnings = _settled(track.warnings, film, trusted) + ((doubt,) if doubt else ())
    if (cut_off := ends_early(len(film.times_s), info.declared_frames)) is not None:
        warnings = (cut_off, *warnings)
    sequence = read_sequence(events, asked)
    distances = measure_distances(
        [events[index] for index in sequence.drill],
        capture_fps=float(info.capture_rate),
        calibration=calibration,
        time_trusted=trusted,
        camera_fixed=track.camera == "fixed",
    )
    report = build_report(
        film=path.name,
        info=info,
        time_trusted=trusted,
        athlete=replace(track, warnings=()),
        reading=reading,
        events=events,
        sequence=sequence,
        distances=distances,
        model_version=version,
        model_score=score_sentence(spotter),
        warnings=warnings,
    )
    return Analysis(report, _strips(path, film, report))


def ends_early(decoded: int, declared: int | None) -> str | None:
    """What to say of a film of which only `decoded` of the `declared` frames could be read.

    None where all came out, or as good as all: containers miscount by a frame or two.
    """
    if declared is None or declared - decoded <= max(2, 0.01 * declared):
        return None
    return (
        f"The file ends early: {decoded} of its {declared} frames could be read. What comes after "
        "is missing here; copy or upload the film again."
    )


def rate_is_trusted(
    events: Sequence[PushOffEvent], file_fps: float, capture_known: bool
) -> tuple[bool, str | None]:
    """Whether the camera's rate is known well enough to speak of seconds, and what to say if not.

    A file at 30/s whose push-offs lie seconds apart was filmed faster than it plays.
    """
    if capture_known or file_fps >= _SURELY_CAMERA_FPS:
        return True, None
    gaps = [after.time_s - before.time_s for before, after in pairwise(events)]
    usual_s = statistics.median(gaps) if gaps else 0.0
    if usual_s > SLOWEST_S:
        return False, (
            f"This film plays at {file_fps:.3g} frames/s and its push-offs lie {usual_s:.1f} s "
            "apart: it is slow motion. Give the camera's rate with --capture-fps; until then no "
            "seconds and no speeds are given, and push-offs may be missed."
        )
    return True, (
        f"Read as real time at {file_fps:.3g} frames/s. If it is slow motion, give the camera's "
        "rate with --capture-fps."
    )


def score_sentence(spotter: "Spotter") -> str | None:
    """What the model was worth on films it had not seen; None when nothing was held out."""
    held = spotter.settings.held_out
    if not held:
        return None
    on = spotter.settings.confidence.measured_on
    return (
        f"On {held['clips']} clips held out in turn it reached F1 {held['f1']:.2f} within "
        f"{held['tolerance_frames']} frame ({held['truth']} push-offs; {on})."
    )


def with_toes(path: Path, film: "Film", events: Sequence[PushOffEvent]) -> list[PushOffEvent]:
    """The events with the point where the toe stood, where it can be made out."""
    from pushoff.video.decode import decode
    from pushoff.video.toe import find_toes, frames_needed

    track = film.track
    if track.camera != "fixed" or not events:
        return list(events)
    wanted = [event.frame for event in events]
    needed = frames_needed(wanted, len(film.times_s), track.boxes, film.step)
    decoded = decode(path, film.info, indices=needed).frames()
    frames = ((frame.ref.index, frame.image) for frame in decoded)  # one full frame at a time
    toes = find_toes(frames, wanted, track.boxes, track.direction, film.step)
    return [
        replace(
            event,
            toe_px=(toe.x_px, toe.y_px),
            toe_uncertainty_px=TOE_CAUTION * toe.uncertainty_px,
        )
        if toe
        else event
        for event, toe in zip(events, toes, strict=True)
    ]


def _settled(warnings: Sequence[str], film: "Film", trusted: bool) -> tuple[str, ...]:
    """The track's warnings; where seconds are not to be trusted they say so."""
    if trusted or not warnings:
        return tuple(warnings)
    rate = float(film.info.capture_rate)
    return (*warnings, f"Seconds in these warnings count {rate:.3g} frames/s as real time.")


def _strips(path: Path, film: "Film", report: SessionReport) -> dict[int, bytes]:
    from pushoff.report.html import strip_frames
    from pushoff.video.picture import encode_jpeg
    from pushoff.video.strip import athlete_picture

    wanted = sorted({frame for strip in strip_frames(report) for frame in strip})
    if not wanted:
        return {}
    from pushoff.video.decode import decode

    return {
        frame.ref.index: encode_jpeg(
            athlete_picture(frame.image, film.track.boxes[frame.ref.index]), quality=80
        )
        for frame in decode(path, film.info, indices=wanted).frames()
    }
