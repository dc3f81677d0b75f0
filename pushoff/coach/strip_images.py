"""Pictures of the athlete out of a session's preview, for film strips."""

from collections.abc import Collection, Iterable

from pushoff.coach.session_files import preview_key
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.storage.object_store import Storage
from pushoff.values import Box


def strip_images(
    storage: Storage, session_id: str, read: VideoAnalysis, strips: Iterable[Collection[int]]
) -> dict[int, bytes]:
    """JPEG of the athlete by frame number, for the frames of each strip; missing ones left out.

    One strip's frames are in memory at a time. Raises VideoRefused when the preview is damaged.
    """
    from pushoff.video.images import athlete_picture
    from pushoff.video.picture import encode_jpeg
    from pushoff.video.preview import preview_pictures

    found: dict[int, bytes] = {}
    with storage.local_copy(preview_key(session_id)) as path:
        for wanted in strips:
            for frame, image in preview_pictures(path, wanted).items():
                if frame < len(read.boxes_px):
                    box = preview_box(read, frame, image.shape[1])
                    found[frame] = encode_jpeg(athlete_picture(image, box), quality=80)
    return found


def preview_box(read: VideoAnalysis, frame: int, width_px: int) -> Box:
    """The athlete's box in a preview so wide."""
    scale = width_px / read.info.width_px
    x, y, width, height = (round(scale * side) for side in map(int, read.boxes_px[frame]))
    return Box(x, y, max(width, 1), max(height, 1))
