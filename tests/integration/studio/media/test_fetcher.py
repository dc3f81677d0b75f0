"""Images of real tasks through the real Label Studio."""

import base64

import httpx
import pytest

from pushoff.errors import MediaRefused, MediaUnavailable
from pushoff.storage.object_store import Storage
from pushoff.studio.client import connect
from pushoff.studio.media.fetcher import MediaFetcher
from pushoff.studio.tasks import list_tasks
from tests.integration.studio_rig import picture
from tests.unit.studio.serving import Answer, serve


@pytest.fixture(params=["personal", "legacy"])
def fetcher(request, label_studio, storage):
    """A fetcher with either kind of token."""
    token = label_studio.pat() if request.param == "personal" else label_studio.legacy_token
    studio = connect(label_studio.url, token)
    fetching = MediaFetcher(studio, storage)
    yield fetching
    fetching.close()
    studio.close()


def upload(label_studio, studio, project_id, name, data):
    httpx.post(
        f"{label_studio.url}/api/projects/{project_id}/import",
        files={"file": (name, data, "image/png")},
        headers=label_studio.headers,
    ).raise_for_status()
    return max(list_tasks(studio, project_id), key=lambda task: task.id)


def test_uploads_are_read_with_either_token(label_studio, studio, project_id, fetcher):
    """Label Studio's own uploads, relative and absolute."""
    task = upload(label_studio, studio, project_id, "a.png", picture("blue"))
    for address in (task.data["image"], label_studio.url + task.data["image"]):
        assert [0, 0, 255] == fetcher.image(address, task.id)[0, 0].tolist()


def test_an_upload_that_is_no_image_is_refused_in_words(label_studio, studio, project_id, fetcher):
    """One unreadable image, one sentence."""
    task = upload(label_studio, studio, project_id, "broken.png", b"this is no image")
    with pytest.raises(MediaRefused, match="not an image"):
        fetcher.image(task.data["image"], task.id)


def test_local_files_are_read_directly_and_through_label_studio(
    label_studio, project_id, storage, fetcher, tmp_path
):
    """With the storage at hand there is no request; without it Label Studio serves them."""
    storage.write("media/s/000001.png", picture("red"))
    address = "/data/local-files/?d=media/s/000001.png"
    assert picture("red") == fetcher.fetch(address, 1)
    studio = connect(label_studio.url, label_studio.pat())
    elsewhere = MediaFetcher(studio, Storage(str(tmp_path)))
    assert picture("red") == elsewhere.fetch(address, 1)
    with pytest.raises(MediaUnavailable, match="404"):
        elsewhere.fetch("/data/local-files/?d=media/s/none.png", 1)
    elsewhere.close()
    studio.close()


def test_data_addresses_and_missing_uploads(project_id, fetcher):
    """A pasted image is decoded; for an upload that is gone Label Studio answers 500."""
    pasted = "data:image/png;base64," + base64.b64encode(picture("lime")).decode()
    assert [0, 255, 0] == fetcher.image(pasted, 1)[0, 0].tolist()
    with pytest.raises(MediaUnavailable, match="does not have the image"):
        fetcher.image(f"/data/upload/{project_id}/00000000-none.png", 1)


def test_a_bucket_without_storage_is_unavailable_with_the_reason(studio, project_id, fetcher):
    """Label Studio cannot resolve files that no storage covers."""
    body = [{"data": {"image": "s3://frames/a.png"}}]
    studio.post(f"/api/projects/{project_id}/import", body)
    [task] = list_tasks(studio, project_id)
    with pytest.raises(MediaUnavailable, match="cloud storage"):
        fetcher.fetch(task.data["image"], task.id)


def test_a_bucket_is_resolved_by_label_studio_to_an_allowed_origin(
    label_studio, studio, project_id, storage
):
    """A real S3 storage in Label Studio gives a presigned URL; our token stays behind."""

    def s3(seen):
        if seen.path.startswith("/frames/media/a.png"):
            return Answer(picture("red"), headers={"Content-Type": "image/png"})
        listing = (
            b"<?xml version='1.0'?><ListBucketResult><Name>frames</Name><KeyCount>1</KeyCount>"
            b"<IsTruncated>false</IsTruncated><Contents><Key>media/a.png</Key>"
            b"<LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>1</Size></Contents>"
            b"</ListBucketResult>"
        )
        return Answer(listing, headers={"Content-Type": "application/xml"})

    with serve(s3) as bucket:
        made = {
            "project": project_id, "bucket": "frames", "prefix": "media", "presign": True,
            "s3_endpoint": bucket.url, "region_name": "eu-central-1", "use_blob_urls": True,
            "aws_access_key_id": "key", "aws_secret_access_key": "secret", "title": "frames",
        }  # fmt: skip
        studio.post("/api/storages/s3", made)
        body = [{"data": {"image": "s3://frames/media/a.png"}}]
        studio.post(f"/api/projects/{project_id}/import", body)
        [task] = list_tasks(studio, project_id)
        assert "s3://frames/media/a.png" == task.data["image"]
        resolved = studio.get(f"/api/tasks/{task.id}")["data"]["image"]
        assert resolved.startswith(f"/tasks/{task.id}/resolve/?fileuri=")
        strict = MediaFetcher(studio, storage)
        with pytest.raises(MediaRefused, match="PUSHOFF_MEDIA_ORIGINS"):
            strict.fetch(task.data["image"], task.id)
        strict.close()
        allowing = MediaFetcher(studio, storage, allowed_origins=[bucket.url])
        bucket.seen.clear()
        assert picture("red") == allowing.fetch(task.data["image"], task.id)
        assert picture("red") == allowing.fetch(resolved, task.id)
        assert "Authorization" not in bucket.seen[0].headers
        assert "Signature" in bucket.seen[0].path
        allowing.close()
