"""Words that docs/glossary.md retires do not come back, in names or in what people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("pushoff", "backend", "worker", "sdk_scripts", "benchmarks", "tools")

RETIRED_NAMES = {"one", "said", "told", "wanted"}
"""Never the name of anything: a name says what it holds."""
RETIRED_WORDS = {
    "dice": "rng",
    "described": "features, extracted",
    "familiar": "in distribution",
    "film": "video",
    "films": "videos",
    "foretold": "predicted",
    "forget": "delete, invalidate",
    "forgetting": "deletion",
    "forgotten": "deleted",
    "judging": "scoring",
    "keeper": "checkpoint",
    "laying": "publishing, ordering",
    "lesson": "example, label",
    "lessons": "examples, labels",
    "likeness": "out of distribution",
    "recipe": "config",
    "shelf": "project models",
    "shelves": "project models",
    "speaker": "coach session",
    "spoken": "annotated",
    "spotter": "sequence head",
    "taught": "synced",
    "teach": "sync",
    "teaching": "sync",
    "tidy": "clean up, prune",
    "timid": "prior shift",
    "told": "given, reported",
    "untaught": "unsynced",
    "visitor": "user",
}
"""Words that are not part of a name, each with the field's own."""
ALLOWED_NAMES = {"FilmStrip", "film_strips", "film_strip"}
"""A film strip is what the report calls its row of images."""
RETIRED_PHRASES = (
    r"\bfilms? (is|are|was|that|of|has|had)\b",
    r"\ba film\b(?! strip)",
    r"\bthe films?\b(?! strip)",
    r"Before you trust",
    r"Take home",
    r"It is right\b",
    r"Let it serve",
    r"the one that serves",
    r"being read\b",
    r"(have|has|had) it read\b",
    r"waits? to be read",
    r"That cannot be told",
    r"Altogether",
    r"less A\b",
    r"[Gg]ive up `",
    r"laid out (anew|again)",
    r"best answer without looking",
    r"\b(it|that|this|which|value|file) is no (number|JSON|probability|task|picture)\b",
    r"in words\b",
    r"(nobody|somebody) knows",
    r"fresh eyes",
    r"by lot\b",
    r"at the door\b",
    r"last word",
    r"the fence\b",
    r"\bmends?\b",
)
"""Sentences of the first form of version 0.1, which docs/glossary.md replaces."""


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def pages() -> list[Path]:
    """Templates, scripts and styles that a browser gets, and label configs."""
    kinds = ("*.html", "*.js", "*.css", "*.xml")
    return [
        path
        for room in ("pushoff", "backend")
        for kind in kinds
        for path in sorted((ROOT / room).rglob(kind))
        if "vendor" not in path.parts
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name the module defines: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def is_retired(name: str) -> bool:
    if name in ALLOWED_NAMES:
        return False
    return name.strip("_") in RETIRED_NAMES or bool(words_of(name) & RETIRED_WORDS.keys())


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_names_use_the_words_of_the_glossary(path: Path) -> None:
    """No module, class, function, argument or variable has a retired name."""
    assert not is_retired(path.stem)
    found = [
        f"{line}: {name}"
        for line, name in names(ast.parse(path.read_text("utf-8")))
        if is_retired(name)
    ]
    assert not found


@pytest.mark.parametrize("path", [*sources(), *pages()], ids=name_of)
def test_sentences_use_the_words_of_the_glossary(path: Path) -> None:
    """No retired phrase stands in a text, a page, a docstring or a comment."""
    text = path.read_text("utf-8")
    found = [
        f"{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for phrase in RETIRED_PHRASES
        for match in re.finditer(phrase, text)
    ]
    assert not found


def test_a_retired_name_is_noticed() -> None:
    """The check sees a word inside a name, and leaves others alone."""
    assert is_retired("told") and is_retired("_told") and is_retired("KnownFilm")
    assert is_retired("load_spotter") and is_retired("one")
    assert not is_retired("FilmStrip") and not is_retired("one_to_one") and not is_retired("video")
