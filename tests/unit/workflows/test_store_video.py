"""What a coach uploaded, under its content's name."""

from datetime import date

from pushoff.coach.accounts import Role, add_account
from pushoff.coach.session_files import chapter_key
from pushoff.coach.sessions import Described, create_session, get_session
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.storage.videos import load_session
from pushoff.values import Exercise
from pushoff.workflows.store_video import store_film
from tests.films import film


def test_what_another_coach_says_of_the_same_film_changes_nothing(tmp_path):
    """Two coaches with one film share its bytes; the first one's athlete stays with its tasks."""
    services = Services(Settings(_env_file=None, data_dir=tmp_path / "data"))
    path, ids = film(tmp_path / "film.mp4"), []
    for coach, athlete in (("carla", "Ada"), ("otto", "Bea"), ("carla", "Ada L.")):
        name = f"{coach}-{len(ids)}"
        owner = ids[0][1] if coach == "carla" and ids else None
        owner = owner or add_account(services.database, name, Role.COACH, "correct horse")
        told = Described(athlete, Exercise.HOPS, date(2026, 11, 1), None, "film.mp4", 5)
        session = create_session(services.database, owner, told, consent=True)
        services.storage.write_file(chapter_key(session.session_id, 0), path)
        film_id = store_film(services, session)
        ids.append((film_id, owner))
        assert load_session(services.storage, film_id).athlete == "Ada"
        assert not services.storage.list(f"coach/{session.session_id}/chapters")
        assert get_session(services.database, session.session_id).film_id == film_id
    services.database.close()
    assert len({film_id for film_id, _ in ids}) == 1
