"""What the coach entered for a session, as it heads a report."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Cover:
    """Of a coach's session; the report of a bare video has none."""

    athlete: str
    filmed_on: date
    exercise: str
    """As the page calls it."""
    synthetic: bool = False

    @property
    def text(self) -> str:
        """`Anna · Hops · 2026-11-20`"""
        return f"{self.athlete} · {self.exercise} · {self.filmed_on}"
