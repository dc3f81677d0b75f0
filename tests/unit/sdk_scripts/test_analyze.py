"""Whether the report can be written is checked before the video is analysed."""

import pytest

from pushoff.errors import BadInput
from sdk_scripts.analyze import report_folder


def test_checking_a_folder_creates_nothing(tmp_path, monkeypatch):
    """Neither the folder nor anything else is left behind, whether the folder exists or not."""
    monkeypatch.chdir(tmp_path)
    for name in ("reports/monday", str(tmp_path / "a/b/c"), ".", str(tmp_path)):
        report_folder(name)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "code", "part"),
    [
        ("", "empty_out", "--out"),
        ("  ", "empty_out", "--out"),
        ("notes.txt", "out_is_a_file", "notes.txt"),
        ("notes.txt/report", "out_is_a_file", "notes.txt"),
        ("nowhere", "out_is_a_file", "nowhere"),
        ("taken", "out_has_a_folder", "report.json"),
        ("x" * 300, "out_not_writable", "xxx"),
        ("/proc/report", "out_not_writable", "/proc"),
    ],
)
def test_an_unusable_folder_is_refused(tmp_path, monkeypatch, name, code, part):
    """A file, a dangling link, a folder without write permission: the code says which."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "taken" / "report.json").mkdir(parents=True)
    with pytest.raises(BadInput) as refused:
        report_folder(name)
    assert refused.value.code == code
    assert "--out" in str(refused.value) and part in str(refused.value)


def test_an_unusable_folder_is_refused_before_anything_is_analysed(pushoff, tmp_path):
    """Without a model and with a file that is not a video, the folder is what is refused."""
    (tmp_path / "video.mp4").write_text("no video")
    (tmp_path / "video-report").write_text("a file")
    for options in ((), ("--out", ""), ("--out", "video.mp4")):
        result = pushoff("analyze", "video.mp4", *options)
        assert (1, "") == (result.code, result.out)
        assert "--out" in result.err
