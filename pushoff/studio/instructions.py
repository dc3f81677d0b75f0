"""What an annotator reads before the first task: the definition, two pictures, the keys.

Label Studio 1.23.2 keeps `img` tags, but drops `style` attributes and data: addresses, and shows
the text with its line breaks. So the text is one line, and the pictures lie beside the frames in
the storage that is connected to the project.
"""

from base64 import urlsafe_b64encode
from importlib.resources import files
from urllib.parse import quote, urlsplit

from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient

PICTURES = ("last-contact.jpg", "one-frame-later.jpg")
"""Files of `pushoff.studio.config`, drawn by `tools/instruction_pictures.py`."""
FOLDER = "media/instructions"
_CAPTIONS = ("push_off: the last contact", "not_push_off: one frame later, at 30/s")
_DEFINITION = (
    "<p><b>push_off</b> is the last frame with ground contact: the toe still touches the ground, "
    "and one frame later it does not. At 30/s that is exactly one frame of each step, at 240/s the "
    "last 12.5 ms, three frames. Everything else is <b>not_push_off</b>: landing, mid-stance, "
    "take-off, flight.</p>"
)
_KEYS = {
    False: "<p>A suggestion is selected already: <b>Ctrl+Enter</b> accepts it. <b>1</b> is "
    "push_off and <b>2</b> not_push_off; the key of the selected answer takes it away. If the "
    "strip below the frame does not show which one it is, skip the frame.</p>",
    True: "<p>Mark the end of each ground contact with <b>1</b>: the span ends at the last frame "
    "with ground contact. <b>3</b> says that every push-off is marked, <b>Ctrl+Enter</b> submits."
    "</p>",
}
"""By whether the project is on a timeline (whole videos)."""


def ensure_instructions(
    studio: LabelStudioClient, project_id: int, storage_url: str, *, timeline: bool
) -> list[str]:
    """Give a project without instructions ours, shown before labelling; returns what was done.

    Instructions that somebody wrote are left alone. Without a storage there are no pictures.
    Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    if (project.expert_instruction or "").strip():
        return []
    addresses = _store_pictures(studio, project_id, storage_url) if storage_url else ()
    text = instructions(addresses, timeline=timeline)
    studio.sdk_call(
        lambda sdk: sdk.projects.update(project_id, expert_instruction=text, show_instruction=True)
    )
    return ["instructions added"]


def instructions(picture_addresses: tuple[str, ...], *, timeline: bool) -> str:
    """The text, HTML in one line; without addresses it has no pictures."""
    cells = "".join(
        f'<td><img src="{address}" width="300" alt="{caption}"><br><small>{caption}</small></td>'
        for address, caption in zip(picture_addresses, _CAPTIONS, strict=False)
    )
    table = f'<table cellpadding="6"><tbody><tr>{cells}</tr></tbody></table>' if cells else ""
    return f"{_DEFINITION}{table}{_KEYS[timeline]}"


def _store_pictures(
    studio: LabelStudioClient, project_id: int, storage_url: str
) -> tuple[str, ...]:
    """Write the pictures beside the frames; returns their addresses for a browser."""
    storage = Storage(storage_url)
    path = urlsplit(studio.url).path.rstrip("/")
    addresses = []
    for name in PICTURES:
        key = f"{FOLDER}/{name}"
        storage.write(key, files("pushoff.studio.config").joinpath(name).read_bytes())
        if storage.url.startswith("s3://"):
            uri = urlsafe_b64encode(storage.uri(key).encode()).decode()
            addresses.append(f"{path}/projects/{project_id}/resolve/?fileuri={uri}")
        else:
            addresses.append(f"{path}/data/local-files/?d={quote(key)}")
    return tuple(addresses)
