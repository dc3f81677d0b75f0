"""Which names in a label config mean push_off and not_push_off."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from pushoff.values import Label

_NAMES = {
    "pushoff": Label.PUSH_OFF,
    "notpushoff": Label.NOT_PUSH_OFF,
    "nopushoff": Label.NOT_PUSH_OFF,
    "nonpushoff": Label.NOT_PUSH_OFF,
}


def label_spellings(tags: Iterable[Element]) -> tuple[dict[Label, str], dict[str, Label]]:
    """Of Choice or Label tags: how results say each label, and everything a result may say.

    A label is recognised by value, alias or predicted_values, whatever its case, spaces, dashes
    and underscores; results say the alias where there is one.
    """
    said: dict[Label, str] = {}
    spellings: dict[str, Label] = {}
    for tag in tags:
        value, alias = tag.get("value", ""), tag.get("alias", "")
        label = _meant([value, alias, *tag.get("predicted_values", "").split(",")])
        if label is None:
            continue
        said.setdefault(label, alias or value)
        spellings |= {name: label for name in (value, alias) if name}
    return said, spellings


def target_of(tag: Element) -> str:
    """The name of the object a control tag is about."""
    return tag.get("toName", "").split(",")[0].strip()


def object_tags(root: Element, kind: str) -> dict[str, str]:
    """The key of task data that each object tag of a kind (`Image`, `Video`) shows, by its name."""
    return {
        tag.get("name", ""): tag.get("value", "").removeprefix("$")
        for tag in root.iter(kind)
        if tag.get("value", "").startswith("$")
    }


def _meant(names: Sequence[str]) -> Label | None:
    return next((_NAMES[name] for name in map(_plain, names) if name in _NAMES), None)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
