"""Labels of two people in the real Label Studio, looked at as the nightly job does."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from pushoff.active.label_quality.assessment import to_sentences
from pushoff.services import Services
from pushoff.storage.assessments import assessed_projects, load_assessment
from pushoff.storage.publications import Publication, QueueEntry, save_publication
from pushoff.studio.predictions import (
    TaskPrediction,
    activate_version,
    choice_region,
    push_predictions,
)
from pushoff.studio.review_tab import TAB
from pushoff.studio.tasks import NewTask, create_tasks, list_tasks
from pushoff.values import Box, Label, Suggestion
from pushoff.workflows.assess_labels import assess_labels
from tests.integration.annotators import second_annotator
from tests.integration.coach_videos import coach_services
from tests.integration.studio_rig import interface

FRAMES, SESSIONS = 24, 6
NAME = "resnet18-v1-abcdef.123456"


@pytest.fixture
def services(tmp_path, redis_url, label_studio, storage, tiny, project_id) -> Iterator[Services]:
    """One machine connected to the real Label Studio, with a project of its own."""
    with coach_services(
        tmp_path / "data",
        redis_url,
        label_studio_url=label_studio.url,
        label_studio_token=label_studio.pat(),
        storage_url=storage.url,
        backend_url=tiny.url,
        project=project_id,
        weights="none",
        size_px=64,
    ) as opened:
        yield opened


def picture(label: Label, seed: int) -> np.ndarray:
    """(48, 48, 3) uint8: light for push_off, dark for the rest, so that any network can tell."""
    light = 170 if label is Label.PUSH_OFF else 70
    noise = np.random.default_rng(seed).normal(0, 30, (48, 48, 3))
    return np.clip(light + noise, 0, 255).astype(np.uint8)


def make_tasks(services: Services, project_id: int) -> dict[int, Label]:
    """Light and dark frames of six athletes; task id to the truth."""
    drafts, truths = [], {}
    for session in range(SESSIONS):
        for index in range(FRAMES):
            truth = Label(index % 3 == 0)
            key = f"media/light{project_id}-{session}/{index:06d}.jpg"
            held = io.BytesIO()
            Image.fromarray(picture(truth, 1000 * session + index)).save(held, "PNG")
            services.storage.write(key, held.getvalue())
            name = f"light{project_id}-{session}"
            truths[f"{name}/{index:06d}"] = truth
            drafts.append(
                NewTask(
                    image=f"/data/local-files/?d={key}",
                    video_id=name,
                    athlete=f"athlete-{session}",
                    exercise="hops",
                    frame_index=index,
                    time_s=index / 10,
                    box=Box(0, 0, 48, 48),
                    footage="synthetic",
                )
            )
    create_tasks(services.studio, project_id, drafts)
    return {task.id: truths[task.data["key"]] for task in list_tasks(services.studio, project_id)}


def publish(services: Services, project_id: int, truths: dict[int, Label]) -> set[int]:
    """Suggest the truth for all but every tenth task, hide every fourth; returns the blind ones."""
    places = {}
    for rank, (task_id, truth) in enumerate(truths.items()):
        says = truth if rank % 10 else Label(1 - truth)
        suggestion = Suggestion(says, 0.8 if says is Label.PUSH_OFF else 0.2)
        places[task_id] = QueueEntry(task_id, suggestion, (rank + 1) / 1000, "Why.", rank % 4 == 1)
    shown = Publication(NAME, "resnet18-v1-abcdef", "margin", places)
    save_publication(services.storage, project_id, shown)
    predictions = [
        TaskPrediction(one.task_id, None if one.blind else one.suggestion, one.score, one.reason)
        for one in places.values()
    ]
    ours = interface(services.studio, project_id)
    push_predictions(services.studio, project_id, predictions, NAME, ours)
    activate_version(services.studio, project_id, NAME)
    return {one.task_id for one in places.values() if one.blind}


def test_two_peoples_labels_are_assessed(services, project_id):
    """Agreement, bias, planted errors, curve and hint come out as they were put in; the review
    tab lists the suspects, and a label submitted again is not doubted again."""
    truths = make_tasks(services, project_id)
    blind = publish(services, project_id, truths)
    ours = interface(services.studio, project_id)
    ids = list(truths)
    wrong = set(ids[5::FRAMES])  # one of each session
    for task_id, truth in truths.items():
        said = Label(1 - truth) if task_id in wrong else truth
        body = {"result": [choice_region(ours, said)], "lead_time": 1.0}
        services.studio.post(f"/api/tasks/{task_id}/annotations/", body)
    seen_twice = ids[:30]
    with second_annotator(services.studio) as other:
        for place, task_id in enumerate(seen_twice):
            said = truths[task_id] if place % 10 else Label(1 - truths[task_id])
            other.label(task_id, [choice_region(ours, said)])

    outcome = assess_labels(services, project_id, "test")
    found = load_assessment(services.storage, project_id)
    assert project_id in assessed_projects(services.storage)

    [pair] = found.agreement.pairs
    disagreed = len(wrong & set(seen_twice)) + 3
    assert (30, 1 - disagreed / 30) == (pair.tasks, pytest.approx(pair.share))
    assert (2, 30) == (found.agreement.annotators, found.agreement.shared_tasks)
    twice_blind = len(blind & set(seen_twice))
    assert len(blind) + twice_blind == found.bias.blind.labels
    assert len(ids) + 30 - len(blind) - twice_blind == found.bias.shown.labels
    assert found.bias.difference is not None
    assert 1.0 == pytest.approx(found.bias.blind.seconds.value, abs=1.0)

    one_label = {one.task_id for one in found.suspects}
    still_wrong = {one for one in wrong if one not in seen_twice}
    assert len(still_wrong & one_label) >= 0.6 * len(still_wrong)
    assert outcome.suspected == found.suspected < 0.1 * len(ids)
    assert found.curve and found.hint.reason.startswith("Another 100 labels")
    assert all("athlete-" not in said for _, said in to_sentences(found))

    assert [one.task_id for one in found.suspects] == in_tab(services, project_id)
    seen_again, *others = [one.task_id for one in found.suspects]
    for one in services.studio.get(f"/api/tasks/{seen_again}/annotations/"):
        services.studio.patch(f"/api/annotations/{one['id']}/", {"result": one["result"]})
    for _ in range(2):
        assess_labels(services, project_id, "test")
        assert others == in_tab(services, project_id)
    assert NAME == services.studio.get(f"/api/projects/{project_id}")["model_version"]


def in_tab(services: Services, project_id: int) -> list[int]:
    """Tasks of the review tab, in its order."""
    views = services.studio.get("/api/dm/views/", project=project_id)
    [view] = [one["id"] for one in views if one["data"]["title"] == TAB]
    page = services.studio.get("/api/tasks", view=view, page=1, page_size=200)
    return [one["id"] for one in page["tasks"]]


def test_a_project_without_labels_says_that_it_is_too_early(services, project_id):
    """Nothing labelled is an answer, not a failure."""
    make_tasks(services, project_id)
    assess_labels(services, project_id, "test")
    found = load_assessment(services.storage, project_id)
    assert (0, None, ()) == (found.labels, found.hint.stop, found.curve)
    assert dict(to_sentences(found))["enough labels?"] == found.hint.reason
