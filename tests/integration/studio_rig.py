"""What the Label Studio tests share: a tiny backend, and projects of their own."""

import io
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.project import ProjectPlan, project_label_config
from pushoff.studio.tasks import NewTask
from pushoff.values import Box, Label, Suggestion
from tests.unit.studio.serving import Answer, Seen, Server, serve

USER, PASSWORD, SECRET = "label-studio", "backend-password", "webhook-secret"
_numbers = itertools.count(1)


@contextmanager
def tiny_backend(status: int = 200) -> Iterator[Server]:
    """Answers /health, /setup and /webhook as the real backend does, and keeps what it saw."""

    def answer(seen: Seen) -> Answer:
        body = {"status": "UP", "model_class": "Tiny", "model_version": "none"}
        return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json"})

    with serve(answer) as server:
        yield server


def plan(backend: Server, storage_root: object = "", **changes: object) -> ProjectPlan:
    """A plan for a project with a title of its own."""
    values = {
        "title": f"Push-offs {next(_numbers)}",
        "backend_url": backend.url,
        "backend_user": USER,
        "backend_password": PASSWORD,
        "webhook_secret": SECRET,
        "storage_url": str(storage_root),
    }
    return ProjectPlan(**(values | changes))


def drafts(count: int, session: str = "session1") -> list[NewTask]:
    """Frames of one session."""
    return [
        NewTask(
            image=f"/data/local-files/?d=media/{session}/{i:06d}.jpg",
            video_id=session,
            athlete="Ada",
            exercise="hops",
            frame_index=i,
            time_s=i / 240,
            box=Box(1, 2, 30, 40),
            footage="synthetic",
        )
        for i in range(count)
    ]


def interface(studio: LabelStudioClient, project_id: int) -> FrameInterface:
    """How the project spells its labels."""
    return parse_label_config(project_label_config(studio, project_id))


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    """A small image file."""
    out = io.BytesIO()
    Image.new("RGB", (48, 32), colour).save(out, kind)
    return out.getvalue()


def suggestion(probability: float) -> Suggestion:
    """Of the likelier label."""
    label = Label.PUSH_OFF if probability >= 0.5 else Label.NOT_PUSH_OFF
    return Suggestion(label, probability)
