"""News of a refit in the real Label Studio."""

from pushoff.studio.announcement import FRAMES, announce
from pushoff.studio.predictions import TaskPrediction, activate_version, push_predictions
from pushoff.studio.tasks import create_tasks, first_tasks, list_tasks
from tests.integration.studio_rig import drafts, interface, suggestion

VERSION = "m-v1.aaaaaa"


def lines(studio, project_id):
    """What stands under each of the tasks that come next, in order."""
    return [
        region["value"]["text"]
        for task in first_tasks(studio, project_id, 10)
        for prediction in task["predictions"]
        for region in prediction["result"]
        if region["type"] == "textarea"
    ]


def test_the_next_frames_and_the_description_carry_the_news(studio, project_id):
    """The latest sentence once, above the frame's own line; the suggestions do not change."""
    create_tasks(studio, project_id, drafts(FRAMES + 2))
    ours = interface(studio, project_id)
    ids = [task.id for task in list_tasks(studio, project_id)]
    told = [
        TaskPrediction(one, suggestion(0.7), 1 - place / 10, f"{one}.")
        for place, one in enumerate(ids)
    ]
    push_predictions(studio, project_id, told, VERSION, ours)
    activate_version(studio, project_id, VERSION)
    before = studio.get(f"/api/projects/{project_id}")["description"]
    for sentence in ("20 labels: nothing better yet.", "40 labels: suggestions renewed."):
        announce(studio, project_id, sentence)
    assert lines(studio, project_id) == [
        ["40 labels: suggestions renewed.", f"{one}."] for one in ids[::-1][:FRAMES]
    ] + [[f"{one}."] for one in ids[::-1][FRAMES:]]
    description = studio.get(f"/api/projects/{project_id}")["description"]
    first, _, rest = description.partition("\n")
    assert first.endswith("40 labels: suggestions renewed.") and rest.strip() == before
    [shown] = studio.get(f"/api/projects/{project_id}/next")["predictions"]
    assert {region["type"] for region in shown["result"]} == {"choices", "textarea"}


def test_before_anything_is_published_only_the_description_has_news(studio, project_id):
    """A project without predictions, and without tasks."""
    announce(studio, project_id, "No model yet.")
    create_tasks(studio, project_id, drafts(1))
    announce(studio, project_id, "Still none.")
    assert lines(studio, project_id) == []
    assert "Still none." in studio.get(f"/api/projects/{project_id}")["description"]
