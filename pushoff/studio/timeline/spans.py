"""Spans on a whole video: this service's frame numbers, and Label Studio 1.23.2's.

Observed in the real editor (`tests/browser/test_video_page.py` proves each again):

* A span is a region of type `timelinelabels` with one range of frames:
  `{"ranges": [{"start": 10, "end": 13}], "timelinelabels": ["push_off"]}`.
* Label Studio counts frames from 1: its frame n is frame n - 1 here. Both ends belong to the span;
  in a span of one frame start equals end.
* Its frame number is time x frameRate of the `<Video>` tag. Previews hold one picture for each
  frame of the video, at 60/s (`pushoff.video.preview`), so the number is right at any camera rate.
* A span that came from a prediction keeps `origin: prediction` and its score when its ends are
  moved. Whether a suggestion was accepted unchanged is read from the prediction that was shown,
  which an export holds beside the annotation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pushoff.events.ground_truth import frame_label
from pushoff.studio.config.label_names import PLAIN, PushOffKind
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.annotations import regions_of
from pushoff.values import Label


@dataclass(frozen=True)
class Span:
    """A run of frames with one label."""

    first: int
    """Zero-based, in decode order."""
    last: int
    """Inclusive; of a push_off the last frame with ground contact."""
    label: Label | None
    """None for a label of the project that is neither push_off nor not_push_off."""
    kind: PushOffKind = PLAIN
    """Foot and running step, as far as the label names them."""


def spans_in(annotation: Mapping[str, Any], interface: TimelineInterface) -> list[Span]:
    """The annotation's spans in its own order; ranges that are not whole frames are left out."""
    spans = []
    for region in regions_of(annotation, interface.from_name):
        label, kind = _label_of(region["value"], interface)
        for frame_range in region["value"].get("ranges") or []:
            ends = _ends_of(frame_range)
            if ends is not None:
                spans.append(Span(ends[0] - 1, ends[1] - 1, label, kind))
    return spans


def is_complete(annotation: Mapping[str, Any], interface: TimelineInterface) -> bool:
    """Whether the annotator ticked that every push-off of the video is marked."""
    if not interface.complete_name:
        return False
    choices = [
        region["value"].get("choices") for region in regions_of(annotation, interface.complete_name)
    ]
    return any(
        isinstance(ticked, list) and interface.complete_choice in ticked for ticked in choices
    )


def span_region(interface: TimelineInterface, span: Span, region_id: str) -> dict[str, Any]:
    """One region of a result. Raises KeyError for a label that the project does not have."""
    if span.label is None:
        raise KeyError("a span without a label")
    return {
        "id": region_id,
        "from_name": interface.from_name,
        "to_name": interface.to_name,
        "type": "timelinelabels",
        "value": {
            "ranges": [{"start": span.first + 1, "end": span.last + 1}],
            "timelinelabels": [interface.labels[span.label]],
        },
    }


def push_off_span(clock_s: Sequence[float], last: int) -> Span:
    """The span of a push-off whose last frame with ground contact is `last`.

    It begins at the first frame that counts as push_off (`pushoff.events.ground_truth`): 12.5 ms
    before, three frames at 240/s. `clock_s` holds the camera seconds of the video's frames.
    """
    first = last
    while first > 0 and frame_label(clock_s[first - 1], [clock_s[last]], 0.0) is Label.PUSH_OFF:
        first -= 1
    return Span(first, last, Label.PUSH_OFF)


def _label_of(
    value: Mapping[str, Any], interface: TimelineInterface
) -> tuple[Label | None, PushOffKind]:
    texts = value.get("timelinelabels")
    if not isinstance(texts, list):
        return None, PLAIN
    labels = {interface.spellings.get(text) if isinstance(text, str) else None for text in texts}
    kinds = {interface.kinds.get(text, PLAIN) for text in texts if isinstance(text, str)}
    label = labels.pop() if len(labels) == 1 else None
    return label, kinds.pop() if len(kinds) == 1 else PLAIN


def _ends_of(frame_range: object) -> tuple[int, int] | None:
    """(start, end) of a range, one-based; None for anything that is not a range of whole frames."""
    if not isinstance(frame_range, dict):
        return None
    start, end = frame_range.get("start"), frame_range.get("end")
    if type(start) is not int or type(end) is not int or start > end:
        return None
    return start, end
