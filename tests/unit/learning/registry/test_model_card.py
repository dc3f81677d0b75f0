import dataclasses
import json

import pytest

from pushoff.errors import ModelRefused
from pushoff.learning.registry.model_card import card_json, parse_card
from tests.unit.learning.evaluation.evaluation_samples import scorecard
from tests.unit.learning.learning_samples import card

SCORED = card(scorecard=scorecard())


def test_a_scorecard_without_unaided_scores_is_read():
    """The fields about labels given without a suggestion are optional: nothing is known."""
    raw = json.loads(card_json(SCORED))
    for name in ("unaided_frames", "unaided_f1"):
        del raw["scorecard"][name]
    old = parse_card(json.dumps(raw))
    assert (0, None) == (old.scorecard.unaided_frames, old.scorecard.unaided_f1)
    assert old.scorecard == dataclasses.replace(SCORED.scorecard, unaided_frames=0)


def test_a_card_survives_a_round_trip():
    """Written and read again, a card is the same, whether the unaided F1 is known or not."""
    known = dataclasses.replace(SCORED.scorecard, unaided_f1=0.75)
    for each in (SCORED, dataclasses.replace(SCORED, scorecard=known)):
        assert each == parse_card(card_json(each))


@pytest.mark.parametrize(
    ("field", "value"),
    [("scorecard.unaided_f1", "high"), ("scorecard.confusion", [1, 2, 3]), ("mean", [0.5, 0.5]),
     ("size_px", 160.5), ("scorecard.f1_interval", [0.5]), ("seed", None), ("colour", "red"),
     ("scorecard.f1", True), ("notes", [1])],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_refused_by_name(field, value):
    """A number that is text, a tuple of the wrong length, an unknown field: refused, named."""
    raw = json.loads(card_json(SCORED))
    *path, name = field.split(".")
    (raw[path[0]] if path else raw)[name] = value
    with pytest.raises(ModelRefused, match=field):
        parse_card(json.dumps(raw))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_must_be_finite(number):
    """NaN and infinity make a card unusable wherever they stand."""
    text = card_json(SCORED).replace('"brier": 0.05', f'"brier": {number}', 1)
    assert number in text
    with pytest.raises(ModelRefused, match=number):
        parse_card(text)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"format": 99}', "{}"])
def test_what_is_not_a_card_of_this_format_is_refused(text):
    """Text that is not JSON, not an object or of another format."""
    with pytest.raises(ModelRefused):
        parse_card(text)


def test_a_card_of_an_earlier_format_is_refused_with_what_to_do():
    """That of a model of single frames or of events, which had classes and a threshold."""
    raw = json.loads(card_json(SCORED)) | {"format": 1, "classes": ["not_push_off", "push_off"]}
    with pytest.raises(ModelRefused) as refused:
        parse_card(json.dumps(raw))
    assert refused.value.remedy
