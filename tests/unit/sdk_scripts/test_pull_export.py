"""`pushoff export pull`."""


def test_without_label_studio_nothing_is_stored(pushoff, tmp_path, monkeypatch):
    """The missing connection is named, and there is no snapshot."""
    monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_TOKEN", "canary-token")
    answer = pushoff("export", "pull", "--project", 7)
    assert answer.code != 0 and answer.out == ""
    assert "http://127.0.0.1:9" in answer.err and "canary-token" not in answer.err
    assert not list(tmp_path.rglob("exports/*"))
