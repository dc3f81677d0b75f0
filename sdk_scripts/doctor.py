"""`pushoff doctor`: check every connection and name the setting to fix."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from time import monotonic

import httpx
import typer

from pushoff.errors import PushoffError
from pushoff.services import Services, open_services
from pushoff.studio.config.timeline import TimelineInterface


@dataclass(frozen=True)
class Finding:
    """The result of checking one connection."""

    connection: str
    ok: bool
    detail: str
    remedy: str = ""
    """The setting or command that fixes it."""


class CheckFailed(Exception):
    """A service answered, but not as expected."""


def findings(services: Services, project_id: int | None = None) -> Iterator[Finding]:
    """Check one connection after the other; a failed one does not stop the next."""
    for connection, check, remedy in (
        ("redis", _redis, "PUSHOFF_REDIS_URL (is the server running and the password correct?)"),
        ("worker", _worker, "start one: `python -m worker.main`"),
        ("scheduler", _scheduler, "start it: `python -m worker.scheduler`"),
        ("storage", _storage, "PUSHOFF_STORAGE_URL and PUSHOFF_DATA_DIR (full, read-only?)"),
        ("registry", _registry, "PUSHOFF_MLFLOW_URI"),
        ("champion loads", _champion, "`pushoff models rollback`"),
        ("pose model opens", _pose_model, "the system's packages in backend/Dockerfile"),
        ("this host -> backend", _backend, "PUSHOFF_BACKEND_URL, PUSHOFF_BACKEND_PASSWORD"),
        ("webhook secret", _webhook, "PUSHOFF_WEBHOOK_SECRET, then `pushoff project create`"),
        ("notifications", _notifications, "PUSHOFF_SMTP_URL or PUSHOFF_NOTIFY_URL"),
        ("token", _token, "PUSHOFF_LABEL_STUDIO_URL, PUSHOFF_LABEL_STUDIO_TOKEN"),
    ):
        yield _run_check(connection, partial(check, services), remedy)
    try:
        project = services.project(project_id)
    except PushoffError as error:
        yield Finding("project", False, str(error), "PUSHOFF_PROJECT, or `pushoff project create`")
        return
    yield Finding("project", True, f"project {project}")
    for connection, project_check, remedy in (
        (
            "Label Studio -> backend",
            _connection,
            "Label Studio's USE_DEFAULT_BANNED_SUBNETS=false and "
            "USER_ADDITIONAL_BANNED_SUBNETS=169.254.0.0/16, then `pushoff project create`",
        ),
        ("label config", _interface, "Label Studio: Settings > Labeling Interface"),
        (
            "media",
            _media,
            "PUSHOFF_MEDIA_ORIGINS, PUSHOFF_LABEL_STUDIO_MEDIA_ROOT, and Label Studio's "
            "LOCAL_FILES_SERVING_ENABLED and LOCAL_FILES_DOCUMENT_ROOT",
        ),
    ):
        yield _run_check(connection, partial(project_check, services, project), remedy)


def _run_check(connection: str, check: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(connection, True, check())
    except (PushoffError, CheckFailed, httpx.HTTPError, OSError) as error:
        return Finding(connection, False, str(error) or type(error).__name__, remedy)


def _redis(services: Services) -> str:
    started = monotonic()
    services.redis.ping()
    return f"answers in {1000 * (monotonic() - started):.0f} ms"


def _worker(services: Services) -> str:
    workers = services.queue.heartbeats.workers()
    if not workers:
        raise CheckFailed("no worker has reported within the last minute")
    return f"{len(workers)} alive"


def _scheduler(services: Services) -> str:
    age_s = services.queue.heartbeats.scheduler_age_s()
    if age_s is None or age_s > 120:
        raise CheckFailed("the scheduler has not reported for two minutes")
    return f"reported {age_s:.0f} s ago"


def _notifications(services: Services) -> str:
    """The settings only: nothing is sent."""
    from pushoff.notify.mail import parse_mail_server
    from pushoff.notify.webhook import check_url

    settings, channels = services.settings, list[str]()
    if smtp_url := settings.smtp_url.get_secret_value():
        channels.append(f"mail by {parse_mail_server(smtp_url, settings.mail_from).host}")
    if settings.notify_url:
        settings.secret("notify_secret")
        channels.append(f"webhook {check_url(settings.notify_url)}")
    return ", ".join(channels) or "off"


def _storage(services: Services) -> str:
    key = "doctor/probe"
    services.storage.write(key, b"pushoff")
    if services.storage.read(key) != b"pushoff":
        raise CheckFailed("the object read back differs from the one written")
    services.storage.delete(key)
    return "writable and readable"


def _registry(services: Services) -> str:
    services.registry.champion()
    return "reachable"


def _champion(services: Services) -> str:
    from pushoff.learning.registry.verify import verify_model

    champion = services.registry.champion()
    if champion is None:
        return "no champion yet; the first promoted model will be the champion"
    verify_model(services.registry.fetch(champion, services.model_cache))
    return f"{champion.version} loads"


def _pose_model(services: Services) -> str:
    from pushoff.video.pose import PoseFinder

    with PoseFinder():
        return "it does"


def _backend(services: Services) -> str:
    settings = services.settings
    auth = (settings.backend_user, settings.secret("backend_password"))
    response = httpx.get(f"{settings.backend_url}/health", auth=auth, timeout=5)
    if response.status_code != 200:
        raise CheckFailed(f"GET {settings.backend_url}/health answered {response.status_code}")
    return f"healthy in {response.elapsed.total_seconds() * 1000:.0f} ms"


def _webhook(services: Services) -> str:
    settings = services.settings
    response = httpx.post(
        f"{settings.backend_url}/webhook",
        headers={"X-Webhook-Secret": settings.secret("webhook_secret")},
        json={"action": "DOCTOR"},
        timeout=5,
    )
    if response.status_code not in (200, 202):
        raise CheckFailed(f"POST /webhook with our secret answered {response.status_code}")
    return "accepted by the backend"


def _token(services: Services) -> str:
    user = services.studio.get("/api/current-user/whoami")
    return f"accepted for user {user.get('id')} ({services.studio.token_kind})"


def _connection(services: Services, project_id: int) -> str:
    from pushoff.studio.project import connection_state

    state = connection_state(services.studio, project_id, services.settings.backend_url)
    if state.problems:
        raise CheckFailed("; ".join(state.problems))
    return "connected, webhook in place"


def _interface(services: Services, project_id: int) -> str:
    interface = services.interface(project_id)
    if isinstance(interface, TimelineInterface):
        return f"spans {', '.join(interface.labels.values())} over ${interface.video_key}"
    return f"choices {', '.join(interface.choices.values())} over ${interface.image_key}"


def _media(services: Services, project_id: int) -> str:
    from pushoff.studio.tasks import list_tasks

    interface = services.interface(project_id)
    for task in list_tasks(services.studio, project_id):
        if isinstance(interface, TimelineInterface):
            return _video(services, task.id, str(task.data.get(interface.video_key, "")))
        image = services.fetcher.image(str(task.data.get(interface.image_key, "")), task.id)
        return f"task {task.id}: {image.shape[1]}x{image.shape[0]} pixels"
    return "no task yet"


def _video(services: Services, task_id: int, address: str) -> str:
    """Request only the beginning of the video, as an annotator's browser does."""
    if not address.startswith("/"):
        return f"task {task_id}: a video in a bucket is not checked"
    with services.studio.stream(address) as video:
        content_type = video.headers.get("content-type", "no content type")
        if not content_type.startswith("video/"):
            raise CheckFailed(f"task {task_id}: Label Studio returns {content_type}, not a video")
    return f"task {task_id}: {content_type}"


def doctor(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Check every connection and name the setting to fix for each that fails."""
    failed = 0
    with open_services() as services:
        for finding in findings(services, project):
            print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.connection:<24} {finding.detail}")
            if not finding.ok:
                failed += 1
                print(f"     fix: {finding.remedy}")
    if failed:
        raise typer.Exit(1)
