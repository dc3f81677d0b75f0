"""Which names in a label config mean push_off and not_push_off."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pushoff.values import Label

_LABELS = {
    "push": Label.PUSH_OFF,
    "notpush": Label.NOT_PUSH_OFF,
    "pushoff": Label.PUSH_OFF,
    "notpushoff": Label.NOT_PUSH_OFF,
    "nopushoff": Label.NOT_PUSH_OFF,
    "nonpushoff": Label.NOT_PUSH_OFF,
}


@dataclass(frozen=True)
class PushOffKind:
    """What the name of a push_off label says besides that."""

    foot: str | None = None
    """`left` or `right`; None: it does not say."""
    approach: bool = False
    """A running step of the approach."""


PLAIN = PushOffKind()
_FEET = ("left", "right")
_APPROACH = {"approach", "approachstep", "runningstep", "running"}


def push_off_kind(*names: str) -> PushOffKind | None:
    """Of the first recognised name: `push_off_left`, `approach`, `running step, right`; else None.

    A name without a foot and without a running step is none of these, see `label_for`.
    """
    for key in map(_normalize, names):
        foot = next((foot for foot in _FEET if key.startswith(foot) or key.endswith(foot)), None)
        base = key.removesuffix("foot").removeprefix(foot or "").removesuffix(foot or "")
        if base in _APPROACH:
            return PushOffKind(foot, approach=True)
        if foot and (not base or _LABELS.get(base) is Label.PUSH_OFF):
            return PushOffKind(foot)
    return None


def label_spellings(tags: Iterable[Element]) -> tuple[dict[Label, str], dict[str, Label]]:
    """From Choice or Label tags: the text results have for each label, and all texts they may have.

    A label is recognised by value, alias or predicted_values, whatever its case, spaces, dashes
    and underscores; results have the alias where there is one.
    """
    texts: dict[Label, str] = {}
    spellings: dict[str, Label] = {}
    for tag in tags:
        value, alias = tag.get("value", ""), tag.get("alias", "")
        label = label_for(value, alias, *tag.get("predicted_values", "").split(","))
        if label is None:
            continue
        texts.setdefault(label, alias or value)
        spellings |= {name: label for name in (value, alias) if name}
    return texts, spellings


def label_for(*names: str) -> Label | None:
    """The label that the first recognised name means, whatever its spelling; None for none."""
    return next((_LABELS[key] for key in map(_normalize, names) if key in _LABELS), None)


def target_of(tag: Element) -> str:
    """The name of the object tag that a control tag labels."""
    return tag.get("toName", "").split(",")[0].strip()


def object_tags(root: Element, kind: str) -> dict[str, str]:
    """The object tags of a kind (`Image`, `Video`): from name to the key of task data it shows."""
    return {
        tag.get("name", ""): tag.get("value", "").removeprefix("$")
        for tag in root.iter(kind)
        if tag.get("value", "").startswith("$")
    }


def _normalize(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
