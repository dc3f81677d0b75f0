"""A film as the temporal head sees it: described frame by frame, once, and kept."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.values import Direction
from pushoff.learning.trunk import FEATURES, Trunk, Variant
from pushoff.values import Box, VideoInfo
from pushoff.video.athlete import AthleteTrack
from pushoff.video.rise import RISE_CHANNELS, rise_channels
from pushoff.video.views import frames_per_moment, views
from pushoff.video.watch import Watched, watching

FORMAT = 5
"""Raised when tracker, views or description change: what was kept before is then made anew."""
PICTURES = ("colours", "motion")
"""Views made by the trunk out of pictures."""
VIEWS = {"colours": FEATURES, "motion": FEATURES, "rise": RISE_CHANNELS}
"""Every way a frame is described, and how many numbers each gives."""
_BATCH = 32
_DAMAGED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ZeroDivisionError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged .npz can raise."""

if TYPE_CHECKING:
    from pushoff.storage.files import Storage

Say = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, eq=False)
class Film:
    """Everything known of a film that has been described."""

    sha256: str
    info: VideoInfo
    times_s: np.ndarray
    """(N,) camera seconds."""
    track: AthleteTrack
    step: int
    """Frames in 1/30 s: how far apart the head looks."""
    described: dict[Variant, dict[str, np.ndarray]]
    """Per variant and view, (N, VIEWS[view]) float16; zeros where the athlete is not."""

    @property
    def direction(self) -> Direction | None:
        """Where the athlete travels."""
        return Direction(self.track.direction) if self.track.direction else None

    @property
    def athlete(self) -> np.ndarray:
        """(N,) bool: seen in the picture."""
        return np.array(self.track.found, bool)


def describe(
    path: Path,
    capture_fps: float | None,
    trunk: Trunk,
    wanted: tuple[Variant, ...],
    say: Say = lambda word: None,
    scratch: Path | None = None,
    *,
    name_seconds: bool = True,
) -> Film:
    """Watch a film and describe every frame with the athlete in it. Raises VideoRefused."""
    with watching(path, capture_fps, scratch, say, name_seconds=name_seconds) as watched:
        rise = rise_channels(watched.track, watched.pictures, watched.times_s)
        seen = replace(watched, pictures=np.zeros(0))
    described = {
        variant: {
            view: np.zeros((len(seen.times_s), width), np.float16) for view, width in VIEWS.items()
        }
        | {"rise": rise.astype(np.float16)}  # a mirrored athlete rises as fast
        for variant in wanted
    }
    for indices, pictures in _batches(path, seen, trunk):
        for variant in wanted:
            for view in PICTURES:
                described[variant][view][indices] = trunk.describe(pictures[view], variant)
        say({"stage": "reading frames", "frame": indices[-1] + 1, "frames": len(seen.times_s)})
    return Film(
        sha256=file_sha256(path),
        info=seen.info,
        times_s=seen.times_s,
        track=seen.track,
        step=frames_per_moment(seen.info),
        described=described,
    )


def _batches(
    path: Path, seen: Watched, trunk: Trunk
) -> Iterator[tuple[list[int], dict[str, np.ndarray]]]:
    """Frame numbers and their (B, S, S, 3) pictures per view, of frames with the athlete."""
    waiting = []
    if not any(seen.track.found):
        return
    for view in views(path, seen.info, seen.track, trunk.size_px):
        if seen.track.found[view.index]:
            waiting.append(view)
        if len(waiting) == _BATCH:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)


def _batch(waiting: list) -> tuple[list[int], dict[str, np.ndarray]]:
    pictures = {name: np.stack([getattr(view, name) for view in waiting]) for name in PICTURES}
    return [view.index for view in waiting], pictures


def file_sha256(path: Path) -> str:
    """Of the file's bytes. Raises BadInput when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None


def film_key(
    sha256: str, capture_fps: float | None, trunk: Trunk, wanted: tuple[Variant, ...]
) -> str:
    """Where a described film is kept: by what it is, who described it and how."""
    how = json.dumps([FORMAT, capture_fps, [vars(one) for one in wanted]], sort_keys=True)
    ways = hashlib.sha256(how.encode()).hexdigest()
    return f"features/{trunk.fingerprint[:16]}/{sha256[:16]}-{ways[:12]}.npz"


def film_bytes(film: Film) -> bytes:
    """The film as an .npz without objects in it, readable by `parse_film`."""
    info = {
        **{name: value for name, value in vars(film.info).items() if not name.endswith("_rate")},
        "frame_rate": str(film.info.frame_rate),
        "capture_rate": str(film.info.capture_rate),
    }
    track = film.track
    facts = {
        "sha256": film.sha256,
        "step": film.step,
        "info": info,
        "variants": [vars(variant) for variant in film.described],
        "track": {
            "full_size": track.full_size,
            "note": track.note,
            "camera": track.camera,
            "direction": track.direction,
            "warnings": track.warnings,
        },
    }
    arrays = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "times_s": film.times_s,
        "boxes": np.array([box.as_list() for box in track.boxes], np.int32),
        "found": np.array(track.found, bool),
        "centres_px": track.centres_px,
    }
    if track.drift_px is not None:
        arrays["drift_px"] = track.drift_px
    for number, views_of in enumerate(film.described.values()):
        arrays |= {f"{number}-{view}": values for view, values in views_of.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def parse_film(data: bytes) -> Film:
    """A film out of `film_bytes`. Raises BadInput when anything is amiss."""
    from fractions import Fraction

    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            info = facts["info"]
            rates = {name: Fraction(info[name]) for name in ("frame_rate", "capture_rate")}
            track = facts["track"]
            wanted = [Variant(**one) for one in facts["variants"]]
            film = Film(
                sha256=facts["sha256"],
                info=VideoInfo(**{**info, **rates}),
                times_s=arrays["times_s"],
                track=AthleteTrack(
                    boxes=tuple(Box(*(int(one) for one in box)) for box in arrays["boxes"]),
                    found=tuple(bool(one) for one in arrays["found"]),
                    centres_px=arrays["centres_px"],
                    full_size=tuple(track["full_size"]),
                    note=track["note"],
                    camera=track["camera"],
                    direction=track["direction"],
                    warnings=tuple(track["warnings"]),
                    drift_px=arrays.get("drift_px"),
                ),
                step=int(facts["step"]),
                described={
                    variant: {view: arrays[f"{number}-{view}"] for view in VIEWS}
                    for number, variant in enumerate(wanted)
                },
            )
        return _whole(film)
    except _DAMAGED as error:
        raise BadInput(f"a kept description of a film is damaged ({error!r})") from None


def _whole(film: Film) -> Film:
    """The film, if its parts are of one length. Raises ValueError."""
    count = len(film.times_s)
    parts = [film.track.boxes, film.track.found, film.track.centres_px]
    parts += [values for views_of in film.described.values() for values in views_of.values()]
    if any(len(part) != count for part in parts):
        raise ValueError(f"{count} times, {[len(part) for part in parts]} of the rest")
    return film


def kept_film(
    storage: "Storage",
    path: Path,
    capture_fps: float | None,
    trunk: Trunk,
    wanted: tuple[Variant, ...],
    say: Say = lambda word: None,
    scratch: Path | None = None,
) -> Film:
    """The film's description out of storage, or made and stored. A damaged one is made anew."""
    key = film_key(file_sha256(path), capture_fps, trunk, wanted)
    if storage.exists(key):
        try:
            return parse_film(storage.read(key))
        except BadInput:
            storage.delete(key)
    film = describe(path, capture_fps, trunk, wanted, say, scratch)
    storage.write(key, film_bytes(film))
    return film
