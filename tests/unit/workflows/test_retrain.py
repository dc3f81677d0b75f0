"""Few labels train heads, not the network."""

import pytest

from pushoff.errors import TooFewLabels
from pushoff.workflows.retrain import require_labels


@pytest.mark.parametrize("labels", [40, 41, 1000])
def test_enough_labels_are_trained_on(labels):
    """The minimum itself is enough."""
    require_labels(labels, 40)


@pytest.mark.parametrize("labels", [0, 39])
def test_too_few_labels_are_refused_with_the_numbers(labels):
    """How many there are, how many are needed, how many are missing."""
    with pytest.raises(TooFewLabels) as refused:
        require_labels(labels, 40)
    assert refused.value.code == "too_few_to_retrain"
    assert refused.value.message.startswith(f"{labels} usable labels, 40 are needed")
    assert str(40 - labels) in refused.value.remedy
