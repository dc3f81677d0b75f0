"""Videos of known frames in storage, and exports that label them; no video, no Label Studio."""

import json
from pathlib import Path
from typing import Any

from pushoff.storage.ingested_videos import IngestedVideo, save_ingest
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import add_video
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.config.timeline import TimelineInterface, build_timeline_config
from pushoff.studio.timeline.spans import Span, span_region
from pushoff.values import Box, Exercise, Label

CONFIG = build_timeline_config()


def interface() -> TimelineInterface:
    """That of our own label config."""
    found = parse_label_config(CONFIG)
    assert isinstance(found, TimelineInterface)
    return found


def stored_video(
    storage: Storage,
    folder: Path,
    frames: int = 240,
    fps: float = 240,
    *,
    file_fps: float | None = None,
    capture_fps: float | None = None,
    athlete: str = "ada",
) -> str:
    """A video as ingest leaves it, one box for each frame; returns its session id."""
    file = folder / f"{athlete}-{frames}-{fps}.mp4"
    file.write_bytes(f"{file.name} {file_fps} {capture_fps}".encode())
    session = add_video(
        storage,
        file,
        athlete=athlete,
        exercise=Exercise.HOPS,
        capture_fps=fps if file_fps is None else capture_fps,
        footage="synthetic",
    )
    save_ingest(storage, session.video_id, ingested_video(frames, fps, file_fps or fps))
    return session.video_id


def ingested_video(frames: int, capture_fps: float, file_fps: float) -> IngestedVideo:
    """The result of ingest for a video whose athlete moves one pixel to the right each frame."""
    return IngestedVideo(
        width_px=640,
        height_px=360,
        frame_rate=file_fps,
        capture_rate=capture_fps,
        duration_s=frames / file_fps,
        codec="h264",
        declared_frames=frames,
        decoded_frames=frames,
        athlete_note="athlete found",
        times_s=tuple(frame / capture_fps for frame in range(frames)),
        boxes=tuple(Box(frame, 0, 10, 20) for frame in range(frames)),
        chosen_frames=(0,),
    )


def push_off(first: int, last: int) -> Span:
    return Span(first, last, Label.PUSH_OFF)


def no_push_off(first: int, last: int) -> Span:
    return Span(first, last, Label.NOT_PUSH_OFF)


def complete_region(interface: TimelineInterface, region_id: str) -> dict[str, Any]:
    """The region of a result that ticks that every push-off is marked, as the editor writes it."""
    return {
        "id": region_id,
        "from_name": interface.complete_name,
        "to_name": interface.to_name,
        "type": "choices",
        "value": {"choices": [interface.complete_choice]},
    }


def annotation(
    number: int, *spans: Span, complete: bool = False, by: int = 1, **more: Any
) -> dict[str, Any]:
    """As an export has it."""
    ours = interface()
    result = [span_region(ours, span, f"r{place}") for place, span in enumerate(spans)]
    if complete:
        result.append(complete_region(ours, "tick"))
    return {
        "id": number,
        "result": result,
        "completed_by": by,
        "was_cancelled": False,
        "lead_time": 5.0,
        "parent_prediction": None,
        "updated_at": f"2026-01-01T00:00:{number:02d}Z",
        **more,
    }


def export(path: Path, *videos: tuple[str, list[dict[str, Any]]]) -> Path:
    """An export of videos by session id, with their annotations."""
    tasks = [
        {
            "id": number,
            "data": {
                "video": f"/data/local-files/?d=media/{session}/video.mp4",
                "video_id": session,
                "athlete": "ada",
                "footage": "synthetic",
                "key": f"{session}/video",
            },
            "annotations": annotations,
        }
        for number, (session, annotations) in enumerate(videos, 1)
    ]
    path.write_text(json.dumps(tasks))
    return path
