"""`pushoff simulate` on tiny data, as a person types it."""

import json

import numpy as np
import pytest
from PIL import Image

QUICK = ("--weights", "none", "--size-px", 32, "--seeds", 2, "--batch", 6)


@pytest.fixture
def pictures(tmp_path):
    """Four athletes, bright when they jump and dark when they run."""
    rng = np.random.default_rng(1)
    for name, light in (("jump", 200), ("run", 60)):
        folder = tmp_path / "pictures" / "train" / name
        folder.mkdir(parents=True)
        for athlete in range(4):
            for frame in range(6):
                pixels = rng.integers(light - 40, light + 40, (32, 32, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"athlete{athlete}_{frame:04d}.jpg")
    return tmp_path / "pictures"


def test_pictures_are_replayed_and_written(pushoff, pictures, tmp_path):
    """A table on the terminal; JSON with each curve, and the curves as a picture beside it."""
    words = ("--strategy", "random", "--strategy", "margin", "--budget", 18, "--out", "out.json")
    said = pushoff("simulate", pictures, *QUICK, *words)
    assert 0 == said.code, said.err
    assert "48 frames, 24 positive, 4 athletes" in said.out and "| margin |" in said.out
    told = json.loads((tmp_path / "out.json").read_text())
    assert {"random", "margin"} == {one["strategy"] for one in told["strategies"]}
    assert 4 == len(told["curves"]) and [10, 16, 18] == told["curves"][0]["labels"]
    assert "unknown" == told["footage"] and 4 == told["athletes"]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_rendered_drills_are_called_synthetic(pushoff):
    """Three drills, rendered and replayed; nothing measured on them passes for real."""
    said = pushoff("simulate", "--synthetic", 3, *QUICK, "--strategy", "random", "--budget", 16)
    assert 0 == said.code, said.err
    assert "3 rendered drills (synthetic;" in said.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "either a folder or --synthetic"),
        (("nowhere",), "nowhere is not a folder"),
        (("--synthetic", 2), "at least 3 drills"),
        (("pictures", "--positive", "fly"), "no folder 'fly'"),
        (("pictures", "--strategy", "best"), "use one of random"),
        (("pictures", "--out", "no/where.json"), "in an existing folder"),
    ],
)
def test_what_cannot_be_replayed_is_refused(pushoff, pictures, words, says):
    """One sentence with what was asked and what to do."""
    said = pushoff("simulate", *words, *QUICK)
    assert (1, "") == (said.code, said.out)
    assert says in said.err


def test_a_picture_needs_its_athlete_and_frame(pushoff, pictures):
    """A name that does not say whose frame it is, and a file that is no picture."""
    wrong = pictures / "train" / "run" / "photo.jpg"
    Image.new("RGB", (32, 32)).save(wrong)
    assert "<athlete>_<frame>.jpg" in pushoff("simulate", pictures, *QUICK).err
    wrong.write_bytes(b"no picture")
    assert "is not a readable image" in pushoff("simulate", pictures, *QUICK).err
