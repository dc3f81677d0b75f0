"""Clips play as slowly as they say, and mark the last contact."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import VideoProblem
from pushoff.values import Box
from pushoff.video.annotated_clip import ClipMark, ClipPlan, annotate, write_clip
from tests.coach_sessions import write_video
from tests.videos import refused

GREY = np.full((192, 320, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("preview") / "preview.mp4"
    write_video(path, 200)
    return path


def frames_of(path: Path) -> tuple[list[np.ndarray], Fraction, tuple[int, int], float]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        size = (stream.width, stream.height)
        return shown, stream.average_rate, size, float(stream.duration * stream.time_base)


@pytest.mark.parametrize(
    ("capture", "slowness", "file_fps", "repeats"),
    [(240, 8, 30, 1), (120, 8, 30, 2), (60, 4, 30, 2), (30, 4, 30, 4), (25, 4, 25, 4)],
)
def test_a_clip_plays_slower_than_life(
    preview: Path, tmp_path: Path, capture: int, slowness: int, file_fps: int, repeats: int
) -> None:
    """One eighth of life's speed from 100/s on, else one fourth, smooth enough to watch."""
    out = tmp_path / "clip.mp4"
    plan = ClipPlan(50, 80, Fraction(capture), True)
    assert (plan.slow_down, plan.file_fps, plan.repeats) == (slowness, file_fps, repeats)
    assert write_clip(preview, plan, {}, out) == 30
    shown, rate, size, seconds = frames_of(out)
    assert (len(shown), rate, size) == (30 * repeats, file_fps, (320, 192))
    assert seconds == pytest.approx(30 / capture * slowness)
    for k in (0, 29):
        assert abs(shown[k * repeats][60:90, 100:].mean() - (40 + 50 + k)) < 4


@given(st.fractions(1, 2000, max_denominator=1001))
def test_every_rate_plays_as_slowly_as_it_says(capture: Fraction) -> None:
    """Whatever the camera's rate, video seconds times slowness are clip seconds, none jerky."""
    plan = ClipPlan(0, 100, capture, True)
    assert Fraction(100 * plan.repeats) / plan.file_fps == 100 / capture * plan.slow_down
    assert plan.file_fps >= 24


def test_a_clip_is_never_endless() -> None:
    """An hour of video makes a clip of its first 20 s at 240/s."""
    assert ClipPlan(100, 864_000, Fraction(240), True).end == 100 + 20 * 240
    assert ClipPlan(100, 340, Fraction(240), True).end == 340


def test_the_last_contact_is_marked() -> None:
    """The mark is written about the last contact and nowhere else; the box is thicker there."""
    plan = ClipPlan(0, 200, Fraction(240), True, (ClipMark(100, "push-off 2, left"),))
    box = Box(150, 60, 60, 80)
    here, near, far = (annotate(GREY.copy(), k, plan, box) for k in (100, 94, 60))
    top = np.s_[:24, :200]
    assert (near[top] != 90).any()
    assert not (far[top] != 90).any()
    changed = [int((one[60:140, 140:220] != 90).any(axis=2).sum()) for one in (here, near)]
    assert changed[0] > changed[1] > 0
    assert (here[160:, :200] != 90).any()


def test_nobody_there_no_box() -> None:
    """Without an athlete only the counter is written."""
    shown = annotate(GREY.copy(), 5, ClipPlan(0, 9, Fraction(240), False), None)
    assert not (shown[:150] != 90).any()
    assert (shown[160:] != 90).any()


def test_a_damaged_preview_is_refused(tmp_path: Path) -> None:
    """A preview that is no video says what to do."""
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    with refused(VideoProblem.PREVIEW_DAMAGED):
        write_clip(bad, ClipPlan(0, 9, Fraction(240), True), {}, tmp_path / "out.mp4")
