"""Reading a JSON export task by task, however large, and refusing what is none."""

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
    annotations, or names a task twice.
    """
    seen: set[int] = set()
    try:
        with path.open(encoding="utf-8") as stream:
            for task in _elements(stream):
                if not (
                    isinstance(task, dict)
                    and isinstance(task.get("id"), int)
                    and isinstance(task.get("data"), dict)
                    and isinstance(task.get("annotations"), list)
                    and all(isinstance(one, dict) for one in task["annotations"])
                ):
                    raise ExportWrong(
                        f"{path.name} is not a Label Studio JSON export: an entry is no task with "
                        "id, data and annotations. Export the format called JSON."
                    )
                if task["id"] in seen:
                    raise ExportWrong(f"{path.name} names task {task['id']} twice: pull it again")
                seen.add(task["id"])
                yield task
    except (ValueError, RecursionError) as error:
        raise ExportWrong(
            f"{path.name} is cut off or damaged ({type(error).__name__}): pull it again"
        ) from None


def _elements(stream: IO[str]) -> Iterator[Any]:
    """Elements of one JSON array. Raises ValueError where it is not one."""
    decoder = json.JSONDecoder()
    text = stream.read(CHUNK).lstrip()
    if not text.startswith("["):
        raise ValueError("not an array")
    text = text[1:]
    first, ended = True, False
    while True:
        text = text.lstrip()
        if text.startswith("]"):
            if text[1:].strip() or stream.read().strip():
                raise ValueError("something follows the array")
            return
        start = 0
        if text and not first:
            if text[0] != ",":
                raise ValueError("no comma between elements")
            start = 1
        body = text[start:].lstrip()
        try:
            element, end = decoder.raw_decode(body)
            if end == len(body) and not ended:
                raise ValueError("may go on")
        except ValueError:
            if ended:
                raise
            more = stream.read(max(CHUNK, len(text)))
            ended = not more
            text += more
            continue
        yield element
        first, text = False, body[end:]
