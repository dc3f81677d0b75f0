"""Which frames of a labelled video a model of single frames is trained on."""

from collections.abc import Iterator, Mapping

from pushoff.studio.timeline.labels import VideoFrameLabel, VideoLabels
from pushoff.values import Label

SPACING_S = 8 / 240
"""Between not_push_off frames that are kept, camera seconds: closer ones are near-duplicates. Eight
frames at 240/s. On 12 rendered drills (62 push-offs, 6,180 frames) 90 frames a video remain, one in
5 a push_off; without subsampling it was one in 26."""


def subsample(video: VideoLabels) -> Iterator[int]:
    """Frame numbers: every push_off; of each run of not_push_off its ends and one every 33 ms.

    The ends are the hardest frames: the last before a push-off and the first in flight.
    """
    clock_s, labels = video.frames.clock_s, video.labels
    kept_s = float("-inf")
    for frame, frame_label in labels.items():
        neighbours = (_label(labels, frame - 1), _label(labels, frame + 1))
        is_end = any(label is not frame_label.label for label in neighbours)
        is_far = clock_s[frame] - kept_s >= SPACING_S - 1e-4
        if frame_label.label is Label.PUSH_OFF or is_end or is_far:
            kept_s = clock_s[frame]
            yield frame


def _label(labels: Mapping[int, VideoFrameLabel], frame: int) -> Label | None:
    return labels[frame].label if frame in labels else None
