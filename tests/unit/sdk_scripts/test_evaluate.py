"""What `pushoff evaluate` warns of."""

from sdk_scripts.evaluate import evidence_warnings


def test_each_warning_is_a_sentence():
    """How many of how many, and which are copies of which; nothing where all is held out."""
    assert [] == evidence_warnings(3, 0, {})
    known, twice = evidence_warnings(5, 2, {"x/a.mp4": "a.mp4"})
    assert "2 of these 5 clips" in known
    assert "1 of these 5 clips" in twice and "x/a.mp4 of a.mp4" in twice
