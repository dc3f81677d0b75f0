"""From the webhook of the last label to the new order in Label Studio, with its parts.

`python -m benchmarks.refit` starts the whole service on embedded defaults with a real Label
Studio, 2,500 open tasks of rendered videos (synthetic), then labels on: every 20th label brings a
refit. Measured is from sending that label to the moment when Label Studio's own answers, the
labelling stream's next task and the Data Manager's first, are those of the new order. Then the
same tasks the way Label Studio does it by itself: "Retrieve Predictions".
"""

import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import typer

from pushoff.events.ground_truth import load_ground_truth
from pushoff.services import Services, open_services
from pushoff.storage.ingested_videos import load_ingest
from pushoff.storage.publications import load_publication, published_version
from pushoff.storage.videos import load_video, media_key, video_key
from pushoff.studio.media.urls import frame_address
from pushoff.studio.tasks import NewTask, create_tasks
from pushoff.values import Exercise
from pushoff.workflows.results import RefitResult, read_result
from sdk_scripts.create_project import ensure_project
from sdk_scripts.demo.scripted_annotator import annotate, queue_order, video_by_video
from sdk_scripts.demo.stack import running
from sdk_scripts.demo.video_truth import VideoTruths
from sdk_scripts.video import store_and_ingest

LABELS_FIRST = 200
EVERY = 20
SETTINGS = {"PUSHOFF_REFIT_EVERY": str(EVERY), "PUSHOFF_RETRAIN_EVERY": "100000"}
WORST_S = 60.0
"""After so long a round counts as failed."""


def main(
    rounds: int = typer.Option(7, help="Refits measured."),
    tasks: int = typer.Option(2500, help="Open tasks."),
    weights: str = typer.Option("imagenet", help="As PUSHOFF_WEIGHTS."),
    out: Path | None = typer.Option(None, help="Also as JSON."),
) -> None:
    """Print the figure, its parts, and the comparison."""
    with tempfile.TemporaryDirectory(prefix="bench-refit-") as folder:
        with running(Path(folder) / "data", {**SETTINGS, "PUSHOFF_WEIGHTS": weights}) as stack:
            for name in [name for name in os.environ if name.startswith("PUSHOFF_")]:
                del os.environ[name]  # settings of another installation
            os.environ.update(stack.env)
            with open_services() as services:
                result = measure(services, Path(folder), rounds, tasks)
    show(result)
    if out:
        out.write_text(json.dumps(result, indent=1))


def measure(services: Services, folder: Path, rounds: int, tasks: int) -> dict[str, Any]:
    """Run the benchmark; returns everything that is printed."""
    project_id = ensure_project(services, "Refit").project_id
    truth = VideoTruths()
    video_ids = [add_video(services, truth, folder, project_id, seed) for seed in (21, 22, 23, 24)]
    fill(services, project_id, video_ids, tasks + LABELS_FIRST + rounds * EVERY)
    wait_idle(services, project_id)
    print(f"labelling {LABELS_FIRST} frames", flush=True)
    annotate(services, project_id, video_by_video(services, project_id), truth, LABELS_FIRST)
    wait_idle(services, project_id)
    champion = services.registry.champion()
    if champion is None:
        version = services.registry.versions()[0].version
        services.registry.promote(version, "by hand, for the benchmark", None)
        wait_idle(services, project_id)
    measured = [measure_round(services, project_id, truth) for _ in range(rounds)]
    wait_idle(services, project_id)
    return {"tasks": tasks, "rounds": measured, "upstream": upstream(services, project_id)}


def add_video(
    services: Services, truth: VideoTruths, folder: Path, project_id: int, seed: int
) -> str:
    """Render and ingest one drill of an athlete of its own."""
    from pushoff.synthetic.render import DrillSpec, render_drill

    video = folder / f"drill-{seed}.mp4"
    drill = render_drill(video, DrillSpec(seed=seed, exercise=Exercise.HOPS, push_offs=6))
    stored, _ = store_and_ingest(
        services,
        video,
        athlete=f"athlete-{seed}",
        exercise=Exercise.HOPS,
        capture_fps=240,
        footage="synthetic",
        project_id=project_id,
    )
    ingested = load_ingest(services.storage, stored.video_id)
    assert ingested is not None
    times_s = ingested.times_s
    truth.add(stored.video_id, load_ground_truth(drill.truth_path), times_s)
    print(f"video {seed}: {len(times_s)} frames", flush=True)
    return stored.video_id


def fill(services: Services, project_id: int, video_ids: list[str], count: int) -> None:
    """Create tasks of further frames of the videos, images too, until there are `count`."""
    from pushoff.video.decoding.decode import decode
    from pushoff.video.decoding.probe import probe
    from pushoff.video.images import encode_jpeg

    storage, drafts = services.storage, []
    image_key = services.interface(project_id).image_key
    for number, video_id in enumerate(video_ids):
        existing = int(services.studio.get(f"/api/projects/{project_id}")["task_number"])
        share = -(-(count - existing - len(drafts)) // (len(video_ids) - number))
        ingested, video = load_ingest(storage, video_id), load_video(storage, video_id)
        assert ingested is not None
        chosen = set(ingested.chosen_frames)
        free = [i for i in range(len(ingested.times_s)) if i not in chosen][:share]
        with storage.local_copy(video_key(video_id)) as path:
            info = probe(path, video.capture_fps)
            for frame in decode(path, info, indices=free).frames():
                key = media_key(video_id, frame.ref.index)
                storage.write(key, encode_jpeg(frame.image))
                drafts.append(
                    NewTask(
                        image=frame_address(storage, key),
                        video_id=video_id,
                        athlete=video.athlete,
                        exercise=video.exercise.value,
                        frame_index=frame.ref.index,
                        time_s=ingested.times_s[frame.ref.index],
                        box=ingested.boxes[frame.ref.index],
                        footage="synthetic",
                    )
                )
    create_tasks(services.studio, project_id, drafts, image_key)
    total = services.studio.get(f"/api/projects/{project_id}")["task_number"]
    print(f"{total} tasks", flush=True)


def wait_idle(services: Services, project_id: int) -> None:
    """Wait until all jobs are done: one more publish waits behind all of them."""
    queue = services.queue
    queue.jobs.wait(queue.request.publish(project_id, reason="benchmark"), timeout_s=900)
    last = queue.request.latest("refit", project_id)
    if last:
        queue.jobs.wait(last, timeout_s=900)


def measure_round(
    services: Services, project_id: int, truth: VideoTruths, worst_s: float = WORST_S
) -> dict[str, Any]:
    """Label until the next refit is due; the last label starts the clock."""
    studio, queue = services.studio, services.queue
    before = studio.get(f"/api/projects/{project_id}")["model_version"]
    labels = queue.refit_labels.count_new_labels(project_id, 0)
    annotate(services, project_id, queue_order(services, project_id), truth, EVERY - 1 - labels)
    sent = time.monotonic()
    annotate(services, project_id, queue_order(services, project_id), truth, 1)
    taken = time.monotonic()
    while True:
        name = studio.get(f"/api/projects/{project_id}")["model_version"]
        if name != before and is_shown(services, project_id, name):
            break
        if time.monotonic() - sent > worst_s:
            job = queue.request.latest("refit", project_id) or ""
            raise SystemExit(f"no new order within {worst_s:.0f} s: {job} {queue.jobs.status(job)}")
        time.sleep(0.05)
    seen = time.monotonic()
    job_result = queue.jobs.wait(queue.request.latest("refit", project_id), timeout_s=60).result
    result = read_result(RefitResult, job_result)
    parts = {"label": taken - sent, **result.seconds}
    parts["queue, fork, seeing"] = seen - sent - sum(parts.values())
    print(f"{seen - sent:.1f} s: {result.outcome.decision}", flush=True)
    return {
        "seconds": seen - sent,
        "parts": parts,
        "pushed": result.publication.pushed,
        "promoted": result.outcome.promoted,
        "version": published_version(name),
    }


def is_shown(services: Services, project_id: int, name: str) -> bool:
    """Whether stream and Data Manager begin with the first of the publication."""
    publication = load_publication(services.storage, project_id, name)
    if publication is None:
        return False
    first = min(publication.places.values(), key=lambda entry: entry.score).task_id
    served = services.studio.get(f"/api/projects/{project_id}/next")["id"]
    items = [{"filter": "filter:tasks:total_annotations", "operator": "equal", "type": "Number",
              "value": 0}]  # fmt: skip
    query = {"ordering": ["tasks:predictions_score"],
             "filters": {"conjunction": "and", "items": items}}  # fmt: skip
    page = services.studio.get(
        "/api/tasks", project=project_id, page=1, page_size=1, query=json.dumps(query)
    )
    return served == first == page["tasks"][0]["id"]


def upstream(services: Services, project_id: int) -> dict[str, Any]:
    """Retrieve Predictions for the same open tasks, as the Data Manager's button asks for it."""
    items = [{"filter": "filter:tasks:total_annotations", "operator": "equal", "type": "Number",
              "value": 0}]  # fmt: skip
    studio = services.studio
    count = int(studio.get(f"/api/projects/{project_id}")["total_predictions_number"])
    began = time.monotonic()
    httpx.post(
        f"{studio.url}/api/dm/actions",
        params={"id": "retrieve_tasks_predictions", "project": project_id},
        json={
            "selectedItems": {"all": True, "excluded": []},
            "filters": {"conjunction": "and", "items": items},
        },
        headers={"Authorization": studio.authorization()},
        timeout=900,  # Label Studio answers only when it has stored everything
    ).raise_for_status()
    seconds = time.monotonic() - began
    stored = int(studio.get(f"/api/projects/{project_id}")["total_predictions_number"]) - count
    return {"seconds": seconds, "stored": stored}


def show(result: dict[str, Any]) -> None:
    """Print the table."""
    rounds = result["rounds"]
    totals = sorted(each["seconds"] for each in rounds)
    print(
        f"\n{len(rounds)} refits, {result['tasks']} and more open tasks, synthetic frames: from "
        f"sending the last label to the new order in Label Studio {median(totals):.1f} s "
        f"(median; {totals[0]:.1f} to {totals[-1]:.1f})"
    )
    names = list(dict.fromkeys(name for each in rounds for name in each["parts"]))
    for name in names:
        print(f"  {name:<20} {median(each['parts'].get(name, 0.0) for each in rounds):6.2f} s")
    pushed = median(each["pushed"] for each in rounds)
    theirs = result["upstream"]
    print(
        f"Retrieve Predictions, same tasks: {theirs['seconds']:.1f} s, {theirs['stored']} stored; "
        f"that is {theirs['seconds'] / median(totals):.1f} times as long for the suggestions alone"
        f" ({pushed:.0f} pushed by each refit)"
    )


if __name__ == "__main__":
    typer.run(main)
