"""How a project's label config spells push_off and not_push_off."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pushoff.errors import LabelConfigWrong
from pushoff.values import Label

WHY = "why"
"""Name of the TextArea that tells why a frame is asked about."""
LIMIT_CHARACTERS = 1_000_000
"""Longest label config that is parsed."""

_NAMES = {
    "pushoff": Label.PUSH_OFF,
    "notpushoff": Label.NOT_PUSH_OFF,
    "nopushoff": Label.NOT_PUSH_OFF,
    "nonpushoff": Label.NOT_PUSH_OFF,
}


@dataclass(frozen=True)
class LabelInterface:
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


def parse_label_config(xml: str) -> LabelInterface:
    """The first Choices over an Image that offers both classes.

    A choice is recognised by its value, alias or predicted_values, whatever its case, spaces,
    dashes and underscores. Raises LabelConfigWrong; entities and DTDs are refused, never read.
    """
    root = _parse(xml)
    images = {
        tag.get("name", ""): tag.get("value", "").removeprefix("$")
        for tag in root.iter("Image")
        if tag.get("value", "").startswith("$")
    }
    for tag in root.iter("Choices"):
        name, over = tag.get("name", ""), tag.get("toName", "").split(",")[0].strip()
        choices, spellings = _choices(tag)
        if name and over in images and len(choices) == len(Label):
            why = (one for one in root.iter("TextArea") if one.get("toName") == over)
            why_name = next((one.get("name") for one in why if one.get("name") == WHY), None)
            return LabelInterface(name, over, images[over], choices, spellings, why_name)
    raise LabelConfigWrong(
        "The label config has no <Choices> over an <Image> with the choices push_off and "
        "not_push_off. Add them in Label Studio: Settings > Labeling Interface."
    )


@cache
def build_label_config(foot: bool = False, toe: bool = False) -> str:
    """Our own label config; foot (left/right) and toe (key point) show up for push_off only."""
    root = _parse(files("pushoff.studio").joinpath("label_config.xml").read_text("utf-8"))
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


def _choices(tag: Element) -> tuple[dict[Label, str], dict[str, Label]]:
    choices: dict[Label, str] = {}
    spellings: dict[str, Label] = {}
    for choice in tag.iter("Choice"):
        value, alias = choice.get("value", ""), choice.get("alias", "")
        names = [value, alias, *choice.get("predicted_values", "").split(",")]
        label = next((_NAMES[name] for name in map(_plain, names) if name in _NAMES), None)
        if label is None:
            continue
        choices.setdefault(label, alias or value)
        spellings |= {name: label for name in (value, alias) if name}
    return choices, spellings


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
