"""Label configs for whole videos: a TimelineLabels tag over a Video.

`<Video frameRate>` must be the file's own rate, because Label Studio 1.23.2 computes a frame's
number as time x frameRate. Previews play at 60/s whatever the camera's rate was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from pushoff.studio.config.label_names import (
    PushOffKind,
    label_for,
    label_spellings,
    object_tags,
    push_off_kind,
    target_of,
)
from pushoff.values import Label


@dataclass(frozen=True)
class TimelineInterface:
    """Names and spellings in the annotations of a project that labels whole videos."""

    from_name: str
    """The TimelineLabels tag's name."""
    to_name: str
    """The Video tag's name."""
    video_key: str
    """The key of task data that holds the video's address."""
    labels: Mapping[Label, str]
    """The text of a span for each label; not_push_off may be missing."""
    spellings: Mapping[str, Label]
    """Every text that a span may have for a label, alias or value."""
    complete_name: str
    """Name of the Choices tag that marks a video as completely labelled; empty: there is none."""
    complete_choice: str
    """The text in its result when it is ticked."""
    kinds: Mapping[str, PushOffKind] = field(default_factory=dict)
    """What the texts of push_off labels say of foot and running step; plain ones are missing."""

    @property
    def media_key(self) -> str:
        """The key of task data that holds what is labelled."""
        return self.video_key


def timeline_interface(root: Element) -> TimelineInterface | None:
    """The first TimelineLabels over a Video that offers push_off; None when there is none.

    A Choices over the same Video with exactly one choice marks the video as completely labelled.
    """
    videos = object_tags(root, "Video")
    for tag in root.iter("TimelineLabels"):
        name, video = tag.get("name", ""), target_of(tag)
        labels, spellings = label_spellings(tag.iter("Label"))
        kinds = _kinds(tag)
        spellings |= dict.fromkeys(kinds, Label.PUSH_OFF)
        if name and video in videos and Label.PUSH_OFF in labels:
            complete_name, complete_choice = _completeness_tag(root, video)
            return TimelineInterface(
                name,
                video,
                videos[video],
                labels,
                spellings,
                complete_name,
                complete_choice,
                kinds,
            )
    return None


@cache
def build_timeline_config() -> str:
    """Label config of a new project for whole videos, XML."""
    return files("pushoff.studio.config").joinpath("timeline.xml").read_text("utf-8")


def _kinds(tag: Element) -> dict[str, PushOffKind]:
    """By every text that a span may have, of the labels that name a foot or a running step."""
    kinds: dict[str, PushOffKind] = {}
    for label in tag.iter("Label"):
        value, alias = label.get("value", ""), label.get("alias", "")
        kind = push_off_kind(alias, value, *label.get("predicted_values", "").split(","))
        if kind is not None and label_for(value, alias) is None:
            kinds |= {text: kind for text in (value, alias) if text}
    return kinds


def _completeness_tag(root: Element, video: str) -> tuple[str, str]:
    """Name and choice of the tag that marks a video as complete; two empty texts for none."""
    for tag in root.iter("Choices"):
        choices = list(tag.iter("Choice"))
        if target_of(tag) == video and len(choices) == 1 and tag.get("name"):
            text = choices[0].get("alias", "") or choices[0].get("value", "")
            return tag.get("name", ""), text
    return "", ""
