"""Label configs for single frames: a Choices tag over an Image."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

from pushoff.studio.config.label_names import label_spellings, object_tags, target_of
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
            return FrameInterface(
                name, image, images[image], choices, spellings, REASON if has_reason else None
            )
    return None


@cache
def build_label_config(foot: bool = False, toe: bool = False, strip: bool = True) -> str:
    """Label config of a new project for single frames, XML.

    `foot` adds left/right and `toe` a key point; both are shown for push_off only. `strip` shows
    the strip of a task that has one.
    """
    root = fromstring(files("pushoff.studio.config").joinpath("frames.xml").read_text("utf-8"))
    optional = {"foot": foot, "toe": toe, "strip": strip}
    for part in list(root):
        if not optional.get(part.get("className", ""), True):
            root.remove(part)
    return tostring(root, encoding="unicode")
