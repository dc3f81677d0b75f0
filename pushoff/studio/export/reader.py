"""Reading a JSON export task by task, however large."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pushoff.errors import ExportWrong

CHUNK = 2**16
"""Characters read at a time."""


def tasks_in(path: Path) -> Iterator[dict[str, Any]]:
    """The tasks of a JSON export, one at a time: a 2 GB file needs no 2 GB of memory.

    Raises ExportWrong for a file that is cut off, is not UTF-8 JSON, is not a list of tasks with
    annotations (code `not_an_export`), or has a task twice (code `repeated_task`).
    """
    seen: set[int] = set()
    try:
        with path.open(encoding="utf-8") as stream:
            for task in _elements(stream):
                if not _is_task(task):
                    raise ExportWrong(
                        f"{path.name} is not a Label Studio JSON export: an entry is not a task "
                        "(id, data and annotations expected).",
                        code="not_an_export",
                        remedy="Export the format called JSON.",
                    )
                if task["id"] in seen:
                    raise ExportWrong(
                        f"{path.name} has task {task['id']} twice.",
                        code="repeated_task",
                        remedy="Pull it again.",
                    )
                seen.add(task["id"])
                yield task
    except (ValueError, RecursionError) as error:
        raise ExportWrong(
            f"{path.name} is cut off or damaged ({type(error).__name__}).",
            code="damaged",
            remedy="Pull it again.",
        ) from None


def _is_task(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), int)
        and isinstance(value.get("data"), dict)
        and isinstance(value.get("annotations"), list)
        and all(isinstance(annotation, dict) for annotation in value["annotations"])
    )


def _elements(stream: IO[str]) -> Iterator[Any]:
    """The elements of one JSON array. Raises ValueError for anything else."""
    decoder = json.JSONDecoder()
    text = stream.read(CHUNK).lstrip()
    if not text.startswith("["):
        raise ValueError("not an array")
    text = text[1:]
    is_first, at_end = True, False
    while True:
        text = text.lstrip()
        if text.startswith("]"):
            if text[1:].strip() or stream.read().strip():
                raise ValueError("text after the array")
            return
        start = 0
        if text and not is_first:
            if text[0] != ",":
                raise ValueError("no comma between elements")
            start = 1
        body = text[start:].lstrip()
        try:
            element, end = decoder.raw_decode(body)
            if end == len(body) and not at_end:
                raise ValueError("the element may be incomplete")
        except ValueError:
            if at_end:
                raise
            more = stream.read(max(CHUNK, len(text)))
            at_end = not more
            text += more
            continue
        yield element
        is_first, text = False, body[end:]
