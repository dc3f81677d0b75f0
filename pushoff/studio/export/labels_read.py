"""What an export teaches, and what it does not."""

from collections import Counter
from dataclasses import dataclass

from pushoff.values import LabelledFrame


@dataclass(frozen=True)
class ExportedLabels:
    """Labels, and what was left out."""

    frames: tuple[LabelledFrame, ...]
    excluded: Counter[str]
    """How much was left out, by reason. Of single frames: annotations, but tasks for `disagreement`
    and `no image`. Of whole videos: see `pushoff.studio.timeline.labels.read_videos`."""
