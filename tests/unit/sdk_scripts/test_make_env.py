"""`pushoff env`: a file of random secrets."""

import stat

from sdk_scripts.make_env import EXAMPLE, PLACEHOLDER, read_env


def test_every_placeholder_becomes_a_secret(pushoff, tmp_path):
    """Each its own; all other lines are those of the example; only the owner may read it."""
    assert pushoff("env").code == 0
    written, example = read_env(tmp_path / ".env"), read_env(EXAMPLE)
    assert written.keys() == example.keys()
    secrets = [written[name] for name, value in example.items() if value == PLACEHOLDER]
    assert len(secrets) == len(set(secrets)) > 1
    assert all(len(secret) >= 30 for secret in secrets)
    assert all(written[name] == value for name, value in example.items() if value != PLACEHOLDER)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_an_existing_file_is_never_overwritten(pushoff, tmp_path):
    """It may hold the only copy of its secrets."""
    (tmp_path / ".env").write_text("KEPT=1\n")
    assert pushoff("env").code != 0
    assert read_env(tmp_path / ".env") == {"KEPT": "1"}
    assert read_env(tmp_path / "absent") == {}
