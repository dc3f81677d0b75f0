"""pushoff/util/timestamps.py: times as the database stores them."""

import re
from datetime import datetime, timedelta

from pushoff.util.timestamps import ago, now


def test_a_time_is_iso_8601_in_utc_with_milliseconds():
    """All have the same length, so that they sort as text."""
    text = now()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert abs(datetime.fromisoformat(text).timestamp() - datetime.now().timestamp()) < 60


def test_an_earlier_time_sorts_first():
    """`ago` is that long before `now`."""
    earlier, later = ago(timedelta(days=2)), now()
    assert earlier < later
    difference = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    assert abs(difference - timedelta(days=2)) < timedelta(seconds=60)
