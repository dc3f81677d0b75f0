"""Crops of a video's frames."""

import numpy as np

from pushoff.learning.frame.crops import frame_crops
from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.values import Box
from pushoff.video.decoding.probe import probe


def test_there_is_a_crop_for_each_box(tmp_path):
    """In batches of square crops, no more than there are boxes or frames."""
    video = tmp_path / "hops.mp4"
    render_drill(video, DrillSpec(seed=1, push_offs=1, capture_fps=30, width_px=160, height_px=96))
    info = probe(video, 30)
    boxes = [Box(20, 10, 30, 60)] * 70
    crops = np.concatenate(list(frame_crops(video, info, boxes, 32)))
    few = np.concatenate(list(frame_crops(video, info, boxes[:5], 32)))
    assert crops.shape[1:] == (32, 32, 3) and crops.dtype == np.uint8
    assert len(crops) == min(len(boxes), info.declared_frames) and len(few) == 5
    assert np.array_equal(few, crops[:5])
