"""Images of the athlete for film strips, cut from a session's preview."""

from collections.abc import Collection, Iterable

from pushoff.coach.session_files import preview_key
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.storage.object_store import Storage
from pushoff.values import Box


def strip_images(
    storage: Storage, session_id: str, analysis: VideoAnalysis, strips: Iterable[Collection[int]]
) -> dict[int, bytes]:
    """A JPEG of the athlete for each frame of each strip; frames the preview lacks are left out.

    The frames of one strip are in memory at a time. Raises VideoRefused for a damaged preview.
    """
    from pushoff.video.images import crop_athlete, encode_jpeg
    from pushoff.video.preview import read_preview_images

    jpegs: dict[int, bytes] = {}
    with storage.local_copy(preview_key(session_id)) as path:
        for frames in strips:
            for frame, image in read_preview_images(path, frames).items():
                if frame < len(analysis.boxes_px):
                    box = preview_box(analysis, frame, image.shape[1])
                    jpegs[frame] = encode_jpeg(crop_athlete(image, box), quality=80)
    return jpegs


def preview_box(analysis: VideoAnalysis, frame: int, width_px: int) -> Box:
    """The athlete's box, scaled to a preview of this width."""
    scale = width_px / analysis.info.width_px
    x, y, width, height = (round(scale * side) for side in map(int, analysis.boxes_px[frame]))
    return Box(x, y, max(width, 1), max(height, 1))
