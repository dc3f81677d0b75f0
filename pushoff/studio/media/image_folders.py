"""Labels as folders of images: exported from Label Studio, and imported into it."""

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
from pushoff.studio.config.label_names import label_for
from pushoff.studio.media.fetcher import MediaFetcher
from pushoff.studio.media.images import decode_image
from pushoff.studio.media.urls import frame_address
from pushoff.studio.predictions import choice_region
from pushoff.studio.task_data import read_frame
from pushoff.studio.tasks import CreatedTasks, NewTask, create_tasks
from pushoff.util.atomic_write import write_atomic
from pushoff.values import FrameKey, Label, LabelledFrame, Split

NOTES = "frames.json"
"""Beside the images: group, video id, box, time and footage, by file name."""
MAX_BYTES = 64 * 2**20
_ENDINGS = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"GI": ".gif", b"BM": ".bmp", b"RI": ".webp"}


def export_folders(
    labelled: Sequence[LabelledFrame],
    fetcher: MediaFetcher,
    out_dir: Path,
    splits: Mapping[FrameKey, Split] | None = None,
) -> int:
    """Write labelled_data/{push_off,not_push_off} and, of the frames that `splits` names,
    datasets/{train,val,test}/{push_off,not_push_off}. Returns the number of images.

    Running it again updates: an image whose label has changed moves. Images that cannot be fetched
    are left out. Raises StorageFailed when the folder cannot be written.
    """
    notes: dict[str, dict[str, Any]] = {}
    of_task = Counter(frame.task_id for frame in labelled)
    for frame in sorted(labelled, key=lambda frame: (frame.task_id, frame.frame_index or 0)):
        try:
            data = fetcher.fetch(frame.image, frame.task_id)
        except MediaError:
            continue
        name = _name(frame, data, several=of_task[frame.task_id] > 1)
        notes[name] = {
            "group": frame.split_group,
            "video_id": frame.video_id,
            "footage": frame.footage,
            "time_s": frame.time_s,
            "box": frame.box.as_list() if frame.box else None,
        }
        _place(out_dir / "labelled_data", name, frame.label, data)
        for split in Split:
            label = frame.label if (splits or {}).get(frame.key) is split else None
            _place(out_dir / "datasets" / split.value, name, label, data)
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
    """Create an annotated task for each image in a push_off or not_push_off folder below `folder`.

    The folders may be spelled as label configs spell these labels: `Push-off`, `push`, `not_push`.
    The same bytes are the same task, whatever the file is called.
    Raises BadInput, before anything is created, when there are no such folders (code `no_images`),
    when the same image is in both (code `both_labels`), or for a file that is not an image.
    """
    tasks: dict[str, NewTask] = {}
    labels: dict[str, Label] = {}
    for path, label in _images(folder):
        data = _image_bytes(path)
        sha = hashlib.sha256(data).hexdigest()[:16]
        if labels.setdefault(sha, label) is not label:
            raise BadInput(
                f"{path} is in both push_off/ and not_push_off/.",
                code="both_labels",
                remedy="Keep one copy.",
            )
        if sha not in tasks:
            tasks[sha] = _new_task(path, sha, label, data, interface, storage, _notes(path))
    if not tasks:
        raise BadInput(
            f"No images in folders called push_off or not_push_off below {folder}", code="no_images"
        )
    return create_tasks(studio, project_id, list(tasks.values()), interface.image_key)


def _new_task(
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
    frame = read_frame({"image": path.name, **notes, "athlete": notes.get("group")}, "image")
    return NewTask(
        image=frame_address(storage, key),
        video_id=frame.video_id,
        athlete=frame.split_group,
        exercise="",
        frame_index=None,
        time_s=frame.time_s,
        box=frame.box,
        footage=frame.footage,
        key=f"imported/{sha}",
        result=(choice_region(interface, label),),
    )


def _images(folder: Path) -> Iterator[tuple[Path, Label]]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        label = label_for(Path(parent).name)
        for name in sorted(files):
            if label is not None and not name.startswith("."):
                yield Path(parent) / name, label


def _image_bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{path} is larger than {MAX_BYTES:,} bytes")
    data = path.read_bytes()
    try:
        decode_image(data)
    except MediaError as error:
        raise BadInput(f"{path}: {error}") from None
    return data


def _notes(path: Path) -> Mapping[str, Any]:
    """The image's entry in the NOTES of an export; empty when there is none."""
    for parent in list(path.parents)[1:3]:
        notes = parent / NOTES
        if notes.is_file():
            try:
                entry = json.loads(notes.read_text("utf-8")).get(path.name)
            except (ValueError, AttributeError):
                raise BadInput(
                    f"{notes} is damaged.", remedy="Delete it or export again."
                ) from None
            if isinstance(entry, dict):
                return entry
    return {}


def _name(frame: LabelledFrame, data: bytes, several: bool) -> str:
    group = re.sub(r"[^A-Za-z0-9]+", "-", frame.split_group).strip("-")[:60] or "frame"
    of_video = f"_{frame.frame_index:06d}" if several and frame.frame_index is not None else ""
    return f"{group}_{frame.task_id:06d}{of_video}{_ENDINGS.get(data[:2], '.tif')}"


def _place(root: Path, name: str, label: Label | None, data: bytes) -> None:
    """Put the image into its label's folder and remove it from the other; None removes it."""
    for folder_label in Label:
        path = root / folder_label.choice / name
        if folder_label is not label:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_bytes() != data:
            write_atomic(path, data)
