"""A person and their shadow on the ground."""

import numpy as np

from pushoff.video.tracking.shadow import without_shadow
from pushoff.video.tracking.silhouette import PackedMasks, outline_bounds

COUNT, GROUND_PX = 40, 150


def jumping(shadow: bool) -> tuple[PackedMasks, np.ndarray, np.ndarray]:
    """A body 20 x 80 px that bounces to the right, with a flat shadow on the ground."""
    masks, bounds = PackedMasks((200, 400)), []
    for index in range(COUNT):
        mask = np.zeros((200, 400), np.uint8)
        lift = round(20 * abs(np.sin(index / 3)))
        left = 20 + 8 * index
        mask[GROUND_PX - 80 - lift : GROUND_PX - lift, left : left + 20] = 1
        if shadow:
            mask[GROUND_PX + 1 : GROUND_PX + 9, left - 15 : left + 45] = 1
        masks.append(mask)
        bounds.append(outline_bounds(mask))
    outlines = np.array(bounds)
    return masks, outlines, outlines[:, 4:]


def test_a_shadow_below_the_ground_is_cut_off():
    """The outline then ends at the person's feet, in flight and on the ground."""
    masks, bounds, centres = jumping(shadow=True)
    assert bounds[:, 3].max() > GROUND_PX + 5
    alone = without_shadow(masks, bounds, centres, 100.0, np.ones(COUNT, bool))
    assert (alone[:, 3] <= GROUND_PX + 5).all()
    assert np.abs(alone[:, 1] - bounds[:, 1]).max() <= 1


def test_without_a_shadow_the_outline_stays():
    """Nothing comes apart in flight, so nothing is cut off."""
    masks, bounds, centres = jumping(shadow=False)
    alone = without_shadow(masks, bounds, centres, 100.0, np.ones(COUNT, bool))
    assert np.array_equal(alone[:, [1, 3]], bounds[:, [1, 3]])
