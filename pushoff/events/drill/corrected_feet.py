"""Events with the feet of the classified sequence, as a report shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.values import Foot, PushOffEvent


def with_corrected_feet(
    events: Mapping[str, Sequence[PushOffEvent]],
) -> dict[str, list[PushOffEvent]]:
    """The events of each clip with the feet of its classified sequence."""
    corrected = {}
    for name, clip_events in events.items():
        feet = classify_sequence(clip_events).feet
        corrected[name] = [
            _with_foot(event, foot) for event, foot in zip(clip_events, feet, strict=True)
        ]
    return corrected


def _with_foot(event: PushOffEvent, foot: Foot | None) -> PushOffEvent:
    if foot is None or foot is event.foot:
        return event
    p = max(event.left_probability, 1 - event.left_probability, 0.51)
    return replace(event, left_probability=p if foot is Foot.LEFT else 1 - p)
