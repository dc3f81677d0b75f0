"""The strip of the athlete around a frame, as task data holds it and our label config shows it.

It is the markup of a picture, shown by a <Markdown> tag. A second <Image> would make its key
obligatory: Label Studio 1.23.2 then refuses pictures that people upload, and tasks without a strip.
A tag without a name demands nothing, and an absent value is shown as nothing.
"""

import re
from html import escape

STRIP_KEY = "strip"
"""The key of task data."""
SHOWN_SINCE = (1, 22)
"""First release of Label Studio with the Markdown tag; older ones show an error instead."""


def shows_strip(release: str) -> bool:
    """Whether this release of Label Studio, such as `1.23.2`, can show strips.

    One that is not a number is a build of its main branch.
    """
    numbers = re.match(r"(\d+)\.(\d+)", release)
    return numbers is None or (int(numbers[1]), int(numbers[2])) >= SHOWN_SINCE


def strip_markup(address: str) -> str:
    """The picture at `address`, which Label Studio resolves inside the markup, too."""
    return (
        f'<img src="{escape(address)}" alt="The athlete around this frame" style="max-width: 100%">'
    )
