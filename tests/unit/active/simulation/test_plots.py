"""Learning curves drawn as a PNG."""

import io

from PIL import Image

from pushoff.active.simulation.plots import curves_png
from tests.unit.active.simulation.test_statistics import CURVES


def test_the_curves_of_every_strategy_are_one_image():
    """A PNG of the size asked for, in which something is drawn."""
    image = Image.open(io.BytesIO(curves_png(CURVES, "numbers")))
    assert image.format == "PNG" and image.size == (770, 506)
    assert len(image.convert("RGB").getcolors(2**20)) > 10
