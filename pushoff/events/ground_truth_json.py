"""Known push-offs written as the events.json that `pushoff.events.ground_truth` reads."""

from typing import Any

from pushoff.events.ground_truth import GroundTruth


def as_events_json(truth: GroundTruth, file_fps: float) -> dict[str, Any]:
    """One video's object of an events.json: what is not known is left out.

    `file_fps` is the file's own frame rate. `parse_ground_truth` gives the same truth back, except
    that a push-off of which nobody said so is no running step.
    """
    content: dict[str, Any] = {
        "fps": file_fps,
        "capture_fps": truth.capture_fps if truth.capture_known else None,
        "slow_motion": truth.slow_motion,
        "frames": truth.frames,
        "width": truth.width_px,
        "height": truth.height_px,
        "footage": truth.footage,
        "athlete": truth.athlete,
        "exercise": truth.exercise,
        "direction": truth.direction.value if truth.direction else None,
        "complete_from": truth.complete_from,
        "complete_to": truth.complete_to,
        "unknown": [list(stretch) for stretch in truth.unknown] or None,
        "events": _events(truth),
    }
    return {key: value for key, value in content.items() if value is not None}


def _events(truth: GroundTruth) -> list[dict[str, Any]]:
    """Push-offs and touch-downs in order of frame."""
    toes_px = truth.toes_px or (None,) * len(truth.push_off_frames)
    events: list[dict[str, Any]] = [
        {
            "frame": frame,
            "type": "push_off",
            "foot": truth.feet[number],
            "approach": truth.approach[number],
            "uncertainty_frames": truth.uncertainty_frames[number],
            "toe_px": list(toe_px) if (toe_px := toes_px[number]) else None,
        }
        for number, frame in enumerate(truth.push_off_frames)
    ]
    events += [{"frame": frame, "type": "touch_down"} for frame in truth.touch_down_frames]
    events.sort(key=lambda event: event["frame"])
    return [{key: value for key, value in event.items() if value is not None} for event in events]
