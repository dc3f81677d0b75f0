"""Spans on a whole video: frames as we count them, and as Label Studio 1.23.2 writes them.

Tried against the real editor (`tests/browser/test_video_page.py` proves each again):

* A span is a region of type `timelinelabels` with one range of frames:
  `{"ranges": [{"start": 10, "end": 13}], "timelinelabels": ["push_off"]}`.
* Label Studio counts frames from 1: its frame n is the video's frame n - 1. Both ends belong to the
  span, so one frame has start equal to end.
* Its frame is time x frameRate of the `<Video>` tag. Our previews hold one picture for each frame
  of the video, at 60/s (`pushoff.video.preview`), so the number is right at any camera's rate.
* A span out of a prediction keeps `origin: prediction` and its score even when its ends have been
  moved since; so what was accepted as it was is told by the prediction that was shown, which an
  export has beside the annotation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.events.ground_truth import frame_label
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.annotations import regions_of
from pushoff.values import Label


@dataclass(frozen=True)
class Span:
    """A stretch of frames with one label."""

    first: int
    """Zero-based, in decode order."""
    last: int
    """Inclusive; of a push_off the last frame with ground contact."""
    label: Label | None
    """None where the project has a label we do not know."""


def spans_in(annotation: Mapping[str, Any], interface: TimelineInterface) -> list[Span]:
    """The annotation's spans, in its order; what is no range of whole frames is left out."""
    found = []
    for region in regions_of(annotation, interface.from_name):
        said = region["value"].get("timelinelabels")
        names = said if isinstance(said, list) else []
        labels = {interface.spellings.get(one) if isinstance(one, str) else None for one in names}
        label = labels.pop() if len(labels) == 1 else None
        for one in region["value"].get("ranges") or []:
            ends = (one.get("start"), one.get("end")) if isinstance(one, dict) else (None, None)
            if all(type(end) is int for end in ends) and ends[0] <= ends[1]:
                found.append(Span(ends[0] - 1, ends[1] - 1, label))
    return found


def is_complete(annotation: Mapping[str, Any], interface: TimelineInterface) -> bool:
    """Whether somebody ticked that every push-off of the video is marked."""
    if not interface.complete_name:
        return False
    ticked = [
        region["value"].get("choices") for region in regions_of(annotation, interface.complete_name)
    ]
    return any(isinstance(one, list) and interface.complete_choice in one for one in ticked)


def span_region(interface: TimelineInterface, span: Span, name: str) -> dict[str, Any]:
    """One region of a result. Raises KeyError for a label the project does not have."""
    return {
        "id": name,
        "from_name": interface.from_name,
        "to_name": interface.to_name,
        "type": "timelinelabels",
        "value": {
            "ranges": [{"start": span.first + 1, "end": span.last + 1}],
            "timelinelabels": [interface.labels[span.label]],
        },
    }


def complete_region(interface: TimelineInterface, name: str) -> dict[str, Any]:
    """The tick, as a region of a result."""
    return {
        "id": name,
        "from_name": interface.complete_name,
        "to_name": interface.to_name,
        "type": "choices",
        "value": {"choices": [interface.complete_choice]},
    }


def push_off_span(clock_s: Sequence[float], last: int) -> Span:
    """The span of a push-off whose last frame with ground contact is `last`.

    It begins with the first frame that counts as push_off (`pushoff.events.ground_truth`): 12.5 ms
    before, three frames at 240/s. `clock_s` holds the camera seconds of the video's frames.
    """
    first = last
    while first > 0 and frame_label(clock_s[first - 1], [clock_s[last]], 0.0) is Label.PUSH_OFF:
        first -= 1
    return Span(first, last, Label.PUSH_OFF)
