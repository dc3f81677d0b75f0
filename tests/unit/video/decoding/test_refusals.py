"""Refusals that several modules of the decoder raise."""

import inspect

import pytest

from pushoff.video.decoding import refusals

FACTORIES = [
    function
    for _, function in inspect.getmembers(refusals, inspect.isfunction)
    if function.__module__ == refusals.__name__
]


@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_the_code_is_the_name_and_the_remedy_a_sentence(factory):
    """Each says what to do."""
    refusal = factory()
    assert refusal.code == factory.__name__
    assert refusal.message.endswith(".") and refusal.remedy.endswith(".")
