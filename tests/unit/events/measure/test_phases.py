"""The phases of a drill and their ratio."""

import pytest

from pushoff.events.measure.phases import DistanceResult, Phase


def phase(name: str, share: float | None) -> Phase:
    return Phase(name, 10, 20, share_percent=share)


def test_a_ratio_names_its_phases():
    """Shares are whole percentages, as coaches write them."""
    result = DistanceResult((phase("hop", 35.2), phase("step", 29.6), phase("jump", 35.2)))
    assert result.ratio_text == "hop 35 %, step 30 %, jump 35 %"


@pytest.mark.parametrize(
    "phases",
    [(), (phase("1-2", 100.0),), (phase("1-2", 50.0), phase("2-3", None))],
)
def test_no_ratio_of_less_than_two_measured_phases(phases):
    """With one phase, or one that was not measured, there is no ratio."""
    assert DistanceResult(phases).ratio_text is None
