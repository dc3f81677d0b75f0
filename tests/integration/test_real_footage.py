"""Real clips through ingest, tasks, labels and retrain. They lie beside the project."""

from pathlib import Path

import pytest

from pushoff.events.ground_truth import load_ground_truth
from pushoff.storage.ingested_videos import load_ingest
from pushoff.values import Exercise
from pushoff.workflows.results import RetrainResult, read_result
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.scripted_annotator import annotate, video_by_video
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.video import store_and_ingest
from tests.integration.loop import Loop, until

SPRINT = Path(__file__).parents[2].parent / "shared" / "data" / "sprint"
CLIPS = ("b9.mp4", "b15.mp4", "b12.mp4")
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not SPRINT.is_dir(), reason=f"no labelled clips at {SPRINT}"),
]


def test_real_clips_go_the_whole_way(loop: Loop) -> None:
    """From video to a scorecard, which says whether the held-out clips are real or rendered."""
    services = loop.services
    project = ensure_project(services, "Real footage").project_id
    truth = VideoTruths()
    for name in CLIPS:
        stored, found = store_and_ingest(
            services,
            SPRINT / name,
            athlete=name,
            exercise=Exercise.STEPS,
            capture_fps=None,
            project_id=project,
        )
        known = load_ground_truth(SPRINT / "events.json", name)
        assert found.decoded_frames == known.frames
        assert found.athlete_note.startswith("athlete found")
        ingested = load_ingest(services.storage, stored.video_id)
        assert ingested is not None
        truth.add(stored.video_id, known, ingested.times_s)
    done = annotate(services, project, video_by_video(services, project), truth, 1000)
    assert done.push_offs >= 8
    request = services.queue.retrain.request(project, reason="test")
    status = services.queue.jobs.wait(request.job_id, timeout_s=400)
    assert status.state == "finished", status
    outcome = read_result(RetrainResult, status.result).outcome
    assert outcome.comparison, outcome
    card = services.registry.versions()[0].scorecard
    assert card is not None
    kinds = {"real" if group in CLIPS else "synthetic" for group in card.groups}
    assert (
        card.footage == outcome.comparison.footage == (kinds.pop() if len(kinds) == 1 else "mixed")
    )
    assert 0 <= card.average_precision <= 1
    # the labels asked for a retrain of their own; what it publishes must not meet later tests
    until(lambda: not services.queue.retrain.running_jobs(), 400)
    for published in services.projects():
        publish = services.queue.request.publish(published, reason="test")
        services.queue.jobs.wait(publish, timeout_s=200)
