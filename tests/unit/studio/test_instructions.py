"""What annotators read first."""

from importlib.resources import files

import pytest

from pushoff.studio.config.answer_keys import answer_keys
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.config.timeline import build_timeline_config
from pushoff.studio.instructions import PICTURES, instructions

FRAMES, VIDEOS = build_label_config(), build_timeline_config()
OWN_FRAMES = (
    '<View><Image name="i" value="$image"/><Choices name="c" toName="i">'
    '<Choice value="not_push_off"/><Choice value="push_off"/></Choices></View>'
)
OWN_VIDEOS = (
    '<View><Video name="v" value="$film"/><TimelineLabels name="tl" toName="v">'
    '<Label value="landing"/><Label value="push_off"/></TimelineLabels></View>'
)


def text_for(xml: str, *addresses: str) -> str:
    interface = parse_label_config(xml)
    return instructions(addresses, interface, answer_keys(xml, interface))


@pytest.mark.parametrize("xml", [FRAMES, VIDEOS])
def test_the_text_is_one_line_with_both_pictures(xml):
    """Label Studio would show line breaks, and drops styles and data: addresses."""
    text = text_for(xml, "/a.jpg", "/b.jpg")
    assert "\n" not in text and "style=" not in text and "data:" not in text
    assert text.count("<img") == 2
    assert "12.5 ms" in text and "mid-stance" in text and "Ctrl+Enter" in text


def test_without_a_storage_the_text_stands_alone():
    """Frames that are uploaded by hand have no folder of ours beside them."""
    assert "<img" not in text_for(FRAMES)
    assert "<table" not in text_for(FRAMES)


def test_the_keys_are_those_of_the_label_config():
    """Ours, and those of somebody else's config."""
    assert "<b>1</b> is push_off and <b>2</b> not_push_off" in text_for(FRAMES)
    assert "with <b>1</b>:" in text_for(VIDEOS) and "<b>3</b> says" in text_for(VIDEOS)
    own = OWN_VIDEOS.replace('value="push_off"', 'value="push_off" hotkey="p"')
    assert "with <b>p</b>:" in text_for(own)


def test_no_key_is_named_that_the_label_config_does_not_name():
    """Label Studio gives 1 to the first answer: here not_push_off, and the landing."""
    for xml in (OWN_FRAMES, OWN_VIDEOS):
        assert "<b>1</b>" not in text_for(xml) and "<b>3</b>" not in text_for(xml)
    assert "as push_off:" in text_for(OWN_VIDEOS)


def test_the_strip_is_named_only_where_it_is_shown():
    """A config of one's own, or for an older Label Studio, has none."""
    assert "strip" in text_for(FRAMES)
    for xml in (OWN_FRAMES, build_label_config(strip=False), VIDEOS):
        assert "strip" not in text_for(xml)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_small(name):
    """JPEGs of less than 30 kB, shipped with the package."""
    data = files("pushoff.studio.config").joinpath(name).read_bytes()
    assert data.startswith(b"\xff\xd8\xff") and len(data) < 30_000
