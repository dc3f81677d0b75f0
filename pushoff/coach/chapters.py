"""Which of the files a coach chose are one video: a GoPro cuts long recordings into chapters."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from pushoff.errors import BadInput

_SUFFIX = r"\.(?:mp4|mov)"
_FORMS = (
    re.compile(rf"(?P<kind>G[HX])(?P<chapter>\d\d)(?P<number>\d{{4}}){_SUFFIX}", re.IGNORECASE),
    re.compile(rf"(?P<kind>GP)(?P<chapter>\d\d)(?P<number>\d{{4}}){_SUFFIX}", re.IGNORECASE),
    re.compile(rf"(?P<kind>GOPR)(?P<number>\d{{4}}){_SUFFIX}", re.IGNORECASE),
)
"""GH010123, GH020123 (H.264) and GX010123, ... (HEVC) since HERO6; GOPR0123, GP010123 before. As
GoPro's support page "Camera File Naming Convention" has them."""


def group_chapters(names: Sequence[str]) -> list[list[int]]:
    """Indices of `names` that make one video each, chapters in their order.

    Raises BadInput when a chapter in the middle is missing, or is there twice.
    """
    recordings: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    found: list[list[int] | tuple[str, str]] = []
    for index, name in enumerate(names):
        chapter = _chapter(name)
        if chapter is None:
            found.append([index])
            continue
        recording, number = chapter
        if recording not in recordings:
            found.append(recording)
        if number in recordings[recording]:
            raise BadInput(f"{name} was chosen twice: choose the files of one camera at a time.")
        recordings[recording][number] = index
    return [one if isinstance(one, list) else _in_order(recordings[one], names) for one in found]


def _chapter(name: str) -> tuple[tuple[str, str], int] | None:
    """((kind, recording's number), chapter's number), None for a video of its own."""
    for form in _FORMS:
        if found := form.fullmatch(name):
            parts = found.groupdict()
            kind = "GOPR" if parts["kind"].upper() == "GP" else parts["kind"].upper()
            return (kind, parts["number"]), int(parts.get("chapter", 0))
    return None


def _in_order(chapters: dict[int, int], names: Sequence[str]) -> list[int]:
    order = sorted(chapters)
    for before, after in pairwise(order):
        if after != before + 1:
            first, last = names[chapters[before]], names[chapters[after]]
            raise BadInput(
                f"Between {first} and {last} a chapter of the same recording is missing: choose "
                "it too, or upload them one by one."
            )
    return [chapters[number] for number in order]
