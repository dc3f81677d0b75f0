"""Group the files a coach chose into videos: a GoPro splits long recordings into chapters."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from pushoff.errors import BadInput

_SUFFIX = r"\.(?:mp4|mov)"
_PATTERNS = (
    re.compile(rf"(?P<kind>G[HX])(?P<chapter>\d\d)(?P<number>\d{{4}}){_SUFFIX}", re.IGNORECASE),
    re.compile(rf"(?P<kind>GP)(?P<chapter>\d\d)(?P<number>\d{{4}}){_SUFFIX}", re.IGNORECASE),
    re.compile(rf"(?P<kind>GOPR)(?P<number>\d{{4}}){_SUFFIX}", re.IGNORECASE),
)
"""GH010123, GH020123 (H.264) and GX010123, ... (HEVC) since HERO6; before that GOPR0123, GP010123.
Source: GoPro's support page "Camera File Naming Convention"."""

_Recording = tuple[str, str]
"""(kind, number) of a GoPro recording."""


def group_chapters(names: Sequence[str]) -> list[list[int]]:
    """Indices of `names`, one list for each video, chapters in order.

    Raises BadInput if a chapter in the middle is missing or appears twice.
    """
    recordings: dict[_Recording, dict[int, int]] = defaultdict(dict)
    order: list[list[int] | _Recording] = []
    for index, name in enumerate(names):
        chapter = _parse_chapter(name)
        if chapter is None:
            order.append([index])
            continue
        recording, number = chapter
        if recording not in recordings:
            order.append(recording)
        if number in recordings[recording]:
            raise BadInput(
                f"{name} was chosen twice. Upload files from one camera at a time.",
                code="duplicate_chapter",
            )
        recordings[recording][number] = index
    return [
        video if isinstance(video, list) else _in_order(recordings[video], names) for video in order
    ]


def _parse_chapter(name: str) -> tuple[_Recording, int] | None:
    """((kind, number of the recording), number of the chapter); None for any other file."""
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(name):
            groups = match.groupdict()
            kind = "GOPR" if groups["kind"].upper() == "GP" else groups["kind"].upper()
            return (kind, groups["number"]), int(groups.get("chapter", 0))
    return None


def _in_order(chapters: dict[int, int], names: Sequence[str]) -> list[int]:
    numbers = sorted(chapters)
    for before, after in pairwise(numbers):
        if after != before + 1:
            first, last = names[chapters[before]], names[chapters[after]]
            raise BadInput(
                f"A chapter between {first} and {last} is missing: choose it too, or upload the "
                "files one by one.",
                code="missing_chapter",
            )
    return [chapters[number] for number in numbers]
