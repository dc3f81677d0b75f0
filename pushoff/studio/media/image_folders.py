"""Labels as folders of images: out of Label Studio, and into it."""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pushoff.errors import BadInput, MediaError
from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.media.fetcher import MediaFetcher
from pushoff.studio.media.images import decode_image
from pushoff.studio.media.urls import frame_address
from pushoff.studio.predictions import choice_region
from pushoff.studio.task_data import read_frame
from pushoff.studio.tasks import CreatedTasks, NewTask, create_tasks
from pushoff.util.atomic_write import write_atomic
from pushoff.values import Label, LabelledFrame, Split

NOTES = "frames.json"
"""Beside the images: what a folder cannot say (group, session, box, time), by file name."""
LIMIT_BYTES = 64 * 2**20
_ENDINGS = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"GI": ".gif", b"BM": ".bmp", b"RI": ".webp"}


def export_folders(
    labelled: Sequence[LabelledFrame],
    fetcher: MediaFetcher,
    out_dir: Path,
    manifest: Mapping[str, Any] | None = None,
) -> int:
    """Write labelled_data/{push_off,not_push_off} and, where a dataset has been frozen,
    datasets/{train,val,test}/{push_off,not_push_off}. Returns the images written.

    Running it again updates: an image whose label has changed moves. Images that cannot be had
    are left out. Raises StorageFailed when the folder cannot be written.
    """
    entries = (manifest or {}).get("frames", [])
    splits = {(entry["task_id"], entry["time_s"]): entry["split"] for entry in entries}
    notes: dict[str, dict[str, Any]] = {}
    of_task = Counter(frame.task_id for frame in labelled)
    for frame in sorted(labelled, key=lambda one: (one.task_id, one.frame_index or 0)):
        try:
            data = fetcher.fetch(frame.image, frame.task_id)
        except MediaError:
            continue
        name = _name(frame, data, several=of_task[frame.task_id] > 1)
        notes[name] = {
            "group": frame.group,
            "session": frame.video_id,
            "footage": frame.footage,
            "time_s": frame.time_s,
            "box": frame.box.as_list() if frame.box else None,
        }
        _place(out_dir / "labelled_data", name, frame.label, data)
        for split in Split:
            held = splits.get(frame.key) == split.value
            _place(out_dir / "datasets" / split.value, name, frame.label if held else None, data)
    for folder in ("labelled_data", "datasets"):
        if (out_dir / folder).is_dir():
            text = json.dumps(notes, indent=1, sort_keys=True, ensure_ascii=False)
            write_atomic(out_dir / folder / NOTES, text.encode())
    return len(notes)


def import_folders(
    studio: LabelStudioClient,
    project_id: int,
    interface: FrameInterface,
    storage: Storage,
    folder: Path,
) -> CreatedTasks:
    """Make an annotated task of each image in a push_off or not_push_off folder below `folder`.

    The same bytes are the same task, however often and from wherever they come.
    Raises BadInput when there are no such folders, when the same image lies in both classes, or
    when a file is no image (naming it); nothing is made then.
    """
    drafts: dict[str, NewTask] = {}
    labels: dict[str, Label] = {}
    for path, label in _images(folder):
        data = _image_bytes(path)
        sha = hashlib.sha256(data).hexdigest()[:16]
        if labels.setdefault(sha, label) is not label:
            raise BadInput(f"{path} lies in both push_off and not_push_off: keep one of them")
        if sha not in drafts:
            drafts[sha] = _draft(path, sha, label, data, interface, storage, _notes(path))
    if not drafts:
        raise BadInput(f"No images in folders called push_off or not_push_off below {folder}")
    return create_tasks(studio, project_id, list(drafts.values()), interface.image_key)


def _draft(
    path: Path,
    sha: str,
    label: Label,
    data: bytes,
    interface: FrameInterface,
    storage: Storage,
    notes: Mapping[str, Any],
) -> NewTask:
    key = f"media/imported/{sha}{path.suffix.lower()}"
    if not storage.exists(key):
        storage.write(key, data)
    about = read_frame({"image": path.name, **notes, "athlete": notes.get("group")}, "image")
    return NewTask(
        image=frame_address(storage, key),
        session=about.session,
        athlete=about.group,
        exercise="",
        frame_index=None,
        time_s=about.time_s,
        box=about.box,
        footage=about.footage,
        key=f"imported/{sha}",
        result=(choice_region(interface, label),),
    )


def _images(folder: Path) -> Iterator[tuple[Path, Label]]:
    names = {label.choice: label for label in Label}
    for at, folders, files in os.walk(folder):
        folders.sort()
        label = names.get(Path(at).name.lower().replace("-", "_").replace(" ", "_"))
        for name in sorted(files):
            if label is not None and not name.startswith("."):
                yield Path(at) / name, label


def _image_bytes(path: Path) -> bytes:
    if path.stat().st_size > LIMIT_BYTES:
        raise BadInput(f"{path} is larger than {LIMIT_BYTES:,} bytes")
    data = path.read_bytes()
    try:
        decode_image(data)
    except MediaError as why:
        raise BadInput(f"{path}: {why}") from None
    return data


def _notes(path: Path) -> Mapping[str, Any]:
    """What was written beside the images when they were exported; nothing when there is none."""
    for parent in list(path.parents)[1:3]:
        notes = parent / NOTES
        if notes.is_file():
            try:
                said = json.loads(notes.read_text("utf-8")).get(path.name)
            except (ValueError, AttributeError):
                raise BadInput(f"{notes} is damaged: delete it or export again") from None
            if isinstance(said, dict):
                return said
    return {}


def _name(frame: LabelledFrame, data: bytes, several: bool) -> str:
    group = re.sub(r"[^A-Za-z0-9]+", "-", frame.group).strip("-")[:60] or "frame"
    of_video = f"_{frame.frame_index:06d}" if several and frame.frame_index is not None else ""
    return f"{group}_{frame.task_id:06d}{of_video}{_ENDINGS.get(data[:2], '.tif')}"


def _place(root: Path, name: str, label: Label | None, data: bytes) -> None:
    """The image in its label's folder and in no other."""
    for one in Label:
        path = root / one.choice / name
        if one is not label:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_bytes() != data:
            write_atomic(path, data)
