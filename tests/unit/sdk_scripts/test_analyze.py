"""Where a report may go is known before a video is read."""

import pytest

from pushoff.errors import BadInput
from sdk_scripts.analyze import report_folder


def test_a_folder_to_be_made_is_not_made_yet(tmp_path, monkeypatch):
    """Neither the folder nor anything else is left behind by asking; there or not, it is good."""
    monkeypatch.chdir(tmp_path)
    for named in ("reports/monday", str(tmp_path / "a/b/c"), ".", str(tmp_path)):
        report_folder(named)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("", "--out is empty"),
        ("  ", "--out is empty"),
        ("notes.txt", "notes.txt is a file, not a folder"),
        ("notes.txt/report", "notes.txt is a file, not a folder"),
        ("nowhere", "nowhere is a file, not a folder"),
        ("taken", "report.json in it is a folder"),
        ("x" * 300, "nothing can be written"),
        ("/proc/report", "nothing can be written in /proc"),
    ],
)
def test_what_is_no_folder_for_a_report(tmp_path, monkeypatch, named, says):
    """A file, a link to nothing, a place that cannot be written: a sentence with what was asked."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "taken" / "report.json").mkdir(parents=True)
    with pytest.raises(BadInput, match="--out") as refused:
        report_folder(named)
    assert says in str(refused.value)


def test_a_bad_folder_is_refused_before_anything_is_read(pushoff, tmp_path):
    """Without a model and with a video that is none the folder is still what is complained of."""
    (tmp_path / "video.mp4").write_text("no video")
    (tmp_path / "video-report").write_text("a file")
    for words in ((), ("--out", ""), ("--out", "video.mp4")):
        said = pushoff("analyze", "video.mp4", *words)
        assert (1, "") == (said.code, said.out)
        assert "--out" in said.err
