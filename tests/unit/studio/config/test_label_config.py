"""pushoff/studio/config/label_config.py: which kind of interface a label config is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput, LabelConfigWrong
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import (
    parse_label_config,
    require_frame_interface,
)
from pushoff.studio.config.timeline import build_timeline_config


def config(*choices, image='<Image name="img" value="$photo"/>', over="img"):
    return (
        f'<View>{image}<Choices name="kind" toName="{over}">'
        + "".join(choices)
        + "</Choices></View>"
    )


BOMB = (
    '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<View><Header value='&b;'/></View>"
)


OUTSIDE = '<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/passwd">]><View>&x;</View>'


@pytest.mark.parametrize(
    "xml",
    [
        "", "not xml", "<View>", "<View/>", BOMB, OUTSIDE, None, 5,
        config('<Choice value="push_off"/>'),
        config('<Choice value="push_off"/>', '<Choice value="other"/>'),
        config('<Choice value="push_off"/>', '<Choice value="not_push_off"/>', over="nothing"),
        config('<Choice value="push_off"/>', '<Choice value="not_push_off"/>',
               image='<Text name="img" value="$photo"/>'),
        "<View>" + " " * 1_000_001 + "</View>",
    ],
)  # fmt: skip
def test_configs_without_both_classes_over_an_image_are_refused(xml):
    """No DTD or entity is expanded."""
    with pytest.raises(LabelConfigWrong):
        parse_label_config(xml)


@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused(text):
    """A label config may be anything."""
    for xml in (text, f"<View>{text}</View>", f'<View><Choices name="{text}"/></View>'):
        with pytest.raises(LabelConfigWrong):
            parse_label_config(xml)


FRAMES = parse_label_config(build_label_config())
VIDEOS = parse_label_config(build_timeline_config())


def test_an_interface_of_the_required_kind_is_returned():
    """Callers that need one kind get it typed."""
    assert require_frame_interface(FRAMES) is FRAMES


def test_an_interface_of_the_other_kind_is_refused():
    """The error has a code of its own and says what to do."""
    with pytest.raises(BadInput) as refused:
        require_frame_interface(VIDEOS)
    assert refused.value.code == "labels_videos"
    assert refused.value.remedy
