"""Single frames of a session as JPEG."""

import io
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from pushoff.coach.accounts import Account
from pushoff.coach.sessions import CoachSession, change_session
from pushoff.services import Services
from pushoff.storage.videos import add_video
from tests.analyzed_session import SPEC, create_analyzed_session, drill

Client = Callable[[str | None], httpx.Client]


@pytest.fixture(scope="module")
def session(services: Services, accounts: dict[str, Account]) -> CoachSession:
    return create_analyzed_session(services, accounts["carla"])


@pytest.fixture(scope="module")
def at(session: CoachSession) -> str:
    return f"/coach/sessions/{session.session_id}"


def test_a_strip_image_shows_the_athlete_of_its_frame(signed_in: Client, at: str) -> None:
    """A small JPEG that only this browser may cache."""
    picture = signed_in("carla").get(f"{at}/frames/{drill().truth.push_off_frames[0]}.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cache-control"].startswith("private")
    assert Image.open(io.BytesIO(picture.content)).size == (200, 200)


def test_a_whole_frame_is_as_large_as_the_preview(signed_in: Client, at: str) -> None:
    """For calibration."""
    picture = signed_in("carla").get(f"{at}/frames/0/whole.jpg")
    assert Image.open(io.BytesIO(picture.content)).size == (480, 270)


def test_a_native_frame_has_every_pixel_of_the_video(
    signed_in: Client, services: Services, session: CoachSession, at: str, tmp_path: Path
) -> None:
    """Decoded from the stored video, not from the preview; without a video it is not found."""
    path = f"{at}/frames/7/native.jpg"
    assert signed_in("carla").get(path).status_code == 404
    video = add_video(services.storage, drill().video, athlete="Ada", exercise=SPEC.exercise)
    change_session(services.database, session.session_id, video_id=video.video_id)
    picture = signed_in("carla").get(path)
    assert picture.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(picture.content)).size == (SPEC.width_px, SPEC.height_px)


@pytest.mark.parametrize("frame", ["999999", "-1", "x", "1e3", "99999999999999999999", "..%2f1"])
@pytest.mark.parametrize("tail", [".jpg", "/whole.jpg", "/native.jpg"])
def test_a_frame_outside_the_video_is_not_found(
    signed_in: Client, at: str, frame: str, tail: str
) -> None:
    """Whatever the number or path."""
    assert signed_in("carla").get(f"{at}/frames/{frame}{tail}").status_code == 404
