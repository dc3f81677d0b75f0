"""Every job: open the services, call one workflow. `pushoff.queue.jobs.JOBS` lists them by name.

A workflow is imported by its own job only, so that a job starts fast.
"""

from dataclasses import asdict
from typing import Any

from pushoff.services import open_services


def analyze_session(session_id: str) -> dict[str, Any]:
    """Find the push-offs in a coach's session."""
    from pushoff.workflows.analyze_session import analyze_session

    with open_services() as services:
        return asdict(analyze_session(services, session_id))


def assess_labels(project_id: int, reason: str) -> dict[str, Any]:
    """Measure how good a project's labels are."""
    from pushoff.workflows.assess_labels import assess_labels

    with open_services() as services:
        return asdict(assess_labels(services, project_id, reason))


def delete_session(session_id: str) -> dict[str, Any]:
    """Delete a coach's session everywhere."""
    from pushoff.workflows.delete_session import delete_session

    with open_services() as services:
        return asdict(delete_session(services, session_id))


def ingest_video(video_id: str) -> dict[str, Any]:
    """Make Label Studio tasks of a video's frames."""
    from pushoff.workflows.ingest_video import ingest_video

    with open_services() as services:
        return asdict(ingest_video(services, video_id))


def learn_from_sessions(reason: str) -> dict[str, Any]:
    """Fit the heads on the sessions that coaches checked; promote them if they are better."""
    from pushoff.workflows.learn_from_sessions import learn_from_sessions

    with open_services() as services:
        return asdict(learn_from_sessions(services, reason))


def nightly() -> dict[str, Any]:
    """Request what is due once a day, and clean up."""
    from pushoff.workflows.nightly import nightly

    with open_services() as services:
        return asdict(nightly(services))


def notify(kind: str, subject: str, key: str) -> dict[str, Any]:
    """Send one notification by mail and webhook."""
    from pushoff.workflows.notify import notify

    with open_services() as services:
        return asdict(notify(services, kind, subject, key))


def publish(project_id: int, reason: str) -> dict[str, Any]:
    """Push the champion's predictions and the queue's order to Label Studio."""
    from pushoff.workflows.publish import publish

    with open_services() as services:
        return asdict(publish(services, project_id, reason))


def publish_rest(project_id: int, reason: str) -> dict[str, Any]:
    """Push what follows the head of the queue that annotators have."""
    from pushoff.workflows.publish_rest import publish_rest

    with open_services() as services:
        return asdict(publish_rest(services, project_id, reason))


def refit(project_id: int, reason: str) -> dict[str, Any]:
    """Fit the heads on all labels; promote them if they are better."""
    from pushoff.workflows.refit import refit

    with open_services() as services:
        return asdict(refit(services, project_id, reason))


def refresh_analyses() -> dict[str, Any]:
    """Analyse one session again that an earlier version analysed."""
    from pushoff.workflows.refresh_analyses import refresh_analyses

    with open_services() as services:
        return asdict(refresh_analyses(services))


def render_clip(session_id: str, target: str, key: str) -> dict[str, Any]:
    """Render one slow-motion clip of a coach's session."""
    from pushoff.workflows.render_clip import render_clip

    with open_services() as services:
        return asdict(render_clip(services, session_id, target, key))


def retrain(project_id: int, reason: str) -> dict[str, Any]:
    """Train the whole network on all labels; promote it if it is better."""
    from pushoff.workflows.retrain import retrain

    with open_services() as services:
        return asdict(retrain(services, project_id, reason))


def sync_corrections(session_id: str) -> dict[str, Any]:
    """Copy a session's corrections to Label Studio."""
    from pushoff.workflows.sync_corrections import sync_corrections

    with open_services() as services:
        return asdict(sync_corrections(services, session_id))
