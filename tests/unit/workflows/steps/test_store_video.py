"""What a coach uploaded, under its content's name."""

from datetime import date

from pushoff.coach.accounts import Role, add_account
from pushoff.coach.session_files import chapter_key
from pushoff.coach.sessions import SessionDetails, create_session, get_session
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.storage.videos import load_video, video_key
from pushoff.values import Exercise
from pushoff.workflows.steps.store_video import store_video
from tests.videos import video


def test_what_another_coach_says_of_the_same_video_changes_nothing(tmp_path):
    """Two coaches with one video share its bytes; the first one's athlete stays with its tasks."""
    services = Services(Settings(_env_file=None, data_dir=tmp_path / "data"))
    path, ids = video(tmp_path / "video.mp4"), []
    for coach, athlete in (("carla", "Ada"), ("otto", "Bea"), ("carla", "Ada L.")):
        name = f"{coach}-{len(ids)}"
        owner = ids[0][1] if coach == "carla" and ids else None
        owner = owner or add_account(services.database, name, Role.COACH, "correct horse")
        told = SessionDetails(athlete, Exercise.HOPS, date(2026, 11, 1), None, "video.mp4", 5)
        session = create_session(services.database, owner, told, consent=True)
        services.storage.write_file(chapter_key(session.session_id, 0), path)
        video_id = store_video(services, session).video_id
        ids.append((video_id, owner))
        assert load_video(services.storage, video_id).athlete == "Ada"
        assert not services.storage.list(f"coach/{session.session_id}/chapters")
        assert get_session(services.database, session.session_id).video_id == video_id
    services.database.close()
    assert len({video_id for video_id, _ in ids}) == 1


def test_chapters_left_by_a_killed_run_are_deleted(tmp_path):
    """Killed between storing the video and deleting its chapters, the next run deletes them."""
    services = Services(Settings(_env_file=None, data_dir=tmp_path / "data"))
    path = video(tmp_path / "video.mp4")
    owner = add_account(services.database, "carla", Role.COACH, "correct horse")
    details = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 1), None, "video.mp4", 5)
    session = create_session(services.database, owner, details, consent=True)
    chapter = chapter_key(session.session_id, 0)
    services.storage.write_file(chapter, path)
    video_id = store_video(services, session).video_id
    services.storage.write_file(chapter, path)
    again = get_session(services.database, session.session_id)
    assert store_video(services, again).video_id == video_id
    assert services.storage.list(f"coach/{session.session_id}/chapters") == []
    assert services.storage.exists(video_key(video_id))
    services.database.close()
