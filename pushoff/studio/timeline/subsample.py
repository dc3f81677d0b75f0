"""The frames of labelled videos that a model of frames is trained on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.storage.videos import media_key
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.annotations import annotator_of, timestamp_of
from pushoff.studio.export.labels_read import ExportedLabels
from pushoff.studio.media.urls import frame_address
from pushoff.studio.timeline.labels import VideoFrameLabel, VideoLabels, read_videos
from pushoff.values import Label, LabelledFrame

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

SPACING_S = 8 / 240
"""Of frames that show no push-off, those closer than this tell a model nearly the same: eight at
240/s, as far apart as frames worth labelling are. Of 12 rendered drills (62 push-offs, 6,180
frames) that leaves 90 frames a video, one in 5 a push_off; it was one in 26."""


def read_video_frames(
    path: Path, interface: TimelineInterface, storage: "Storage | None"
) -> ExportedLabels:
    """What an export of labelled videos teaches: every push_off frame, and a part of the others.

    Frames left out so that one video does not drown the others count as `near another frame`.
    Raises ExportWrong.
    """
    videos, excluded = read_videos(path, interface, storage)
    frames: list[LabelledFrame] = []
    for video in videos:
        taken = set(subsample(video))
        excluded["near another frame"] += len(video.frames) - len(taken)
        frames += [_frame(storage, video, at, video.frames[at]) for at in sorted(taken)]
    return ExportedLabels(tuple(frames), +excluded)


def subsample(video: VideoLabels) -> Iterator[int]:
    """Every push_off; of each stretch of not_push_off its ends, and between them one every 33 ms.

    The ends are kept because they are the hardest: the last frames before a push-off that anybody
    can tell from it, and the first of flight.
    """
    clock_s, words = video.video.clock_s, video.frames
    taken_s = float("-inf")
    for frame, word in words.items():
        end = any(_label(words, side) is not word.label for side in (frame - 1, frame + 1))
        if word.label is Label.PUSH_OFF or end or clock_s[frame] - taken_s >= SPACING_S - 1e-4:
            taken_s = clock_s[frame]
            yield frame


def _label(words: Mapping[int, VideoFrameLabel], frame: int) -> Label | None:
    return words[frame].label if frame in words else None


def _frame(storage: "Storage", video: VideoLabels, at: int, word: VideoFrameLabel) -> LabelledFrame:
    session, annotator = video.video.session, annotator_of(word.annotation)
    return LabelledFrame(
        task_id=video.task_id,
        image=frame_address(storage, media_key(session.video_id, at)),
        label=word.label,
        group=video.about.group,
        video_id=session.video_id,
        footage=video.about.footage,
        box=video.video.boxes[at],
        time_s=video.video.times_s[at],
        annotator_id=annotator if annotator >= 0 else None,
        annotated_at=timestamp_of(word.annotation)[0],
        from_suggestion=word.suggested,
        frame_index=at,
    )
