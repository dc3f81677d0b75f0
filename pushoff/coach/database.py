"""The door to the database: an SQLite file by default, PostgreSQL where that is outgrown."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from pushoff.errors import SettingWrong, StorageFailed

VERSION = 2
"""Of the tables below. A database of another version is refused, never changed by itself."""
BUSY_S = 10
"""How long one writer waits for another, seconds."""
_FIRST = 0x70757368
"""Lock under which the tables are made: backend, worker and clock start at the same moment."""

TABLES = MetaData()
META = Table("pushoff_meta", TABLES, Column("version", Integer, primary_key=True))
ACCOUNTS = Table(
    "accounts",
    TABLES,
    Column("id", String(16), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
)
LOGINS = Table(
    "logins",
    TABLES,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
)
SESSIONS = Table(
    "coach_sessions",
    TABLES,
    Column("id", String(16), primary_key=True),
    Column("owner_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("athlete", String(120), nullable=False),
    Column("exercise", String(32), nullable=False),
    Column("filmed_on", String(10), nullable=False),
    Column("capture_fps", Float),
    Column("footage", String(16), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("size_bytes", BigInteger, nullable=False, default=0),
    Column("consent_at", String(32), nullable=False),
    Column("created_at", String(32), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("reason_code", String(40)),
    Column("video_id", String(16), index=True),
    Column("model_version", String(80)),
    Column("headline", Text),
    Column("push_offs", Integer),
    Column("calibration", Text),
    Column("search", Text, nullable=False, default=""),
    Column("synced_at", String(32)),
    Column("deleted_at", String(32), index=True),
)
CORRECTIONS = Table(
    "corrections",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "session_id",
        ForeignKey("coach_sessions.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("frame", Integer, nullable=False),
    Column("to_frame", Integer),
    Column("foot", String(8)),
    Column("undone_at", String(32)),
    Column("undone_by", ForeignKey("accounts.id")),
)


class DuplicateRow(StorageFailed):
    """A row that must be the only one of its kind is there already."""


class Database:
    """Connections to one database. Every method raises StorageFailed when it does not answer."""

    def __init__(self, url: str) -> None:
        """`url`: `sqlite:///path` or `postgresql+psycopg://...`. Raises SettingWrong."""
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise SettingWrong(
                "PUSHOFF_DATABASE_URL is not a database address: write sqlite:////path/to/file or "
                "postgresql+psycopg://user:password@host/name"
            ) from None
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database:
            _private(Path(parsed.database))
        options = {"connect_args": {"timeout": BUSY_S}} if sqlite else {"pool_pre_ping": True}
        with _in_words():
            self._engine = create_engine(parsed, **options)
        if sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._prepare()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it happens, or nothing. Raises Taken for what must be unique."""
        with _in_words(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """For questions: waits for no writer."""
        with _in_words(), self._engine.connect() as connection:
            yield connection.execution_options(only_reads=True)

    def close(self) -> None:
        """End its connections."""
        self._engine.dispose()

    def _prepare(self) -> None:
        with self.writing() as connection:
            if self._engine.dialect.name == "postgresql":  # SQLite's writers take turns anyway
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_FIRST})")
            TABLES.create_all(connection)
            found = connection.execute(select(META.c.version)).scalar()
            if found is None:
                connection.execute(META.insert().values(version=VERSION))
        if found not in (None, VERSION):
            raise StorageFailed(
                f"the database holds tables of version {found}, this program knows version "
                f"{VERSION}: use the program that wrote it, or another PUSHOFF_DATABASE_URL"
            )


def _private(path: Path) -> None:
    """Names and hashes of passwords are for this user alone; SQLite's side files follow suit."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StorageFailed(f"the database cannot be opened: {error.strerror}") from None


def _prepare_sqlite(connection: object, _: object) -> None:
    connection.isolation_level = None  # the transactions are ours, not the driver's
    for line in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {line}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its turn at the start, so that nothing it read is old when it writes."""
    reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _in_words() -> Iterator[None]:
    """What SQLAlchemy and its drivers raise becomes ours, without statements or values."""
    try:
        yield
    except IntegrityError:
        raise DuplicateRow("the database has such a row already") from None
    except NoSuchModuleError:
        raise SettingWrong(
            "PUSHOFF_DATABASE_URL begins with the name of no database this program knows: use "
            "sqlite:// or postgresql+psycopg://"
        ) from None
    except SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise StorageFailed(f"the database does not answer as it should ({kind})") from None
    except ImportError as error:
        raise SettingWrong(f"PUSHOFF_DATABASE_URL needs a driver: {error}") from None
