"""A session's report as it stands now: the film's reading, the corrections, the calibration."""

from dataclasses import dataclass

from pushoff.coach.corrections import Noted, corrected, corrections_of
from pushoff.coach.database import Database
from pushoff.coach.kept import kept_reading
from pushoff.coach.sessions import CoachSession
from pushoff.events.calibration_file import read_calibration
from pushoff.events.film_reading import FilmReading, report_of
from pushoff.events.report import SessionReport
from pushoff.storage.files import Storage


@dataclass(frozen=True, eq=False)
class Told:
    """What a session's page shows."""

    read: FilmReading
    report: SessionReport
    corrections: tuple[Noted, ...]


def told(database: Database, storage: Storage, session: CoachSession) -> Told:
    """The report after every correction that counts. Raises BadInput when it is not read yet."""
    read = kept_reading(storage, session.session_id)
    noted = corrections_of(database, session.session_id)
    events = corrected(read.events, [one.correction for one in noted], read.curves.times_s)
    report = report_of(
        read,
        session.described.filename,
        calibration=read_calibration(session.calibration) if session.calibration else None,
        asked=session.described.exercise,
        events=events,
    )
    return Told(read, report, tuple(noted))
