"""Times as the database stores them: ISO 8601 in UTC with milliseconds, which sort as text."""

from datetime import UTC, datetime, timedelta


def now() -> str:
    """The current time: `2026-11-26T10:00:00.000Z`."""
    return _format(datetime.now(UTC))


def ago(span: timedelta) -> str:
    """The time that long before the current one."""
    return _format(datetime.now(UTC) - span)


def ahead(span: timedelta) -> str:
    """The time that long after the current one."""
    return _format(datetime.now(UTC) + span)


def _format(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
