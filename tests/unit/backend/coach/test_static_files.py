"""backend/coach/static_files.py: compression and caching."""

import pytest

from tests.coach_sessions import KeptRig

ADDRESS = "/coach/static/vendor/tus.min.js"


def test_static_files_are_compressed(kept: KeptRig) -> None:
    """For browsers that accept gzip; the content is the same."""
    packed, plain = (
        kept.client.get(ADDRESS, headers={"Accept-Encoding": one}) for one in ("gzip", "identity")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    sent = [int(one.headers["content-length"]) for one in (packed, plain)]
    assert 2 * sent[0] < sent[1]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_unchanged_static_file_is_not_sent_again(kept: KeptRig, encoding: str) -> None:
    """304 for its ETag."""
    accepted = {"Accept-Encoding": encoding}
    tag = kept.client.get(ADDRESS, headers=accepted).headers["etag"]
    again = kept.client.get(ADDRESS, headers={**accepted, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
