"""What a version learnt beyond the champion it was compared with; a tag in MLflow holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from pushoff.errors import ModelRefused
from pushoff.util.json_input import parse_object, validate
from pushoff.util.plurals import count_noun
from pushoff.values import SplitBy

UNSEEN: Mapping[SplitBy, str] = {
    "athlete": "athletes it has not seen",
    "session": "videos it has not seen",
    "time": "parts of the videos that it has not seen",
}
"""What a version is scored on, by how groups were held out."""


@dataclass(frozen=True)
class LearningProgress:
    """The coaches' part in a version, and whether it helped."""

    checked_sessions: int = 0
    """Checked sessions that the version learnt from."""
    new_sessions: int = 0
    """Those more than the champion had learnt from."""
    f1_within_1: float | None = None
    """Of push-offs that candidate and champion both held out; None where nothing was held out."""
    champion_f1_within_1: float | None = None
    """The champion's on the same; None without a champion, or where nothing is common."""
    split_by: SplitBy = "session"
    """What was held out."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Labels that nothing was learnt from, by reason."""

    @property
    def sentence(self) -> str:
        """`since your last 14 checked sessions: F1 within one frame 0.81 -> 0.93 on athletes it has
        not seen`; empty where no session was newly checked or nothing was held out."""
        if self.new_sessions < 1 or self.f1_within_1 is None:
            return ""
        sessions = (
            "checked session" if self.new_sessions == 1 else f"{self.new_sessions} checked sessions"
        )
        before = ""
        if self.champion_f1_within_1 is not None:
            before = f"{self.champion_f1_within_1:.2f} -> "
        return (
            f"since your last {sessions}: F1 within one frame {before}{self.f1_within_1:.2f} on "
            f"{UNSEEN[self.split_by]}"
        )

    @property
    def excluded_sentence(self) -> str:
        """`3 labels were not learnt from: disagreement (2), skipped (1)`; empty without any."""
        total = sum(self.excluded.values())
        if not total:
            return ""
        reasons = ", ".join(
            f"{reason} ({count})" for reason, count in sorted(self.excluded.items())
        )
        verb = "was" if total == 1 else "were"
        return f"{count_noun(total, 'label')} {verb} not learnt from: {reasons}"


_PROGRESS = TypeAdapter(LearningProgress)


def progress_json(progress: LearningProgress) -> str:
    """As JSON, readable by `parse_progress`."""
    return _PROGRESS.dump_json(progress).decode()


def parse_progress(text: str) -> LearningProgress:
    """From JSON. Raises ModelRefused, naming the field that is wrong."""
    content = parse_object(text, "The learning progress", ModelRefused)
    return validate(_PROGRESS, content, "The learning progress", ModelRefused, exact=True)
