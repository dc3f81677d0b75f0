"""What connects a project to this backend: the webhook and the model connection."""

from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

from pushoff.errors import BadInput
from pushoff.studio.client import LabelStudioClient

if TYPE_CHECKING:
    from label_studio_sdk import MlBackend, Webhook

ACTIONS = [
    "ANNOTATION_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATIONS_DELETED",
    "TASKS_CREATED",
    "PROJECT_UPDATED",
]
SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105 - the header's name
TITLE = "pushoff"
"""Of the model in Label Studio's Settings > Model."""
USABLE_STATES = ("Connected", "Training", "Predicting")


class _WebhookFields(TypedDict):
    url: str
    send_payload: bool
    send_for_all_actions: bool
    actions: list[str]
    headers: dict[str, str]
    is_active: bool


class _BackendFields(TypedDict):
    url: str
    title: str
    auth_method: str
    basic_auth_user: str
    basic_auth_pass: str


def webhook_url(backend_url: str) -> str:
    """Where Label Studio sends its events."""
    return f"{backend_url.rstrip('/')}/webhook"


def check_backend_address(backend_url: str) -> None:
    """Raises BadInput for a host name that Label Studio does not accept as an address."""
    host = urlsplit(backend_url).hostname or ""
    if "." not in host and ":" not in host and host != "localhost":
        raise BadInput(
            f"Label Studio does not accept a webhook address whose host has no dot: {backend_url}.",
            remedy="Set PUSHOFF_BACKEND_URL to an IP address or a full name, such as "
            "http://backend.internal:9090",
        )


def ensure_webhook(
    studio: LabelStudioClient, project_id: int, backend_url: str, secret: str
) -> list[str]:
    """Exactly one webhook to this backend, with the secret header; one to a former address is
    updated. Returns what was repaired. Raises StudioRefused, StudioUnreachable.
    """
    url = webhook_url(backend_url)
    fields: _WebhookFields = {
        "url": url,
        "send_payload": True,
        "send_for_all_actions": False,
        "actions": ACTIONS,
        "headers": {SECRET_HEADER: secret},
        "is_active": True,
    }
    webhooks = _webhooks(studio, project_id, url, moved=True)
    if not webhooks:
        studio.sdk_call(lambda sdk: sdk.webhooks.create(project=project_id, **fields))
        return ["webhook added"]
    kept = next((hook for hook in webhooks if _has_secret(hook)), webhooks[0])
    repaired = []
    if _differs(kept, fields):
        studio.sdk_call(lambda sdk: sdk.webhooks.update(_id(kept), **fields))
        repaired.append("webhook: secret header and events set")
    for webhook in webhooks:
        if webhook is not kept:
            _delete_webhook(studio, _id(webhook))
            repaired.append("a second webhook to this backend removed")
    return repaired


def ensure_backend(
    studio: LabelStudioClient, project_id: int, backend_url: str, user: str, password: str
) -> list[str]:
    """Exactly one model connection to this backend, with Basic auth. Returns what was repaired.

    Label Studio calls /health and /setup meanwhile. The password cannot be read back, so it is
    always written. Raises StudioRefused, StudioUnreachable.
    """
    fields: _BackendFields = {
        "url": backend_url.rstrip("/"),
        "title": TITLE,
        "auth_method": "BASIC_AUTH",
        "basic_auth_user": user,
        "basic_auth_pass": password,
    }
    backends = _backends(studio, project_id, fields["url"], moved=True)
    repaired = []
    if not backends:
        studio.sdk_call(lambda sdk: sdk.ml.create(project=project_id, **fields))
        repaired.append("model connected")
    else:
        kept, *duplicates = backends
        differs = (kept.url, kept.title, kept.auth_method, kept.basic_auth_user) != (
            fields["url"], TITLE, "BASIC_AUTH", user,
        )  # fmt: skip
        studio.sdk_call(lambda sdk: sdk.ml.update(_id(kept), project=project_id, **fields))
        if differs or kept.readable_state not in USABLE_STATES:
            repaired.append("model reconnected with Basic auth")
        for duplicate in duplicates:
            _delete_backend(studio, _id(duplicate))
            repaired.append("a second connection of the model removed")
    if not studio.sdk_call(lambda sdk: sdk.projects.get(project_id)).model_version:
        studio.sdk_call(lambda sdk: sdk.projects.update(project_id, model_version=TITLE))
        repaired.append("model suggestions enabled")
    return repaired


def connection_problems(studio: LabelStudioClient, project_id: int, backend_url: str) -> list[str]:
    """What is wrong with the project's webhook and model connection, one sentence each.

    Raises StudioRefused, StudioUnreachable.
    """
    problems = []
    repair = "run `pushoff project create` again"
    url = webhook_url(backend_url)
    webhooks = _webhooks(studio, project_id, url)
    if len(webhooks) != 1:
        problems.append(f"{len(webhooks)} webhooks point to {url} instead of one: {repair}")
    elif not _has_secret(webhooks[0]) or not webhooks[0].is_active:
        problems.append(f"the webhook is off or has no secret header: {repair}")
    backends = _backends(studio, project_id, backend_url.rstrip("/"))
    if len(backends) != 1:
        problems.append(
            f"{len(backends)} models are connected at {backend_url} instead of one: {repair}"
        )
    elif backends[0].readable_state not in USABLE_STATES:
        problems.append(
            f"Label Studio cannot use the model at {backend_url} "
            f"({backends[0].readable_state}: {str(backends[0].error_message)[:300]}). "
            "Is the backend running, and can Label Studio reach PUSHOFF_BACKEND_URL?"
        )
    elif backends[0].auth_method != "BASIC_AUTH":
        problems.append(f"the model is connected without Basic auth: {repair}")
    return problems


def connected_projects(studio: LabelStudioClient, backend_url: str) -> list[int]:
    """Ids of the projects whose webhook points to this backend, ascending. One cheap request.

    Raises StudioRefused, StudioUnreachable.
    """
    url = webhook_url(backend_url)
    webhooks = studio.sdk_call(lambda sdk: sdk.webhooks.list())
    return sorted({hook.project for hook in webhooks if hook.url == url and hook.project})


def _webhooks(
    studio: LabelStudioClient, project_id: int, url: str, moved: bool = False
) -> "list[Webhook]":
    """Webhooks to `url`; `moved`: also those with a secret header to another address."""
    webhooks = studio.sdk_call(lambda sdk: sdk.webhooks.list(project=str(project_id)))
    return [
        hook
        for hook in webhooks
        if hook.project == project_id and (hook.url == url or (moved and _has_secret(hook)))
    ]


def _backends(
    studio: LabelStudioClient, project_id: int, url: str, moved: bool = False
) -> "list[MlBackend]":
    """Model connections to `url`; `moved`: also those with this title to another address."""
    backends = studio.sdk_call(lambda sdk: sdk.ml.list(project=project_id))
    return [
        backend
        for backend in backends
        if backend.url.rstrip("/") == url or (moved and backend.title == TITLE)
    ]


def _delete_webhook(studio: LabelStudioClient, webhook_id: int) -> None:
    studio.sdk_delete(lambda sdk: sdk.webhooks.delete(webhook_id))


def _delete_backend(studio: LabelStudioClient, backend_id: int) -> None:
    studio.sdk_delete(lambda sdk: sdk.ml.delete(backend_id))


def _has_secret(webhook: "Webhook") -> bool:
    return SECRET_HEADER in (webhook.headers or {})


def _differs(webhook: "Webhook", fields: _WebhookFields) -> bool:
    actual: dict[str, Any] = {name: getattr(webhook, name) for name in fields}
    actual["actions"] = set(webhook.actions or ())
    return actual != {**fields, "actions": set(fields["actions"])}


def _id(stored: "Webhook | MlBackend") -> int:
    if stored.id is None:
        raise ValueError("Label Studio returned a connection without an id")
    return stored.id
