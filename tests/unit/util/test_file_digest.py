import hashlib

import pytest

from pushoff.errors import BadInput
from pushoff.util.file_digest import sha256_of


@pytest.mark.parametrize("data", [b"", b"abc", bytes(3 * 2**20)])
def test_it_is_the_sha256_of_the_bytes(tmp_path, data):
    """Also of files larger than one read."""
    (tmp_path / "file").write_bytes(data)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(data).hexdigest()


def test_a_missing_file_is_named(tmp_path):
    """The caller gave a path that cannot be read."""
    with pytest.raises(BadInput, match=r"gone\.mp4"):
        sha256_of(tmp_path / "gone.mp4")
