import dataclasses
import json

import numpy as np
import pytest

from pushoff.errors import ModelRefused
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.registry.model_card import card_json, parse_card
from tests.unit.learning.learning_samples import card

SCORED = card(scorecard=score(np.array([0.9, 0.2]), np.array([1, 0]), ["a", "b"], "synthetic", 0.5))


def test_cards_of_before_labels_were_told_apart_are_still_read():
    """A card without the newer fields of its scorecard says of them that nothing is known."""
    raw = json.loads(card_json(SCORED))
    for name in ("unaided_frames", "unaided_f1"):
        del raw["scorecard"][name]
    old = parse_card(json.dumps(raw))
    assert (0, None) == (old.scorecard.unaided_frames, old.scorecard.unaided_f1)
    assert old.scorecard == dataclasses.replace(SCORED.scorecard, unaided_frames=0)


def test_a_card_comes_back_as_it_was():
    """Written and read again, a card is the same, whether the unaided F1 is known or not."""
    known = dataclasses.replace(SCORED.scorecard, unaided_f1=0.75)
    for one in (SCORED, dataclasses.replace(SCORED, scorecard=known)):
        assert one == parse_card(card_json(one))


def test_an_unaided_f1_that_is_no_number_is_refused():
    """Text in place of the number makes the card unusable."""
    raw = json.loads(card_json(SCORED))
    raw["scorecard"]["unaided_f1"] = "high"
    with pytest.raises(ModelRefused, match="unaided_f1"):
        parse_card(json.dumps(raw))
