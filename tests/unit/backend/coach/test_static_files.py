"""Style and scripts on their way."""

import pytest

from tests.coach_kept import KeptRig

ADDRESS = "/coach/static/vendor/tus.min.js"


def test_a_file_comes_packed_to_browsers_that_unpack_it(kept: KeptRig) -> None:
    """Packed and plain are the same text, and packed is less than half of it over the wire."""
    packed, plain = (
        kept.client.get(ADDRESS, headers={"Accept-Encoding": one}) for one in ("gzip", "identity")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    sent = [int(one.headers["content-length"]) for one in (packed, plain)]
    assert 2 * sent[0] < sent[1]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_file_the_browser_has_is_not_sent_again(kept: KeptRig, encoding: str) -> None:
    """Asked with the tag it came with, the answer is a bare 304."""
    accepted = {"Accept-Encoding": encoding}
    tag = kept.client.get(ADDRESS, headers=accepted).headers["etag"]
    again = kept.client.get(ADDRESS, headers={**accepted, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
