"""How a project's label config spells push_off and not_push_off: of frames, or on whole videos."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pushoff.errors import BadInput, LabelConfigWrong
from pushoff.studio.config.label_names import label_spellings, object_tags, target_of
from pushoff.studio.config.timeline import TimelineInterface, timeline_interface
from pushoff.values import Label

WHY = "why"
"""Name of the TextArea that tells why a frame is asked about."""
LIMIT_CHARACTERS = 1_000_000
"""Longest label config that is parsed."""


@dataclass(frozen=True)
class FrameInterface:
    """Where labels stand in annotations, and how they are spelt there."""

    from_name: str
    """The Choices tag's name."""
    to_name: str
    """The Image tag's name."""
    image_key: str
    """The key of task data that holds the image's address."""
    choices: Mapping[Label, str]
    """What an annotation's result says for each label: the alias where there is one."""
    spellings: Mapping[str, Label]
    """Everything a result may say, alias or value."""
    why_name: str | None = None
    """The TextArea that tells why a frame is asked about; None: the config has none."""


Interface = FrameInterface | TimelineInterface
"""A project labels single frames, or whole videos."""


def parse_label_config(xml: str) -> Interface:
    """The first Choices over an Image that offers both classes, else TimelineLabels over a Video.

    A label is recognised by its value, alias or predicted_values, whatever its case, spaces,
    dashes and underscores. Raises LabelConfigWrong; entities and DTDs are refused, never read.
    """
    root = _parse(xml)
    images = object_tags(root, "Image")
    for tag in root.iter("Choices"):
        name, image = tag.get("name", ""), target_of(tag)
        choices, spellings = label_spellings(tag.iter("Choice"))
        if name and image in images and len(choices) == len(Label):
            why = (one for one in root.iter("TextArea") if target_of(one) == image)
            why_name = next((one.get("name") for one in why if one.get("name") == WHY), None)
            return FrameInterface(name, image, images[image], choices, spellings, why_name)
    videos = timeline_interface(root)
    if videos is not None:
        return videos
    raise LabelConfigWrong(
        "The label config has no <Choices> over an <Image> with the choices push_off and "
        "not_push_off, and no <TimelineLabels> over a <Video> with the label push_off. Add one of "
        "them in Label Studio: Settings > Labeling Interface."
    )


def of_frames(interface: Interface) -> FrameInterface:
    """The interface of a project that labels single frames. Raises BadInput for one of videos."""
    if isinstance(interface, TimelineInterface):
        raise BadInput(
            "This project labels whole videos, not single frames: name another one with --project, "
            "or make one with `pushoff project create`."
        )
    return interface


@cache
def build_label_config(foot: bool = False, toe: bool = False) -> str:
    """Our own label config; foot (left/right) and toe (key point) show up for push_off only."""
    root = _parse(files("pushoff.studio.config").joinpath("frames.xml").read_text("utf-8"))
    wanted = {"foot": foot, "toe": toe}
    for part in list(root):
        if not wanted.get(part.get("className", ""), True):
            root.remove(part)
    return tostring(root, encoding="unicode")


def _parse(xml: str) -> Element:
    if not isinstance(xml, str) or len(xml) > LIMIT_CHARACTERS:
        raise LabelConfigWrong(f"The label config is not XML of at most {LIMIT_CHARACTERS} letters")
    try:
        return fromstring(xml, forbid_dtd=True)
    except DefusedXmlException:
        raise LabelConfigWrong("The label config has a DTD or entities: remove them") from None
    except (ParseError, ValueError) as error:
        raise LabelConfigWrong(f"The label config is not XML: {error}") from None
