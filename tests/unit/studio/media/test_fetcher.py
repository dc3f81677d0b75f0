import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from pushoff.errors import MediaRefused, MediaUnavailable
from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.credentials import Credentials
from pushoff.studio.media.fetcher import MediaFetcher
from tests.unit.studio.serving import Answer, serve

TOKEN = "legacy-token-of-the-test"


def png(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (6, 4), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path))


@pytest.fixture
def fetching(storage):
    """Makes a fetcher for a Label Studio at a URL; closes it at the end."""
    opened = []

    def make(url, origins=(), token=TOKEN, **limits):
        studio = LabelStudioClient(url, Credentials(url, token))
        fetcher = MediaFetcher(studio, storage, allowed_origins=origins, **limits)
        opened.extend([fetcher, studio])
        return fetcher

    yield make
    for one in opened:
        one.close()


def test_uploads_come_with_the_token(fetching):
    """Label Studio gives uploads to its users only."""
    with serve(lambda seen: Answer(png())) as studio:
        image = fetching(studio.url).image("/data/upload/3/ab12cd34-x.png", 1)
        assert f"Token {TOKEN}" == studio.seen[0].headers["Authorization"]
    assert (4, 6, 3) == image.shape
    assert [255, 0, 0] == image[0, 0].tolist()


def test_other_origins_never_see_the_token(fetching):
    """Credentials go to exactly Label Studio's origin."""
    with serve(lambda seen: Answer(png())) as other, serve(lambda seen: Answer()) as studio:
        fetching(studio.url, [other.url]).fetch(f"{other.url}/x.png", 1)
        assert "Authorization" not in other.seen[0].headers
        assert "Cookie" not in other.seen[0].headers
        assert [] == studio.seen


def test_our_own_frames_are_read_from_storage(fetching, storage):
    """Frames in storage are read without a request."""
    storage.write("media/s/000001.jpg", b"ours")
    with serve(lambda seen: Answer()) as studio:
        assert b"ours" == fetching(studio.url).fetch("/data/local-files/?d=media/s/000001.jpg", 1)
        assert [] == studio.seen


def test_other_parts_of_our_storage_are_not_images(fetching, storage):
    """A task cannot name datasets, sessions or secrets of ours."""
    storage.write("videos/s/video.json", b"private")
    with serve(lambda seen: Answer(status=404)) as studio:
        with pytest.raises(MediaUnavailable):
            fetching(studio.url).fetch("/data/local-files/?d=videos/s/video.json", 1)


def test_a_link_out_of_our_storage_is_refused(fetching, storage, tmp_path):
    """Symbolic links do not lead the fetcher out."""
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "x.jpg").symlink_to("/etc/passwd")
    with serve(lambda seen: Answer(status=404)) as studio, pytest.raises(MediaRefused):
        fetching(studio.url).fetch("/data/local-files/?d=media/x.jpg", 1)


def test_foreign_local_files_come_through_label_studio(fetching):
    """Folders only Label Studio sees are asked of it."""
    with serve(lambda seen: Answer(png())) as studio:
        assert png() == fetching(studio.url).fetch("/data/local-files/?d=lab/x.png", 1)
        assert "/data/local-files/?d=lab/x.png" == studio.seen[0].path


def test_bucket_addresses_are_resolved_and_the_redirect_followed_without_the_token(fetching):
    """Label Studio's presigned URL is fetched from an allowed origin, our header left behind."""
    with serve(lambda seen: Answer(png())) as bucket:
        location = {"Location": f"{bucket.url}/frame.png?signature=secret"}
        with serve(lambda seen: Answer(status=303, headers=location)) as studio:
            fetcher = fetching(studio.url, [bucket.url])
            assert png() == fetcher.fetch("s3://frames/a.png", 42)
            path, _, query = studio.seen[0].path.partition("?fileuri=")
            assert "/tasks/42/resolve/" == path
            assert b"s3://frames/a.png" == base64.urlsafe_b64decode(query)
        assert "Authorization" not in bucket.seen[0].headers


def test_bucket_bytes_proxied_by_label_studio_are_taken(fetching):
    """Storages with presigning off answer with the image itself."""
    with serve(lambda seen: Answer(png())) as studio:
        assert png() == fetching(studio.url).fetch("gs://frames/a.png", 1)


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "//evil.example/x"],
)
def test_bucket_redirects_elsewhere_are_refused(fetching, location):
    """A redirect off the allow-list is named, not followed."""
    with serve(lambda seen: Answer(status=303, headers={"Location": location})) as studio:
        with pytest.raises(MediaRefused, match="PUSHOFF_MEDIA_ORIGINS"):
            fetching(studio.url).fetch("s3://frames/a.png", 1)


def test_the_refusal_of_a_redirect_hides_the_signature(fetching):
    """Presigned URLs are credentials: only their origin is shown."""
    location = {"Location": "https://bucket.example/x?X-Amz-Signature=topsecret"}
    with serve(lambda seen: Answer(status=303, headers=location)) as studio:
        with pytest.raises(MediaRefused) as refused:
            fetching(studio.url).fetch("s3://frames/a.png", 1)
    assert "https://bucket.example:443" in str(refused.value)
    assert "topsecret" not in str(refused.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_uploads_and_web_images_do_not_redirect(fetching, status):
    """Only /resolve/ may redirect."""
    target = {"Location": "http://127.0.0.1:1/secret"}
    with serve(lambda seen: Answer(status=status, headers=target)) as server:
        fetcher = fetching(server.url)
        with pytest.raises(MediaRefused, match="redirects"):
            fetcher.fetch("/data/upload/1/x.png", 1)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(status=404), "404"),
        (Answer(status=500), "500"),
        (Answer(status=403), "token"),
        (Answer(b"<html>", headers={"Content-Type": "text/html"}), "web page"),
    ],
)
def test_what_is_not_there_now_may_be_there_later(fetching, answer, says):
    """Missing, failing and forbidden images are unavailable; the message has the status."""
    with serve(lambda seen: answer) as studio, pytest.raises(MediaUnavailable, match=says):
        fetching(studio.url).fetch("/data/upload/1/x.png", 1)


def test_a_refused_token_makes_images_unavailable_and_is_not_shown(fetching):
    """One bad token spoils no batch, and the token stands in no message."""
    with serve(lambda seen: Answer(status=401)) as studio:
        with pytest.raises(MediaUnavailable) as failed:
            fetching(studio.url).fetch("/data/upload/1/x.png", 1)
    assert TOKEN not in str(failed.value)


def test_an_expired_access_token_is_renewed_once(fetching):
    """A 401 on an image exchanges the personal access token again."""
    personal = "e30." + base64.urlsafe_b64encode(b'{"token_type":"refresh"}').decode() + ".x"
    given = iter(["old", "new"])

    def answer(seen):
        if seen.path == "/api/token/refresh/":
            return Answer(json.dumps({"access": next(given)}).encode())
        return (
            Answer(png()) if seen.headers["Authorization"] == "Bearer new" else Answer(status=401)
        )

    with serve(answer) as studio:
        assert png() == fetching(studio.url, token=personal).fetch("/data/upload/1/x.png", 1)


def test_data_addresses_need_no_request(fetching):
    """An image inside the address is just decoded."""
    address = "data:image/png;base64," + base64.b64encode(png("blue")).decode()
    image = fetching("http://127.0.0.1:1").image(address, 1)
    assert np.array_equal([0, 0, 255], image[0, 0])


def test_limits_hold_for_storage_too(fetching, storage):
    """A huge file in our own storage is not read into memory."""
    storage.write("media/s/1.jpg", b"x" * 2000)
    with pytest.raises(MediaRefused, match="1,000"):
        fetching("http://127.0.0.1:1", max_bytes=1000).fetch(
            "/data/local-files/?d=media/s/1.jpg", 1
        )
