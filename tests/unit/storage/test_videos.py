import pytest

from pushoff.errors import BadInput, Unsafe
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import (
    add_video,
    list_videos,
    load_ingest,
    load_video,
    media_key,
    save_ingest,
    video_key,
)
from pushoff.values import Exercise


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path / "store"))


def test_the_same_video_twice_is_one_session_told_anew(storage, tmp_path):
    """Adding a file again keeps its id and its bytes, and takes the new words."""
    video = tmp_path / "video.mp4"
    video.write_bytes(b"frames" * 5000)
    first = add_video(storage, video, athlete="Ana", exercise=Exercise.HOPS, capture_fps=240)
    again = add_video(storage, video, athlete="Ana B.", exercise=Exercise.STEPS, project_id=3)
    assert again.video_id == first.video_id and len(first.video_id) == 16
    assert list_videos(storage) == [again] == [load_video(storage, first.video_id)]
    assert storage.read(video_key(first.video_id)) == video.read_bytes()


def test_another_video_is_another_session(storage, tmp_path):
    """One different byte makes a different session."""
    for content in (b"a", b"b"):
        (tmp_path / "video").write_bytes(content)
        add_video(storage, tmp_path / "video", athlete="Ana", exercise=Exercise.TRIPLE)
    assert len(list_videos(storage)) == 2


def test_what_ingest_found_comes_back(storage):
    """What ingest found is read as it was saved, and is None before."""
    video_id = "0" * 16
    assert load_ingest(storage, video_id) is None
    found = {"decoded_frames": 252, "declared_frames": 480, "frames": [{"index": 3, "time_s": 0.1}]}
    save_ingest(storage, video_id, found)
    assert load_ingest(storage, video_id) == found
    assert media_key(video_id, 42) == f"media/{video_id}/000042.jpg"


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
