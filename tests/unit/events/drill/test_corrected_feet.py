"""Feet of events as a report shows them."""

from pushoff.events.drill.corrected_feet import with_corrected_feet
from pushoff.events.values import PushOffEvent


def events(*left: float) -> list[PushOffEvent]:
    """Push-offs half a second apart with these probabilities of the left foot."""
    return [
        PushOffEvent(15 * number, number / 2, 0.95, p) for number, p in enumerate(left, start=1)
    ]


def feet(found: list[PushOffEvent]) -> str:
    return "".join(event.foot.letter if event.foot else "?" for event in found)


def test_a_doubtful_foot_follows_the_drill():
    """One unsure foot among alternating ones is that of steps; what is sure stays as it was."""
    before = {"a.mp4": events(0.99, 0.01, 0.99, 0.6, 0.99, 0.01), "b.mp4": events(0.99, 0.98)}
    after = with_corrected_feet(before)
    assert feet(before["a.mp4"]) == "LRLLLR"
    assert feet(after["a.mp4"]) == "LRLRLR"
    assert [event.frame for event in after["a.mp4"]] == [e.frame for e in before["a.mp4"]]
    assert after["b.mp4"] == before["b.mp4"]
    changed = [event for event, old in zip(after["a.mp4"], before["a.mp4"], strict=True)
               if event != old]  # fmt: skip
    assert [event.frame for event in changed] == [60]
    assert 0 <= changed[0].left_probability < 0.5


def test_a_clip_without_push_offs_stays_empty():
    """Nothing is made up."""
    assert with_corrected_feet({"a.mp4": []}) == {"a.mp4": []}
