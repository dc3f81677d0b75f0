"""What `pushoff evaluate` warns of."""

import json

from sdk_scripts.evaluate import evidence_warnings

CLIP = {"fps": 30, "frames": 20, "events": [{"frame": 7, "type": "push_off"}]}


def test_each_warning_is_a_sentence():
    """How many of how many, and which are copies of which; nothing where all is held out."""
    assert [] == evidence_warnings(3, 0, {})
    known, twice = evidence_warnings(5, 2, {"x/a.mp4": "a.mp4"})
    assert "2 of these 5 clips" in known
    assert "1 of these 5 clips" in twice and "x/a.mp4 of a.mp4" in twice


def test_the_rules_are_no_version(pushoff, tmp_path):
    """Both at once are refused before any clip is analysed."""
    (tmp_path / "a.mp4").write_bytes(b"never decoded")
    (tmp_path / "events.json").write_text(json.dumps({"a.mp4": CLIP}))
    result = pushoff("evaluate", "--clips", tmp_path, "--rules", "--model", "resnet18-v1-abcdef")
    assert (result.code, result.out) == (1, "")
    assert "not both" in result.err
