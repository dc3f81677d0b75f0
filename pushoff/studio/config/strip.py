"""The strip of the athlete around a frame, as task data holds it and our label config shows it.

It is the markup of a picture, shown by a <HyperText> without a name. A second <Image> would make
its key obligatory: Label Studio 1.23.2 then refuses pictures that people upload, and tasks without
a strip. A tag without a name demands nothing, and an absent value is shown as nothing.
"""

from html import escape

STRIP_KEY = "strip"
"""The key of task data."""


def strip_markup(address: str) -> str:
    """The picture at `address`, which Label Studio resolves inside the markup, too."""
    return (
        f'<img src="{escape(address)}" alt="The athlete around this frame" style="max-width: 100%">'
    )
