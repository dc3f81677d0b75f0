"""Images of the athlete from a session's preview."""

import io

import pytest
from PIL import Image

from pushoff.coach.session_files import preview_key
from pushoff.coach.strip_images import preview_box, strip_images
from pushoff.storage.object_store import Storage
from tests.coach_sessions import LLR, reading, write_video

SESSION_ID = "0" * 16
ANALYSIS = reading((60, 120, 190), LLR, 260, 240)


def test_the_box_is_scaled_to_the_preview():
    """Half the width, half the box; never without an area."""
    box = preview_box(ANALYSIS, 60, 320)
    assert box.as_list() == [60, 50, 60, 100]
    tiny = preview_box(ANALYSIS, 60, 1)
    assert tiny.width_px == tiny.height_px == 1


def test_there_is_a_jpeg_for_each_frame_of_the_preview(tmp_path):
    """The grey of frame k is 40 + k; frames the preview lacks are left out."""
    write_video(tmp_path / "preview.mp4", 30)
    storage = Storage(str(tmp_path / "storage"))
    storage.write_file(preview_key(SESSION_ID), tmp_path / "preview.mp4")
    jpegs = strip_images(storage, SESSION_ID, ANALYSIS, [(3, 20), (25, 200)])
    assert sorted(jpegs) == [3, 20, 25]
    for frame, jpeg in jpegs.items():
        image = Image.open(io.BytesIO(jpeg)).convert("L")
        assert image.getpixel((image.width // 2, image.height // 2)) == pytest.approx(
            40 + frame, abs=4
        )
