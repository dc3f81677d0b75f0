"""pushoff/studio/config/label_names.py: spellings of the two labels."""

from xml.etree.ElementTree import fromstring

import pytest

from pushoff.studio.config.label_names import (
    PushOffKind,
    label_for,
    label_spellings,
    object_tags,
    push_off_kind,
    target_of,
)
from pushoff.values import Label


@pytest.mark.parametrize("name", ["push_off", "Push-off", "PUSH OFF", "pushOff"])
def test_case_and_punctuation_do_not_matter(name):
    """Also with not, no or non before it."""
    assert label_for(name) is Label.PUSH_OFF
    for prefix in ("not", "No", "NON-"):
        assert label_for(f"{prefix} {name}") is Label.NOT_PUSH_OFF


def test_short_names_are_understood():
    """`push` and `not_push`, as people called these folders and choices before."""
    assert label_for("push") is Label.PUSH_OFF
    assert label_for("not_push") is Label.NOT_PUSH_OFF


@pytest.mark.parametrize("names", [(), ("",), ("pushed",), ("not a push off",), ("off push",)])
def test_other_names_mean_no_label(names):
    """Nothing is guessed."""
    assert label_for(*names) is None


def test_results_have_the_alias_where_there_is_one():
    """Both value and alias are read."""
    root = fromstring(
        '<Choices><Choice value="Abdruck" alias="push_off"/><Choice value="other"/>'
        '<Choice value="Rest" predicted_values="none,not_push_off"/></Choices>'
    )
    texts, spellings = label_spellings(root)
    assert texts == {Label.PUSH_OFF: "push_off", Label.NOT_PUSH_OFF: "Rest"}
    assert spellings == {
        "Abdruck": Label.PUSH_OFF,
        "push_off": Label.PUSH_OFF,
        "Rest": Label.NOT_PUSH_OFF,
    }


def test_tags_name_their_target_and_data_key():
    """A control tag may have several targets; the first counts."""
    root = fromstring(
        '<View><Image name="a" value="$photo"/><Image name="b" value="fixed.jpg"/>'
        '<Choices name="c" toName="a, b"/></View>'
    )
    assert object_tags(root, "Image") == {"a": "photo"}
    assert target_of(root[2]) == "a"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Left", PushOffKind("left")),
        ("push-off right", PushOffKind("right")),
        ("right foot", PushOffKind("right")),
        ("Approach step", PushOffKind(approach=True)),
        ("running step, left", PushOffKind("left", approach=True)),
        ("left approach", PushOffKind("left", approach=True)),
        ("push_off", None),
        ("not_push_off left", None),
        ("leftover", None),
        ("", None),
    ],
)
def test_foot_and_running_step_are_read_from_a_name(name, kind):
    """Whatever its spelling; a plain label says neither."""
    assert push_off_kind(name) == kind
