"""The tree of errors: messages, codes and remedies."""

import inspect

import pytest

from pushoff import errors
from pushoff.errors import PushoffError, VideoProblem, VideoRefused

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, PushoffError) and kind is not VideoRefused
]


@pytest.mark.parametrize("kind", CLASSES)
def test_the_remedy_ends_the_message(kind):
    """Code, message and remedy stay apart; the text has the message and the remedy."""
    error = kind("It is full.", code="full", remedy="Empty it.")
    assert str(error) == error.explanation == "It is full. Empty it."
    assert (error.message, error.code, error.remedy) == ("It is full.", "full", "Empty it.")
    assert str(kind("It is full.")) == kind("It is full.").explanation == "It is full."
    assert str(kind("the disk is full", remedy="Empty it.")) == "the disk is full. Empty it."


def test_the_tree_in_the_docstring_is_the_tree_of_classes():
    """Every class is listed, below its base class."""
    lines = errors.__doc__.splitlines()
    listed = {line.split("── ")[1].split()[0]: line.index("──") for line in lines if "── " in line}
    assert set(listed) == {kind.__name__ for kind in CLASSES if kind is not PushoffError} | {
        "VideoRefused"
    }
    for kind in (*CLASSES, VideoRefused):
        base = kind.__mro__[1].__name__
        if base in listed:
            assert listed[base] < listed[kind.__name__], kind


def test_a_refused_video_is_named_in_the_text_only():
    """The explanation is for owners, who do not know the file's name in storage."""
    refusal = VideoRefused("It is cut off.", code=VideoProblem.CUT_OFF, remedy="Upload it again.")
    assert str(refusal) == refusal.explanation
    refusal.video_name = "000.mp4"
    assert str(refusal) == f"000.mp4: {refusal.explanation}"
