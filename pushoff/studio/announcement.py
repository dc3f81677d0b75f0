"""News for annotators: what a refit changed.

Label Studio 1.23.2 shows an annotator nothing of a project's description while labelling, and
reads the instructions once per visit. So the news stands in two places: first in the description,
whose beginning the list of projects shows, and above the line under the frames that come next.
"""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import REASON
from pushoff.studio.tasks import first_tasks

log = logging.getLogger(__name__)

_NEWS = re.compile(r"News of [0-9]{2} \w+, [0-9]{2}:[0-9]{2} UTC: ")
"""Begins the first line of the description; a person's own line is left alone."""
FRAMES = 3
"""Frames at the head of the queue that carry the news: two or three people may label at once."""


def announce(studio: LabelStudioClient, project_id: int, sentence: str) -> None:
    """Tell annotators `sentence`, in place of earlier news, once the queue is published.

    Safe to run twice. A failure is logged: the suggestions are published already, and a refit that
    ran again would find nothing new to tell.
    """
    try:
        _announce(studio, project_id, sentence)
    except (StudioUnreachable, StudioRefused) as error:
        log.warning("project %d: annotators are not told what changed: %s", project_id, error)


def _announce(studio: LabelStudioClient, project_id: int, sentence: str) -> None:
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    text = with_news(project.description or "", sentence, datetime.now(UTC))
    studio.sdk_call(lambda sdk: sdk.projects.update(project_id, description=text))
    if not project.task_number:
        return
    for prediction in _next_predictions(studio, project_id, project.model_version or ""):
        result = [_with_sentence(region, sentence) for region in prediction["result"]]
        if result != prediction["result"]:
            studio.patch(f"/api/predictions/{prediction['id']}/", {"result": result})


def with_news(description: str, sentence: str, now: datetime) -> str:
    """The description with this news as its first line, in place of earlier news."""
    lines = [line for line in description.splitlines() if not _NEWS.match(line)]
    own = "\n".join(lines).strip()
    return f"News of {now:%d %B, %H:%M} UTC: {sentence}\n\n{own}".rstrip()


def _next_predictions(
    studio: LabelStudioClient, project_id: int, version: str
) -> list[dict[str, Any]]:
    """The predictions of `version` for the tasks that come next."""
    tasks = first_tasks(studio, project_id, FRAMES)
    return [
        prediction
        for task in tasks
        for prediction in task["predictions"]
        if prediction["model_version"] == version
    ]


def _with_sentence(region: dict[str, Any], sentence: str) -> dict[str, Any]:
    """The region; that of the reason starts with the sentence and keeps its last line."""
    if region["from_name"] != REASON:
        return region
    text = [sentence[:1].upper() + sentence[1:], region["value"]["text"][-1]]
    return {**region, "value": {"text": text}}
