"""The door to the SQL database: an SQLite file by default, or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    CursorResult,
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
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from pushoff.errors import SettingWrong, StorageFailed

VERSION = 3
"""Of the tables below. A database with another version is refused, never changed."""
BUSY_TIMEOUT_S = 10
"""How long one writer waits for another, seconds."""
_SCHEMA_LOCK = 0x70757368
"""PostgreSQL advisory lock for creating tables: several processes start at the same moment."""

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
API_TOKENS = Table(
    "api_tokens",
    TABLES,
    Column("id", String(16), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column(
        "account_id",
        ForeignKey("accounts.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("name", String(80), nullable=False),
    Column("scopes", String(80), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("used_at", String(32)),
)
MAIL_ADDRESSES = Table(
    "mail_addresses",
    TABLES,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("address", String(254), nullable=False),
)
SENT_NOTIFICATIONS = Table(
    "sent_notifications",
    TABLES,
    Column("key", String(64), primary_key=True),
    Column("sent_at", String(32), nullable=False),
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
    Column("search_text", Text, nullable=False, default=""),
    Column("synced_at", String(32)),
    Column("checked_at", String(32)),
    Column("checked_by", ForeignKey("accounts.id")),
    Column("learnt_at", String(32)),
    Column("newer_version", String(80)),
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
    Column("approach", Boolean),
    Column("toe_x_px", Float),
    Column("toe_y_px", Float),
    Column("undone_at", String(32)),
    Column("undone_by", ForeignKey("accounts.id")),
)


class DuplicateRow(StorageFailed):
    """A row with the same unique value already exists."""


class Database:
    """Connections to one database. Every method raises StorageFailed if it cannot be used."""

    def __init__(self, url: str) -> None:
        """`url`: `sqlite:///path` or `postgresql+psycopg://...`.

        Creates missing tables. Raises SettingWrong for an invalid url, and StorageFailed with the
        code `database_version` for tables of another version.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise SettingWrong(
                "PUSHOFF_DATABASE_URL is not a database URL: write sqlite:////path/to/file or "
                "postgresql+psycopg://user:password@host/name"
            ) from None
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database:
            _create_private(Path(parsed.database))
        options: dict[str, Any] = (
            {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if sqlite else {"pool_pre_ping": True}
        )
        with _translate_db_errors():
            self._engine = create_engine(parsed, **options)
        if sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._create_tables()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing. Raises DuplicateRow if a value must be unique."""
        with _translate_db_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """For queries; does not wait for writers."""
        with _translate_db_errors(), self._engine.connect() as connection:
            yield connection.execution_options(only_reads=True)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _create_tables(self) -> None:
        with self.writing() as connection:
            if self._engine.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
            TABLES.create_all(connection)
            version = connection.execute(select(META.c.version)).scalar()
            if version is None:
                connection.execute(META.insert().values(version=VERSION))
        if version not in (None, VERSION):
            raise StorageFailed(
                f"The database has schema version {version}, this program needs {VERSION}.",
                code="database_version",
                remedy="Set PUSHOFF_DATABASE_URL to an empty database, or run the version of "
                "pushoff that created this one.",
            )


def inserted_id(result: CursorResult[Any]) -> int:
    """The primary key of an inserted row."""
    key = result.inserted_primary_key
    if key is None:
        raise StorageFailed("the database returned no primary key for an inserted row")
    return int(key[0])


def _create_private(path: Path) -> None:
    """Create the file readable by its owner only; SQLite's side files get the same permissions."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StorageFailed(f"the database cannot be opened: {error.strerror}") from None


def _prepare_sqlite(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start of a writing transaction, before it reads anything."""
    reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _translate_db_errors() -> Iterator[None]:
    """Raise our errors for SQLAlchemy's and its drivers', without SQL statements or values."""
    try:
        yield
    except IntegrityError:
        raise DuplicateRow("the row already exists in the database") from None
    except NoSuchModuleError:
        raise SettingWrong(
            "PUSHOFF_DATABASE_URL has an unsupported database scheme: use sqlite:// or "
            "postgresql+psycopg://"
        ) from None
    except SQLAlchemyError as error:
        kind = type(getattr(error, "orig", None) or error).__name__
        raise StorageFailed(f"database error ({kind})") from None
    except ImportError as error:
        raise SettingWrong(f"PUSHOFF_DATABASE_URL needs a driver: {error}") from None
