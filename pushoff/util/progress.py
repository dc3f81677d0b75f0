"""How far a piece of work is, as it reports it to whoever waits: a job, a page or a terminal."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Progress:
    """One report; every later one replaces it."""

    stage: str = ""
    """What is being done, such as `decoding`; pages translate it into their own words."""
    done: int | None = None
    """How many are done; None where nothing is counted."""
    total: int | None = None
    """Of how many; None when that is not known yet."""
    unit: str = ""
    """What is counted: `frame`, `video`, `task` or `epoch`."""
    step: int | None = None
    """Optimizer steps of a training."""
    loss: float | None = None
    """Mean training loss of the running epoch."""
    val_f1: float | None = None
    """F1 on the validation frames after the last epoch."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: what is set."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Progress":
        """The inverse of `as_dict`; keys of other versions are ignored."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in names})


NO_PROGRESS = Progress()
"""Nothing has been reported."""

OnProgress = Callable[[Progress], None]
"""Called with each report. What it raises ends the work."""


def ignore_progress(progress: Progress) -> None:
    """The default where nobody waits."""
