import pytest

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config
from pushoff.values import Label


def config(*choices, image='<Image name="img" value="$photo"/>', over="img"):
    return (
        f'<View>{image}<Choices name="kind" toName="{over}">'
        + "".join(choices)
        + "</Choices></View>"
    )


@pytest.mark.parametrize("foot", [True, False])
def test_our_own_config_is_understood(foot):
    """What we create we can read, with hotkeys, and the foot as asked."""
    xml = build_label_config(foot)
    interface = parse_label_config(xml)
    assert ("choice", "image", "image") == (
        interface.from_name, interface.to_name, interface.image_key,
    )  # fmt: skip
    assert {Label.PUSH_OFF: "push_off", Label.NOT_PUSH_OFF: "not_push_off"} == interface.choices
    assert foot == ('name="foot"' in xml)
    assert interface.foot_name == ("foot" if foot else None)
    assert interface.feet == ({"left": "left", "right": "right"} if foot else {})
    assert 'hotkey="1"' in xml


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Push off", "Not push off"),
        ("PUSH-OFF", "NOT-PUSH-OFF"),
        ("pushOff", "noPushOff"),
        ("push_off", "non push-off"),
    ],
)
def test_other_spellings_are_recognised_and_kept(yes, no):
    """A project that existed before keeps its own label names."""
    xml = config(f'<Choice value="{no}"/>', f'<Choice value="{yes}"/>')
    interface = parse_label_config(xml)
    assert {Label.PUSH_OFF: yes, Label.NOT_PUSH_OFF: no} == interface.choices
    assert ("kind", "img", "photo") == (
        interface.from_name, interface.to_name, interface.image_key,
    )  # fmt: skip


def test_an_alias_is_what_results_say():
    """Label Studio writes the alias into annotations; older results may hold the value."""
    xml = config(
        '<Choice value="Abdruck" alias="push_off"/>',
        '<Choice value="Nichts" predicted_values="not_push_off,none"/>',
    )
    interface = parse_label_config(xml)
    assert {Label.PUSH_OFF: "push_off", Label.NOT_PUSH_OFF: "Nichts"} == interface.choices
    assert Label.PUSH_OFF is interface.spellings["Abdruck"]


def test_other_choices_are_passed_over():
    """The first Choices over an image that has both classes is the one."""
    other = '<Choices name="light" toName="img"><Choice value="dark"/></Choices>'
    xml = config('<Choice value="push_off"/>', '<Choice value="not_push_off"/>')
    assert "kind" == parse_label_config(xml.replace("<View>", f"<View>{other}")).from_name


BOMB = (
    '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<View><Header value='&b;'/></View>"
)
OUTSIDE = '<!DOCTYPE v [<!ENTITY x SYSTEM "file:///etc/passwd">]><View>&x;</View>'


@pytest.mark.parametrize(("attributes", "is_ours"), [('editable="false"', True), ("", False)])
def test_a_field_that_annotators_write_into_is_theirs(attributes, is_ours):
    """What we put there would be submitted as their answer."""
    area = f'<TextArea name="reason" toName="img" {attributes}/></View>'
    xml = config('<Choice value="push_off"/>', '<Choice value="not_push_off"/>')
    interface = parse_label_config(xml.replace("</View>", area))
    assert interface.reason_name == ("reason" if is_ours else None)
