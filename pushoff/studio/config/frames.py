"""Label configs for single frames: a Choices tag over an Image."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

from pushoff.studio.config.label_names import (
    label_spellings,
    object_tags,
    push_off_kind,
    target_of,
)
from pushoff.values import Label

REASON = "reason"
"""Name of the TextArea that shows why a frame is asked about."""


@dataclass(frozen=True)
class FrameInterface:
    """Names and spellings in the annotations of a project that labels single frames."""

    from_name: str
    """The Choices tag's name."""
    to_name: str
    """The Image tag's name."""
    image_key: str
    """The key of task data that holds the image's address."""
    choices: Mapping[Label, str]
    """The text in an annotation's result for each label: the alias where there is one."""
    spellings: Mapping[str, Label]
    """Every text that a result may have for a label, alias or value."""
    reason_name: str | None = None
    """Name of the TextArea that shows why a frame is asked about; None: the config has none. One
    that annotators can write into is theirs."""
    foot_name: str | None = None
    """Name of the Choices that asks for the foot of a push_off; None: the config has none."""
    feet: Mapping[str, str] = field(default_factory=dict)
    """Every text that its result may have for `left` and `right`."""

    @property
    def media_key(self) -> str:
        """The key of task data that holds what is labelled."""
        return self.image_key


def frame_interface(root: Element) -> FrameInterface | None:
    """The first Choices over an Image that offers push_off and not_push_off, else None."""
    images = object_tags(root, "Image")
    for tag in root.iter("Choices"):
        name, image = tag.get("name", ""), target_of(tag)
        choices, spellings = label_spellings(tag.iter("Choice"))
        if name and image in images and len(choices) == len(Label):
            areas = [area for area in root.iter("TextArea") if target_of(area) == image]
            has_reason = any(
                (area.get("name"), area.get("editable")) == (REASON, "false") for area in areas
            )
            foot_name, feet = _foot_tag(root, image)
            return FrameInterface(
                name,
                image,
                images[image],
                choices,
                spellings,
                REASON if has_reason else None,
                foot_name,
                feet,
            )
    return None


def _foot_tag(root: Element, image: str) -> tuple[str | None, dict[str, str]]:
    """Name and texts of the first Choices over the image whose choices are two feet."""
    for tag in root.iter("Choices"):
        feet: dict[str, str] = {}
        for choice in tag.iter("Choice"):
            texts = [text for text in (choice.get("value", ""), choice.get("alias", "")) if text]
            kind = push_off_kind(*texts)
            if kind and kind.foot:
                feet |= dict.fromkeys(texts, kind.foot)
        if tag.get("name") and target_of(tag) == image and len(set(feet.values())) == 2:
            return tag.get("name"), feet
    return None, {}


@cache
def build_label_config(foot: bool = False, strip: bool = True) -> str:
    """Label config of a new project for single frames, XML.

    `foot` adds left/right, shown for push_off only. `strip` shows the strip of a task that has one.
    """
    root = fromstring(files("pushoff.studio.config").joinpath("frames.xml").read_text("utf-8"))
    optional = {"foot": foot, "strip": strip}
    for part in list(root):
        if not optional.get(part.get("className", ""), True):
            root.remove(part)
    return tostring(root, encoding="unicode")
