"""pushoff/studio/predictions.py: the regions of a prediction. Pushing is an integration test."""

import pytest

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config, require_frame_interface
from pushoff.studio.predictions import choice_region, reason_region, suggested_region
from pushoff.values import Label, Suggestion

INTERFACE = require_frame_interface(parse_label_config(build_label_config()))


@pytest.mark.parametrize(
    ("suggestion", "choice", "score"),
    [
        (Suggestion(Label.PUSH_OFF, 0.9), "push_off", 0.9),
        (Suggestion(Label.PUSH_OFF, 0.3), "push_off", 0.3),
        (Suggestion(Label.NOT_PUSH_OFF, 0.1), "not_push_off", 0.9),
        (Suggestion(Label.NOT_PUSH_OFF, 0.6), "not_push_off", 0.4),
    ],
)
def test_the_suggested_label_is_preselected_with_its_own_probability(suggestion, choice, score):
    """Whatever the probability: which label is suggested is not decided here."""
    region = suggested_region(INTERFACE, suggestion)
    assert region["value"] == {"choices": [choice]}
    assert region["score"] == pytest.approx(score)
    assert {key: region[key] for key in choice_region(INTERFACE, suggestion.label)} == (
        choice_region(INTERFACE, suggestion.label)
    )


def test_the_line_under_a_frame_is_a_region_of_its_own():
    """In the label config's TextArea, over the same image."""
    region = reason_region(INTERFACE, "Picked at random.")
    assert region["value"] == {"text": ["Picked at random."]}
    assert (region["from_name"], region["to_name"]) == (INTERFACE.reason_name, INTERFACE.to_name)
