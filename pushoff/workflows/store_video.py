"""What a coach uploaded becomes one checked film under its content's name."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pushoff.coach.session_files import chapter_key, folder
from pushoff.coach.session_queries import sessions_of_film
from pushoff.coach.sessions import CoachSession, change_session
from pushoff.errors import BadInput
from pushoff.services import Services
from pushoff.storage.videos import add_video, film_id_of, known_film, video_key


def store_film(services: Services, session: CoachSession) -> str:
    """The film's id. Chapters are joined; what was uploaded goes once the film is there.

    Safe to run again after a kill at any point. Raises VideoRefused for what cannot be read,
    BadInput when something is missing, StorageFailed.
    """
    from pushoff.video.decoding.probe import probe

    storage, fps = services.storage, session.described.capture_fps
    if session.film_id is not None and storage.exists(video_key(session.film_id)):
        with storage.local_copy(video_key(session.film_id)) as path:
            _keep(services, session, path, take=False)  # the rate may have been said since
        return session.film_id
    keys = storage.list(f"{folder(session.session_id)}/chapters")
    if not keys or keys != [chapter_key(session.session_id, k) for k in range(len(keys))]:
        raise BadInput("The upload did not arrive whole: upload the film again.")
    with _one_file(services, keys) as path:
        probe(path, fps, whole=True)
        film_id = film_id_of(path)
        change_session(services.database, session.session_id, film_id=film_id)
        _keep(services, session, path, take=True)
    for key in keys:
        storage.delete(key)
    return film_id


@contextmanager
def _one_file(services: Services, keys: list[str]) -> Iterator[Path]:
    """The chapters as one file on this machine."""
    from pushoff.video.decoding.concat import join_chapters

    with ExitStack() as opened:
        paths = [opened.enter_context(services.storage.local_copy(key)) for key in keys]
        if len(paths) == 1:
            yield paths[0]
            return
        made = opened.enter_context(tempfile.TemporaryDirectory(dir=services.scratch))
        join_chapters(paths, Path(made) / "video")
        yield Path(made) / "video"


def _keep(services: Services, session: CoachSession, path: Path, take: bool) -> None:
    """What one coach says of a film does not change what another's tasks say of the same film."""
    described, film_id = session.described, session.film_id or film_id_of(path)
    owners = {one.owner_id for one in sessions_of_film(services.database, film_id)}
    if owners - {session.owner_id} and known_film(services.storage, film_id):
        return
    add_video(
        services.storage,
        path,
        athlete=described.athlete,
        exercise=described.exercise,
        capture_fps=described.capture_fps,
        footage=described.footage,
        take=take,
    )
