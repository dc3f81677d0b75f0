"""What connects a project to the stored frames: a source storage over the folder or bucket."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient

TITLE = "pushoff frames"
FOLDER = "media"
"""Frames lie under this prefix of the storage; Label Studio is shown nothing else."""
NO_FILE = r"(?!)"
"""A pattern without a match: Sync in Label Studio must not create tasks from the frames."""


@dataclass(frozen=True)
class S3Access:
    """How Label Studio reaches a bucket; None leaves a value to Label Studio's environment."""

    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)


def ensure_storage(
    studio: LabelStudioClient,
    project_id: int,
    storage_url: str,
    media_root: str | None,
    s3: S3Access | None,
) -> list[str]:
    """A source storage that covers the stored frames. Returns what was repaired.

    `media_root` and `s3` are described at `ProjectPlan`. Raises StudioUnreachable, and
    StudioRefused naming Label Studio's settings when it cannot read the folder or bucket.
    """
    if not storage_url:
        return []
    if storage_url.startswith("s3://"):
        return _ensure_bucket(studio, project_id, storage_url, s3)
    root = Path(urlsplit(storage_url).path if "://" in storage_url else storage_url).absolute()
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    path = f"{(media_root or str(root)).rstrip('/')}/{FOLDER}"
    storages = studio.sdk_call(lambda sdk: sdk.import_storage.local.list(project=project_id))
    if any(storage.path == path for storage in storages):
        return []
    try:
        studio.sdk_call(
            lambda sdk: sdk.import_storage.local.create(
                project=project_id,
                title=TITLE,
                path=path,
                regex_filter=NO_FILE,
                use_blob_urls=True,
            )
        )
    except StudioRefused as refused:
        raise StudioRefused(
            f"Label Studio cannot serve {path}: {refused}",
            refused.status,
            remedy="Start Label Studio with LOCAL_FILES_SERVING_ENABLED=true and "
            f"LOCAL_FILES_DOCUMENT_ROOT={Path(path).parent}; where it sees the storage under "
            "another path, set PUSHOFF_LABEL_STUDIO_MEDIA_ROOT to that path.",
        ) from None
    return ["local storage over the frames added"]


def _ensure_bucket(
    studio: LabelStudioClient, project_id: int, storage_url: str, s3: S3Access | None
) -> list[str]:
    parts = urlsplit(storage_url)
    bucket, prefix = parts.netloc, f"{parts.path.strip('/')}/{FOLDER}".strip("/")
    storages = studio.sdk_call(lambda sdk: sdk.import_storage.s3.list(project=project_id))
    if any((storage.bucket, storage.prefix) == (bucket, prefix) for storage in storages):
        return []
    access = s3 or S3Access()
    try:
        studio.sdk_call(
            lambda sdk: sdk.import_storage.s3.create(
                project=project_id,
                title=TITLE,
                bucket=bucket,
                prefix=prefix,
                regex_filter=NO_FILE,
                use_blob_urls=True,
                presign=True,
                presign_ttl=15,
                s3endpoint=access.endpoint,
                region_name=access.region,
                aws_access_key_id=access.access_key_id,
                aws_secret_access_key=access.secret_access_key,
            )
        )
    except (StudioRefused, StudioUnreachable) as refused:
        raise StudioRefused(
            f"Label Studio cannot read the bucket {bucket}: {refused}",
            remedy="Give it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of a user that may list "
            "and read the bucket.",
        ) from None
    return ["S3 storage over the frames added"]
