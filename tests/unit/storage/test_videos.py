import pytest

from pushoff.errors import BadInput, StorageFailed, Unsafe
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import (
    add_video,
    list_videos,
    load_video,
    media_key,
    strip_key,
    video_key,
)
from pushoff.values import Exercise


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path / "store"))


def test_the_same_file_again_replaces_the_details(storage, tmp_path):
    """Adding a file again keeps its id and content, and stores the new details."""
    video = tmp_path / "video.mp4"
    video.write_bytes(b"frames" * 5000)
    first = add_video(storage, video, athlete="Ana", exercise=Exercise.HOPS, capture_fps=240)
    again = add_video(storage, video, athlete="Ana B.", exercise=Exercise.STEPS, project_id=3)
    assert again.video_id == first.video_id and len(first.video_id) == 16
    assert list_videos(storage) == [again] == [load_video(storage, first.video_id)]
    assert storage.read(video_key(first.video_id)) == video.read_bytes()


def test_another_file_is_another_video(storage, tmp_path):
    """One different byte makes a different session."""
    for content in (b"a", b"b"):
        (tmp_path / "video").write_bytes(content)
        add_video(storage, tmp_path / "video", athlete="Ana", exercise=Exercise.TRIPLE)
    assert len(list_videos(storage)) == 2


def test_frames_are_named_by_their_number(storage):
    """Label Studio finds a frame's JPEG under its video's id."""
    assert media_key("0" * 16, 42) == f"media/{'0' * 16}/000042.jpg"
    assert strip_key("0" * 16, 42) == f"media/{'0' * 16}/000042-strip.jpg"


def test_details_in_another_format_are_refused(storage, tmp_path):
    """A record of another version is not guessed at; the error has the remedy."""
    (tmp_path / "video").write_bytes(b"a")
    video = add_video(storage, tmp_path / "video", athlete="Ana", exercise=Exercise.HOPS)
    storage.write_json(f"videos/{video.video_id}/video.json", {"athlete": "Ana"})
    with pytest.raises(StorageFailed) as failed:
        load_video(storage, video.video_id)
    assert failed.value.code == "unknown_format"
    assert failed.value.remedy


def test_wrong_ids_and_missing_videos_are_refused(storage, tmp_path):
    """A path in place of an id is Unsafe; an unknown session or file is BadInput with a remedy."""
    for wrong in ("../../etc", "A" * 16, "", "0" * 15):
        with pytest.raises(Unsafe):
            load_video(storage, wrong)
    with pytest.raises(BadInput) as refused:
        load_video(storage, "0" * 16)
    assert refused.value.code == "no_such_video"
    with pytest.raises(BadInput, match="cannot be read"):
        add_video(storage, tmp_path / "none", athlete="A", exercise=Exercise.HOPS)
