"""The wire from a project to our frames: a source storage over the media folder or bucket."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient

TITLE = "pushoff frames"
FOLDER = "media"
"""Frames lie under this prefix of our storage; nothing else is shown to Label Studio."""
NOTHING = r"(?!)"
"""Matches no file: pressing Sync in Label Studio must not make tasks of our frames again."""
ONCE = {"max_retries": 0}


def ensure(
    studio: LabelStudioClient,
    project_id: int,
    storage_url: str,
    media_root: str | None,
    s3: Mapping[str, str],
) -> list[str]:
    """A source storage that covers our frames. Returns what was missing.

    Raises StudioRefused naming Label Studio's settings when it cannot read the folder or bucket.
    """
    if not storage_url:
        return []
    if storage_url.startswith("s3://"):
        return _ensure_bucket(studio, project_id, storage_url, s3)
    root = Path(urlsplit(storage_url).path if "://" in storage_url else storage_url).absolute()
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    path = f"{(media_root or str(root)).rstrip('/')}/{FOLDER}"
    storages = studio.get("/api/storages/localfiles", project=project_id)
    if any(one["path"] == path for one in storages):
        return []
    try:
        studio.ask(
            lambda sdk: sdk.import_storage.local.create(
                project=project_id,
                title=TITLE,
                path=path,
                regex_filter=NOTHING,
                use_blob_urls=True,
                request_options=ONCE,
            )
        )
    except StudioRefused as refused:
        raise StudioRefused(
            f"Label Studio cannot serve {path}. It needs LOCAL_FILES_SERVING_ENABLED=true and "
            f"LOCAL_FILES_DOCUMENT_ROOT={Path(path).parent}; where it sees our storage under "
            f"another path, set PUSHOFF_LABEL_STUDIO_MEDIA_ROOT to that. It said: {refused}",
            refused.status,
        ) from None
    return ["local storage over our frames added"]


def _ensure_bucket(
    studio: LabelStudioClient, project_id: int, storage_url: str, s3: Mapping[str, str]
) -> list[str]:
    parts = urlsplit(storage_url)
    prefix = f"{parts.path.strip('/')}/{FOLDER}".strip("/")
    storages = studio.get("/api/storages/s3", project=project_id)
    if any((one["bucket"], one["prefix"]) == (parts.netloc, prefix) for one in storages):
        return []
    try:
        studio.post(
            "/api/storages/s3",
            {
                "project": project_id,
                "title": TITLE,
                "bucket": parts.netloc,
                "prefix": prefix,
                "regex_filter": NOTHING,
                "use_blob_urls": True,
                "presign": True,
                "presign_ttl": 15,
                **s3,
            },
        )
    except (StudioRefused, StudioUnreachable) as refused:
        raise StudioRefused(
            f"Label Studio cannot read the bucket {parts.netloc}. Give it AWS_ACCESS_KEY_ID and "
            f"AWS_SECRET_ACCESS_KEY of a user that may list and read it. It said: {refused}",
        ) from None
    return ["S3 storage over our frames added"]
