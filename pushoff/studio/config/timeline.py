"""How a project's label config lets spans of a whole video be marked.

Label Studio 1.23.2, as tried: `<Video frameRate>` must be the file's own rate, for a frame's number
is its time times that rate. Our previews play at 60/s whatever the camera's rate was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from pushoff.studio.config.label_names import label_spellings, object_tags, target_of
from pushoff.values import Label


@dataclass(frozen=True)
class TimelineInterface:
    """Where spans stand in annotations of videos, and how they are spelt there."""

    from_name: str
    """The TimelineLabels tag's name."""
    to_name: str
    """The Video tag's name."""
    video_key: str
    """The key of task data that holds the video's address."""
    labels: Mapping[Label, str]
    """What a span says for each label; not_push_off may be missing."""
    spellings: Mapping[str, Label]
    """Everything a span may say, alias or value."""
    complete_name: str
    """The Choices tag that says that every push-off of the video is marked; empty: there is none."""
    complete_choice: str
    """What its result says when it is ticked."""


def timeline_interface(root: Element) -> TimelineInterface | None:
    """The first TimelineLabels over a Video that offers push_off; None when there is none.

    A Choices over the same Video with exactly one choice is the tick for a whole video.
    """
    videos = object_tags(root, "Video")
    for tag in root.iter("TimelineLabels"):
        name, video = tag.get("name", ""), target_of(tag)
        labels, spellings = label_spellings(tag.iter("Label"))
        if name and video in videos and Label.PUSH_OFF in labels:
            tick = _tick(root, video)
            return TimelineInterface(name, video, videos[video], labels, spellings, *tick)
    return None


@cache
def build_timeline_config() -> str:
    """Our own label config for whole videos."""
    return files("pushoff.studio.config").joinpath("timeline.xml").read_text("utf-8")


def _tick(root: Element, video: str) -> tuple[str, str]:
    for tag in root.iter("Choices"):
        choices = list(tag.iter("Choice"))
        if target_of(tag) == video and len(choices) == 1 and tag.get("name"):
            return tag.get("name", ""), choices[0].get("alias") or choices[0].get("value", "")
    return "", ""
