"""The keys that a label config names."""

import pytest

from pushoff.studio.config.answer_keys import AnswerKeys, answer_keys
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.config.timeline import build_timeline_config
from pushoff.values import Label

IMAGE = '<Image name="image" value="$image"/>'
TIMELINE = '<Video name="v" value="$film"/><TimelineLabels name="tl" toName="v">'


def keys_of(xml: str) -> AnswerKeys:
    return answer_keys(xml, parse_label_config(xml))


@pytest.mark.parametrize("strip", [True, False])
def test_our_own_config_names_both_keys(strip):
    """And whether it shows the strip."""
    assert keys_of(build_label_config(foot=True, strip=strip)) == AnswerKeys(
        {Label.PUSH_OFF: "1", Label.NOT_PUSH_OFF: "2"}, shows_strip=strip
    )


def test_our_own_timeline_names_the_key_of_the_tick():
    """Beside those of the two spans."""
    assert keys_of(build_timeline_config()) == AnswerKeys(
        {Label.PUSH_OFF: "1", Label.NOT_PUSH_OFF: "2"}, complete="3"
    )


def test_a_config_without_keys_has_none():
    """Label Studio numbers the answers in their order, which may be the other one."""
    choices = '<Choice value="not_push_off"/><Choice value="push_off"/>'
    xml = f'<View>{IMAGE}<Choices name="c" toName="image">{choices}</Choices></View>'
    assert keys_of(xml) == AnswerKeys({})
    labels = '<Label value="landing"/><Label value="push_off"/></TimelineLabels>'
    assert keys_of(f"<View>{TIMELINE}{labels}</View>") == AnswerKeys({})


def test_other_answers_keys_are_not_taken_for_ours():
    """Nor those of another question over the same picture."""
    other = '<Choices name="light" toName="image"><Choice value="dark" hotkey="d"/></Choices>'
    choices = (
        '<Choice value="unclear" hotkey="u"/><Choice value="Abdruck" alias="push_off" hotkey="p"/>'
        '<Choice value="not_push_off" hotkey="n"/>'
    )
    xml = f'<View>{IMAGE}{other}<Choices name="c" toName="image">{choices}</Choices></View>'
    assert keys_of(xml).labels == {Label.PUSH_OFF: "p", Label.NOT_PUSH_OFF: "n"}
