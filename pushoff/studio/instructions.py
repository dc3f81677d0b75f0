"""What an annotator reads before the first task: the definition, two pictures, the keys.

Label Studio 1.23.2 keeps `img` tags, but drops `style` attributes and data: addresses, and shows
the text with its line breaks. So the text is one line, and the pictures lie beside the frames in
the storage that is connected to the project.
"""

from base64 import urlsafe_b64encode
from html import escape
from importlib.resources import files
from urllib.parse import urlsplit

from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.answer_keys import AnswerKeys, answer_keys
from pushoff.studio.config.label_config import Interface, parse_label_config
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.media.urls import frame_address
from pushoff.values import Label

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


def ensure_instructions(studio: LabelStudioClient, project_id: int, storage_url: str) -> list[str]:
    """Give a project without instructions ours, shown before labelling; returns what was done.

    Instructions that somebody wrote are left alone. Without a storage there are no pictures.
    Raises StudioUnreachable, StudioRefused, StorageFailed, LabelConfigWrong.
    """
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    if (project.expert_instruction or "").strip():
        return []
    addresses = _store_pictures(studio, project_id, storage_url) if storage_url else ()
    xml = project.label_config or ""
    interface = parse_label_config(xml)
    text = instructions(addresses, interface, answer_keys(xml, interface))
    studio.sdk_call(
        lambda sdk: sdk.projects.update(project_id, expert_instruction=text, show_instruction=True)
    )
    return ["instructions added"]


def instructions(picture_addresses: tuple[str, ...], interface: Interface, keys: AnswerKeys) -> str:
    """The text, HTML in one line; without addresses it has no pictures.

    It names only keys that the label config names, and the strip only where that shows it.
    """
    cells = "".join(
        f'<td><img src="{address}" width="300" alt="{caption}"><br><small>{caption}</small></td>'
        for address, caption in zip(picture_addresses, _CAPTIONS, strict=False)
    )
    table = f'<table cellpadding="6"><tbody><tr>{cells}</tr></tbody></table>' if cells else ""
    how = _of_videos if isinstance(interface, TimelineInterface) else _of_frames
    return f"{_DEFINITION}{table}<p>{how(keys)}</p>"


def _of_frames(keys: AnswerKeys) -> str:
    sentences = ["What is suggested is selected already: <b>Ctrl+Enter</b> accepts it."]
    if len(keys.labels) == len(Label):
        sentences.append(
            f"<b>{escape(keys.labels[Label.PUSH_OFF])}</b> is push_off and "
            f"<b>{escape(keys.labels[Label.NOT_PUSH_OFF])}</b> not_push_off; the key of the "
            "selected answer takes it away."
        )
    if keys.shows_strip:
        sentences.append(
            "If the strip below the frame does not show which one it is, skip the frame."
        )
    else:
        sentences.append("If you cannot tell which one it is, skip the frame.")
    return " ".join(sentences)


def _of_videos(keys: AnswerKeys) -> str:
    key = keys.labels.get(Label.PUSH_OFF, "")
    mark = f"with <b>{escape(key)}</b>" if key else "as push_off"
    done = f"<b>{escape(keys.complete)}</b> says that every push-off is marked, "
    return (
        f"Mark the end of each ground contact {mark}: the span ends at the last frame with ground "
        f"contact. {done if keys.complete else ''}<b>Ctrl+Enter</b> submits."
    )


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
            addresses.append(path + frame_address(storage, key))
    return tuple(addresses)
