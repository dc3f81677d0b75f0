"""The label config of an export file, inferred from its annotations.

An export does not hold its project's label config, and its project may be on another server or
gone. The annotations name the control tag (`from_name`) and the label texts, which is enough unless
the config has aliases that do not resemble push_off and not_push_off.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pushoff.errors import ExportWrong
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.config.label_config import (
    Interface,
    parse_label_config,
    require_timeline_interface,
)
from pushoff.studio.config.label_names import label_for
from pushoff.studio.config.timeline import TimelineInterface, build_timeline_config
from pushoff.studio.export.reader import tasks_in
from pushoff.values import Label

Tag = tuple[str, str, str]
"""Region type, from_name, to_name."""


def infer_interface(path: Path) -> Interface:
    """The interface whose control tag has most regions with push_off or not_push_off.

    Choices over an image give a FrameInterface, TimelineLabels a TimelineInterface.
    Raises ExportWrong with code `no_labels` when no region has such a label.
    """
    counts: Counter[Tag] = Counter()
    spellings: dict[Tag, dict[str, Label]] = {}
    choice_tags: dict[str, set[Tag]] = {}
    data_keys: Counter[str] = Counter()
    for task in tasks_in(path):
        data_keys.update(_address_keys(task["data"]))
        for tag, text in _label_texts(task["annotations"]):
            label = label_for(text)
            if label is not None:
                counts[tag] += 1
                spellings.setdefault(tag, {})[text] = label
            elif tag[0] == "choices":
                choice_tags.setdefault(text, set()).add(tag)
    if not counts:
        raise ExportWrong(
            f"{path.name} has no annotation with push_off or not_push_off.",
            code="no_labels",
            remedy="If the project has aliases for its labels, give its label config.",
        )
    tag = counts.most_common(1)[0][0]
    kind, from_name, to_name = tag
    texts = {label: text for text, label in spellings[tag].items()}
    data_key = data_keys.most_common(1)[0][0] if data_keys else ""
    if kind == "choices":
        choices = {label: label.choice for label in Label} | texts
        return FrameInterface(from_name, to_name, data_key, choices, spellings[tag])
    complete_name, complete_choice = _completeness_tag(choice_tags, to_name)
    return TimelineInterface(
        from_name, to_name, data_key, texts, spellings[tag], complete_name, complete_choice
    )


def _label_texts(annotations: list[Mapping[str, Any]]) -> Iterator[tuple[Tag, str]]:
    """The label texts in the regions of Choices and TimelineLabels, with their tag."""
    for annotation in annotations:
        result = annotation.get("result")
        for region in result if isinstance(result, list) else []:
            if not isinstance(region, dict) or not isinstance(region.get("value"), dict):
                continue
            kind = region.get("type")
            texts = region["value"].get(kind) if kind in ("choices", "timelinelabels") else None
            for text in texts if isinstance(texts, list) else []:
                if isinstance(text, str):
                    tag = (str(kind), str(region.get("from_name")), str(region.get("to_name")))
                    yield tag, text


def _completeness_tag(choice_tags: Mapping[str, set[Tag]], to_name: str) -> tuple[str, str]:
    """Name and choice of the tag that marks a video as completely labelled; else empty texts.

    Only this project's own choice is recognised: taking another one for it would turn every frame
    outside the spans into not_push_off.
    """
    choice = require_timeline_interface(parse_label_config(build_timeline_config())).complete_choice
    names = sorted(name for _, name, over in choice_tags.get(choice, set()) if over == to_name)
    return (names[0], choice) if names else ("", "")


def _address_keys(data: Mapping[str, Any]) -> list[str]:
    """Keys of task data whose value looks like the address of an image or video."""
    return [
        key
        for key, value in data.items()
        if isinstance(value, str)
        and (value.startswith(("/data/", "data:")) or "://" in value.partition("?")[0])
    ]
