"""The push-offs of a video on which an annotator marked all of them."""

from pushoff.events.ground_truth import GroundTruth
from pushoff.studio.timeline.labels import VideoLabels


def truth_of(video: VideoLabels) -> GroundTruth:
    """The events of a completely marked video, with feet and running steps as far as spans name
    them."""
    frames, count = video.frames, len(video.push_offs)
    kinds = [video.labels[frame].kind for frame in video.push_offs]
    capture_fps = frames.video.capture_fps or frames.file_fps
    return GroundTruth(
        capture_fps=capture_fps,
        frames=len(frames),
        push_off_frames=video.push_offs,
        feet=tuple(kind.foot for kind in kinds),
        approach=tuple(kind.approach for kind in kinds),
        uncertainty_frames=(0,) * count,
        complete_from=0,
        complete_to=len(frames) - 1,
        footage=video.task_frame.footage,
        slow_motion=capture_fps != frames.file_fps,
        capture_known=frames.rate_known,
        athlete=video.task_frame.split_group,
    )
