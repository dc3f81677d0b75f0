import pytest

from pushoff.errors import Unsafe
from pushoff.util.ids import check_id, check_session_id, check_video_id, is_id


def test_sixteen_hex_digits_are_an_id():
    """The id comes back unchanged."""
    assert is_id("0123456789abcdef")
    assert check_id("0123456789abcdef", "video id") == "0123456789abcdef"


@pytest.mark.parametrize(
    "text", ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcde/",
             "0123456789abcdef\n", "../../etc/passwd", "٠" * 16]
)  # fmt: skip
def test_anything_else_is_refused_by_kind(text):
    """No upper case, no other script's digits, no trailing newline, no path."""
    assert not is_id(text)
    for check, kind in ((check_video_id, "video id"), (check_session_id, "session id")):
        with pytest.raises(Unsafe, match=kind):
            check(text)


def test_a_long_text_is_shortened_in_the_message():
    """A message stays one line."""
    with pytest.raises(Unsafe) as refused:
        check_id("x" * 10_000, "video id")
    assert len(str(refused.value)) < 120
