"""A registry in memory, as far as the backend uses one, over real model folders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pushoff.errors import NoSuchModel, RegistryUnavailable


@dataclass(frozen=True)
class MemoryVersion:
    """A version."""

    version: str


@dataclass
class MemoryRegistry:
    """Folders by version, and the champion."""

    folders: dict[str, Path] = field(default_factory=dict)
    champion_version: str | None = None
    down: bool = False
    asked: int = 0
    """Requests for the champion."""

    def champion(self) -> MemoryVersion | None:
        """As the real one."""
        self.asked += 1
        if self.down:
            raise RegistryUnavailable("the registry is down")
        return MemoryVersion(self.champion_version) if self.champion_version else None

    def fetch(self, version: MemoryVersion, cache_dir: Path) -> Path:
        """As the real one; copies are links here."""
        if version.version not in self.folders:
            raise NoSuchModel(version.version)
        cache_dir.mkdir(parents=True, exist_ok=True)
        copy = cache_dir / version.version
        if not copy.exists():
            copy.symlink_to(self.folders[version.version])
        return copy

    def versions(self) -> list[MemoryVersion]:
        """As the real one."""
        return [MemoryVersion(version) for version in self.folders]


def eventually(check: Callable[[], bool]) -> bool:
    """Whether it comes true within five seconds."""
    import time

    deadline = time.monotonic() + 5
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
