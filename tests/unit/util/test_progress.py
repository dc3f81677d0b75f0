"""Progress keeps its numbers on the way through JSON."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pushoff.util.progress import Progress

COUNTS = st.none() | st.integers(0, 10**9)
SHARES = st.none() | st.floats(0, 10)


@given(st.builds(Progress, st.text(), COUNTS, COUNTS, st.text(), COUNTS, SHARES, SHARES))
def test_it_comes_back_as_it_was(progress: Progress) -> None:
    """Whatever is set; zero is set, None is not."""
    assert Progress.from_dict(json.loads(json.dumps(progress.as_dict()))) == progress


def test_keys_of_another_version_are_ignored() -> None:
    """A page is served by a newer program than the one that runs the job."""
    assert Progress.from_dict({"stage": "decoding", "speed": 3}) == Progress("decoding")
