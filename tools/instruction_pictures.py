"""The two pictures in the instructions of a project in Label Studio, from a rendered drill.

    .venv/bin/python -m tools.instruction_pictures

A foot in the last frame with ground contact, and the same foot one frame later at 30/s. Each is
less than 30 kB.
"""

import io
from pathlib import Path

import numpy as np
import typer
from PIL import Image

from pushoff.studio.instructions import PICTURES
from pushoff.synthetic.drill import DrillSpec
from pushoff.synthetic.world import World
from pushoff.values import Exercise

SPEC = DrillSpec(
    seed=5,
    exercise=Exercise.STEPS,
    push_offs=3,
    capture_fps=240,
    width_px=1280,
    height_px=720,
    second_person=None,
    k1=0.0,
)
LATER_FRAMES = 8
"""One frame at 30/s."""
LEFT_PX, ABOVE_PX, SIDE_PX = 180, 330, 400
"""The square shown: how far it reaches to the left of the toe and above it, and its side."""
SHOWN_PX = 320
MOST_BYTES = 30_000


def main(out: Path = Path("pushoff/studio/config")) -> None:
    """Write both pictures."""
    world = World(SPEC)
    contact = world.visible_contacts[1]
    last_contact = world.frame_at(contact.up_s)
    x_px, y_px = map(round, world.toe_px(contact, last_contact))
    box = (x_px - LEFT_PX, y_px - ABOVE_PX, x_px - LEFT_PX + SIDE_PX, y_px - ABOVE_PX + SIDE_PX)
    frames = dict(zip((last_contact, last_contact + LATER_FRAMES), PICTURES, strict=True))
    for frame, image in enumerate(world.images()):
        if frame in frames:
            (out / frames[frame]).write_bytes(_jpeg(image, box))


def _jpeg(image: np.ndarray, box: tuple[int, int, int, int]) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(image).crop(box).resize((SHOWN_PX, SHOWN_PX))
    picture.save(buffer, "JPEG", quality=85, optimize=True)
    if len(buffer.getvalue()) > MOST_BYTES:
        raise ValueError(f"a picture has {len(buffer.getvalue()):,} bytes, at most {MOST_BYTES:,}")
    return buffer.getvalue()


if __name__ == "__main__":
    typer.run(main)
