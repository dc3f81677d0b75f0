import io
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pushoff.errors import MediaRefused
from pushoff.studio.media.images import decode_image


def encoded(image, kind="PNG", **how):
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def corner():
    """Red in the top left quarter, black elsewhere."""
    pixels = np.zeros((32, 48, 3), np.uint8)
    pixels[:16, :24, 0] = 250
    return Image.fromarray(pixels)


def test_rgb_comes_back_exactly():
    """A PNG's pixels are decoded exactly, in RGB order."""
    assert np.array_equal(np.asarray(corner()), decode_image(encoded(corner())))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_gives_the_upright_image(orientation):
    """A phone's rotated photo equals the upright one."""
    turned = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]  # fmt: skip
    image = corner()
    for step in turned:
        image = image.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(np.asarray(corner()), decode_image(encoded(image, exif=exif)))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "YCbCr"])
def test_every_mode_becomes_rgb(mode):
    """Gray, palette, alpha and print images are used like others."""
    kind = "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"
    image = decode_image(encoded(corner().convert(mode), kind))
    assert ((32, 48, 3), np.uint8) == (image.shape, image.dtype)
    assert image[:16, :24, 0].mean() > image[16:].mean() + 30


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind):
    """Half of white stays half of white."""
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (8, 1))
    image = decode_image(encoded(Image.fromarray(ramp), kind))
    assert (0, 255) == (image[0, 0, 0], image[0, -1, 0])
    assert 120 <= image[0, 32, 0] <= 135


def test_transparent_is_white():
    """Cut-outs are laid on white."""
    image = decode_image(encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))
    assert 255 == image.min()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_gives_its_first_frame(kind):
    """One task is one frame."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    kept = {"save_all": True, "append_images": frames[1:], "duration": 100}
    image = decode_image(encoded(frames[0], kind, **kept))
    assert image[0, 0, 0] > 200 > 50 > image[0, 0, 2]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_odd_sizes_are_images_too(size):
    """Thin and tiny images do no harm."""
    assert (size[1], size[0], 3) == decode_image(encoded(Image.new("RGB", size))).shape


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_before_it_is_decoded():
    """12000 x 12000 pixels in 420 KB cost neither memory nor time."""
    bomb = encoded(Image.new("1", (12000, 12000)))
    began = time.monotonic()
    with pytest.raises(MediaRefused, match="12000 x 12000"):
        decode_image(bomb)
    assert time.monotonic() - began < 0.5


def test_a_bomb_beyond_pillows_own_limit_is_refused_too():
    """Pillow's own alarm becomes the same sentence."""
    png = bytearray(encoded(Image.new("1", (8, 8))))
    png[16:24] = (60000).to_bytes(4, "big") * 2
    import zlib

    png[29:33] = zlib.crc32(png[12:29]).to_bytes(4, "big")
    with pytest.raises(MediaRefused):
        decode_image(bytes(png))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes"),
        (b"hello, not an image", "not an image"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
            "SVG",
        ),
        (b"%PDF-1.7 ...", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "EPS"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"<!DOCTYPE html><html>", "web page"),
        (encoded(corner(), "JPEG")[:400], "damaged"),
        (encoded(corner(), "PNG")[:80], "damaged"),
    ],
)
def test_what_is_not_an_image_is_refused(data, says):
    """The message says what is wrong with the file."""
    with pytest.raises(MediaRefused, match=says):
        decode_image(data)


JPEG, PNG = encoded(corner(), "JPEG"), encoded(corner(), "PNG")


@given(st.sampled_from([JPEG, PNG]), st.integers(0, 10**6), st.binary(min_size=1, max_size=20))
def test_damaged_files_are_decoded_or_refused(data, at, noise):
    """No damaged file raises anything else."""
    at %= len(data)
    try:
        assert 3 == decode_image(data[:at] + noise + data[at + len(noise) :], 10**6).ndim
    except MediaRefused:
        pass
