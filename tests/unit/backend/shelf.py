"""A registry in memory, working as far as the backend uses one, over real model folders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pushoff.errors import NoSuchModel, RegistryUnavailable


@dataclass(frozen=True)
class Book:
    """A version."""

    version: str


@dataclass
class Shelf:
    """Champions by project, folders by version."""

    folders: dict[str, Path] = field(default_factory=dict)
    champions: dict[int, str] = field(default_factory=dict)
    away: bool = False

    def champion(self, project_id: int) -> Book | None:
        """As the real one."""
        if self.away:
            raise RegistryUnavailable("the shelf is away")
        version = self.champions.get(project_id)
        return Book(version) if version else None

    def fetch(self, book: Book, cache_dir: Path) -> Path:
        """As the real one; copies are links here."""
        if book.version not in self.folders:
            raise NoSuchModel(book.version)
        cache_dir.mkdir(parents=True, exist_ok=True)
        place = cache_dir / book.version
        if not place.exists():
            place.symlink_to(self.folders[book.version])
        return place

    def versions(self, project_id: int) -> list[Book]:
        """As the real one."""
        return [Book(version) for version in self.folders]


def eventually(check: Callable[[], bool]) -> bool:
    """Whether it comes true within five seconds."""
    import time

    deadline = time.monotonic() + 5
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
