"""What an annotator can press and see in a project, as far as its label config says.

A config of somebody's own may give no keys; Label Studio then numbers the answers in their order,
whatever they mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pushoff.studio.config.label_config import Interface, parse_xml
from pushoff.studio.config.label_names import label_for
from pushoff.studio.config.strip import STRIP_KEY
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.values import Label


@dataclass(frozen=True)
class AnswerKeys:
    """Keys that the config itself names."""

    labels: Mapping[Label, str]
    """By label; one without a key of its own is missing."""
    complete: str = ""
    """Of the tick that every push-off of a video is marked; empty where it has none."""
    shows_strip: bool = False
    """The strip of the athlete is shown below the frame."""


def answer_keys(xml: str, interface: Interface) -> AnswerKeys:
    """The keys of a config of which `interface` was read. Raises LabelConfigWrong."""
    root = parse_xml(xml)
    labels: dict[Label, str] = {}
    for answer in _answers(root, interface.from_name):
        names = answer.get("predicted_values", "").split(",")
        label = label_for(answer.get("value", ""), answer.get("alias", ""), *names)
        if label is not None and answer.get("hotkey"):
            labels.setdefault(label, answer.get("hotkey", ""))
    complete = ""
    if isinstance(interface, TimelineInterface) and interface.complete_name:
        ticks = _answers(root, interface.complete_name)
        complete = ticks[0].get("hotkey", "") if ticks else ""
    strips = [tag for tag in root.iter("Markdown") if tag.get("value") == f"${STRIP_KEY}"]
    return AnswerKeys(labels, complete, bool(strips))


def _answers(root: Element, name: str) -> list[Element]:
    """The choices or labels of the control tag called `name`."""
    controls = [tag for tag in root.iter() if tag.get("name") == name and tag.get("toName")]
    return [tag for control in controls[:1] for tag in control.iter() if tag is not control]
