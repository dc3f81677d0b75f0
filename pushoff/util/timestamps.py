"""Moments as the database keeps them: ISO 8601 in UTC, which sort as text."""

from datetime import UTC, datetime, timedelta


def now() -> str:
    """This moment, to the millisecond: `2026-11-26T10:00:00.000Z`."""
    return _written(datetime.now(UTC))


def ago(span: timedelta) -> str:
    """The moment that long before this one."""
    return _written(datetime.now(UTC) - span)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
