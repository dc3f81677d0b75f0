"""The two wires from a project to our backend: the webhook and the model connection."""

from typing import Any
from urllib.parse import urlsplit

from pushoff.errors import BadInput
from pushoff.studio.client import LabelStudioClient

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
WORKING = ("Connected", "Training", "Predicting")
ONCE = {"max_retries": 0}


def webhook_url(backend_url: str) -> str:
    """Where Label Studio sends its events."""
    return f"{backend_url.rstrip('/')}/webhook"


def check_address(backend_url: str) -> None:
    """Raises BadInput for a host name that Label Studio takes for no address."""
    host = urlsplit(backend_url).hostname or ""
    if "." not in host and ":" not in host and host != "localhost":
        raise BadInput(
            f"Label Studio takes no webhook address whose host has no dot: {backend_url}. Set "
            "PUSHOFF_BACKEND_URL to an address or a full name, such as http://backend.internal:9090"
        )


def ensure_webhook(
    studio: LabelStudioClient, project_id: int, backend_url: str, secret: str
) -> list[str]:
    """Exactly one webhook to us, with the secret header; ours may have moved.

    Returns what was wrong.
    """
    url = webhook_url(backend_url)
    wanted: dict[str, Any] = {
        "url": url,
        "send_payload": True,
        "send_for_all_actions": False,
        "actions": ACTIONS,
        "headers": {SECRET_HEADER: secret},
        "is_active": True,
    }
    hooks = _webhooks(studio, project_id, url, moved=True)
    if not hooks:
        studio.ask(
            lambda sdk: sdk.webhooks.create(project=project_id, **wanted, request_options=ONCE)
        )
        return ["webhook added"]
    keep = next((hook for hook in hooks if SECRET_HEADER in (hook["headers"] or {})), hooks[0])
    repaired = []
    if any(_differs(keep, name, value) for name, value in wanted.items()):
        studio.patch(f"/api/webhooks/{keep['id']}/", wanted)
        repaired.append("webhook: secret header and events set")
    for hook in hooks:
        if hook is not keep:
            studio.delete(f"/api/webhooks/{hook['id']}/")
            repaired.append("a second webhook to us removed")
    return repaired


def ensure_backend(
    studio: LabelStudioClient, project_id: int, backend_url: str, user: str, password: str
) -> list[str]:
    """Exactly one model connection to us, with Basic auth. Returns what was wrong.

    Label Studio calls our /health and /setup meanwhile. The password cannot be read back, so it
    is always written.
    """
    url = backend_url.rstrip("/")
    wanted: dict[str, Any] = {
        "url": url,
        "title": TITLE,
        "auth_method": "BASIC_AUTH",
        "basic_auth_user": user,
        "basic_auth_pass": password,
    }
    backends = _backends(studio, project_id, url, moved=True)
    repaired = []
    if not backends:
        studio.ask(lambda sdk: sdk.ml.create(project=project_id, **wanted, request_options=ONCE))
        repaired.append("model connected")
    else:
        keep, *others = backends
        unlike = [
            name
            for name in ("url", "title", "auth_method", "basic_auth_user")
            if keep[name] != wanted[name]
        ]
        studio.patch(f"/api/ml/{keep['id']}", wanted | {"project": project_id})
        if unlike or keep["readable_state"] not in WORKING:
            repaired.append("model reconnected with Basic auth")
        for other in others:
            studio.delete(f"/api/ml/{other['id']}")
            repaired.append("a second connection of the model removed")
    if not studio.get(f"/api/projects/{project_id}")["model_version"]:
        studio.patch(f"/api/projects/{project_id}", {"model_version": TITLE})
        repaired.append("suggestions of the model switched on")
    return repaired


def problems(studio: LabelStudioClient, project_id: int, backend_url: str) -> list[str]:
    """What is wrong between the project and us, one sentence each."""
    found = []
    repair = "run `pushoff project create` again"
    hooks = _webhooks(studio, project_id, webhook_url(backend_url))
    if len(hooks) != 1:
        found.append(
            f"{len(hooks)} webhooks point to {webhook_url(backend_url)}, not one: {repair}"
        )
    elif SECRET_HEADER not in (hooks[0]["headers"] or {}) or not hooks[0]["is_active"]:
        found.append(f"the webhook is off or has no secret header: {repair}")
    backends = _backends(studio, project_id, backend_url.rstrip("/"))
    if len(backends) != 1:
        found.append(f"{len(backends)} models connected at {backend_url}, not one: {repair}")
    elif backends[0]["readable_state"] not in WORKING:
        found.append(
            f"Label Studio cannot use the model at {backend_url} "
            f"({backends[0]['readable_state']}: {str(backends[0]['error_message'])[:300]}). "
            "Is the backend running, and can Label Studio reach PUSHOFF_BACKEND_URL?"
        )
    elif backends[0]["auth_method"] != "BASIC_AUTH":
        found.append(f"the model is connected without Basic auth: {repair}")
    return found


def _webhooks(
    studio: LabelStudioClient, project_id: int, url: str, moved: bool = False
) -> list[dict[str, Any]]:
    """Webhooks to us; `moved`: also those that carry our secret to where we were before."""
    return [
        hook
        for hook in studio.get("/api/webhooks/", project=project_id)
        if hook["project"] == project_id
        and (hook["url"] == url or (moved and SECRET_HEADER in (hook["headers"] or {})))
    ]


def _backends(
    studio: LabelStudioClient, project_id: int, url: str, moved: bool = False
) -> list[dict[str, Any]]:
    """Connections to us; `moved`: also those under our title to where we were before."""
    return [
        one
        for one in studio.get("/api/ml", project=project_id)
        if one["url"].rstrip("/") == url or (moved and one["title"] == TITLE)
    ]


def _differs(hook: dict[str, Any], name: str, value: Any) -> bool:
    have = hook.get(name)
    return set(have or ()) != set(value) if name == "actions" else have != value
