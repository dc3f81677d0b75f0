"""A small Label Studio: one project whose tasks have predictions, over HTTP."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.connections import webhook_url
from pushoff.studio.credentials import Credentials
from tests.unit.studio.serving import Answer, Seen, Server, serve

PROJECT = 1
BACKEND = "http://backend:9090"


@dataclass
class PredictionStudio:
    """Its state, and what it was asked."""

    tasks: list[int]
    predictions: list[dict] = field(default_factory=list)
    project: dict = field(
        default_factory=lambda: {
            "id": PROJECT,
            "model_version": "",
            "label_config": build_label_config(),
        }
    )
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When predictions are stored."""
    asked: list[str] = field(default_factory=list)
    """Method and path of each request, numbers replaced by N."""

    def push(self, version: str, *tasks: int) -> None:
        """Store predictions without a request."""
        for task in tasks:
            self._store({"task": task, "model_version": version, "result": [], "score": 0.5})

    def tasks_of(self, version: str) -> list[int]:
        """The tasks with a prediction of the version, in the order in which they were pushed."""
        return [each["task"] for each in self.predictions if each["model_version"] == version]

    def answer(self, seen: Seen) -> Answer:
        """As Label Studio, as far as it is asked."""
        parts = urlsplit(seen.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = json.loads(seen.body) if seen.body else None
        path = re.sub(r"\d+", "N", parts.path.rstrip("/"))
        self.asked.append(f"{seen.method} {path}")
        number = int((re.findall(r"\d+", parts.path) or ["0"])[-1])
        match f"{seen.method} {path}":
            case "POST /api/projects/N/import/predictions" if any(
                each["task"] not in self.tasks for each in body
            ):
                return _say({"validation_errors": ["a task is not in the project"]}, 400)
            case "POST /api/projects/N/import/predictions":
                for each in body:
                    self._store(each)
                return _say({"created": len(body)}, 201)
            case "GET /api/projects/N/model-versions":
                return _say({"static": self._versions(), "live": []})
            case "DELETE /api/projects/N/model-versions":
                self._keep(lambda each: each["model_version"] != body["model_version"])
                return _say({})
            case "DELETE /api/predictions/N":
                self._keep(lambda each: each["id"] != number)
                return Answer(b"", 204)
            case "GET /api/webhooks":
                return _say([{"url": webhook_url(BACKEND), "project": PROJECT}])
            case "GET /api/predictions" if int(query["task"]) not in self.tasks:
                return _say({"task": ["Select a valid choice."]}, 400)
            case "GET /api/predictions":
                return _say(
                    [each for each in self.predictions if str(each["task"]) == query["task"]]
                )
            case "GET /api/tasks":
                items = json.loads(query["query"])["filters"]["items"]
                return _say(self._page(items, int(query["page_size"])))
            case "PATCH /api/projects/N":
                self.project |= body
        return _say(self.project | {"task_number": len(self.tasks)})

    def _store(self, prediction: dict) -> None:
        number = self.predictions[-1]["id"] + 1 if self.predictions else 1
        stored = {"created_at": self.now.isoformat().replace("+00:00", "Z"), **prediction}
        self.predictions.append(stored | {"id": number})

    def _keep(self, is_kept: object) -> None:
        self.predictions = [each for each in self.predictions if is_kept(each)]

    def _versions(self) -> list[dict]:
        names = {each["model_version"]: each["created_at"] for each in self.predictions}
        return [
            {"model_version": name, "count": len(self.tasks_of(name)), "latest": latest}
            for name, latest in names.items()
        ]

    def _page(self, items: list[dict], size: int) -> dict:
        conditions = {each["filter"].rpartition(":")[2]: each["value"] for each in items}
        [version] = conditions.get("predictions_model_versions", [""])
        found = []
        for task in (number for number in self.tasks if number > conditions.get("id", 0)):
            own = [each for each in self.predictions if each["task"] == task]
            versions = ",".join(each["model_version"] for each in own)
            found.append(
                {
                    "id": task,
                    "data": {},
                    "total_annotations": 0,
                    "predictions": own,
                    "predictions_model_versions": versions,
                }
            )
        found = [task for task in found if version in task["predictions_model_versions"]]
        return {"tasks": found[:size], "total": len(found)}


@contextmanager
def connected(state: PredictionStudio) -> Iterator[tuple[LabelStudioClient, Server]]:
    """A client of a server that answers as `state`."""
    with serve(state.answer) as server:
        client = LabelStudioClient(server.url, Credentials(server.url, "0" * 40))
        yield client, server
        client.close()


def _say(body: object, status: int = 200) -> Answer:
    return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json"})
