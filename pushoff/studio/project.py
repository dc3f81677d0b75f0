"""A Label Studio project connected to our backend: made, repaired and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pushoff.errors import BadInput, LabelConfigWrong, StudioRefused
from pushoff.studio import connections, storage_connection
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import Interface, build_label_config, parse_label_config
from pushoff.studio.config.timeline import TimelineInterface, build_timeline_config
from pushoff.studio.tabs import ensure_queue_tab

COLD_START = "Sequential sampling"
"""Tasks in the order they were made, most diverse first, until a champion has scored them."""
ONCE = {"max_retries": 0}
"""Making something is never tried twice behind our back."""


@dataclass(frozen=True)
class ProjectPlan:
    """What the project is to be."""

    title: str
    """3 to 50 characters; the project with this title is reused."""
    backend_url: str
    """Our backend as Label Studio reaches it."""
    backend_user: str
    backend_password: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    storage_url: str = ""
    """Our storage: a folder, or s3://bucket/prefix. Empty: frames are uploaded by hand only."""
    media_root: str | None = None
    """The storage folder as Label Studio sees it; None: the same path as ours."""
    s3: Mapping[str, str] = field(default_factory=dict, repr=False)
    """How Label Studio reaches the bucket: s3_endpoint, region_name, aws_access_key_id,
    aws_secret_access_key. Empty: Label Studio's own environment says so."""
    foot: bool = False
    toe: bool = False
    timeline: bool = False
    """Whole videos are labelled, by marking spans; else single frames. `foot` and `toe` are of
    single frames."""

    @property
    def label_config(self) -> str:
        """The label config of a new project, XML."""
        return build_timeline_config() if self.timeline else build_label_config(self.foot, self.toe)


@dataclass(frozen=True)
class ProjectReport:
    """What was done."""

    project_id: int
    created: bool
    repaired: list[str]
    """One line for each thing that was missing or wrong and is right now."""


@dataclass(frozen=True)
class ConnectionState:
    """How project and backend stand to each other, asked of Label Studio."""

    problems: list[str]
    """One sentence each, naming what to do; empty when all is well."""


def create_project(studio: LabelStudioClient, plan: ProjectPlan) -> ProjectReport:
    """Create the project, or repair the one with this title; read everything back.

    The webhook comes before the backend: connecting a backend makes Label Studio add a webhook
    without credentials unless there is one already.
    Raises BadInput for a bad title or backend address, LabelConfigWrong when an existing project
    with labels cannot
    tell push_off from not_push_off, StudioRefused (for private addresses with the exact lines to
    set), StudioUnreachable.
    """
    if not 3 <= len(plan.title.strip()) <= 50:
        raise BadInput(f"The project title {plan.title!r} must have 3 to 50 characters")
    connections.check_address(plan.backend_url)
    repaired: list[str] = []
    found = _find(studio, plan)
    project_id = found if found is not None else _create(studio, plan)
    repaired += _repair_label_config(studio, plan, project_id)
    repaired += storage_connection.ensure(
        studio, project_id, plan.storage_url, plan.media_root, plan.s3
    )
    repaired += connections.ensure_webhook(
        studio, project_id, plan.backend_url, plan.webhook_secret
    )
    repaired += connections.ensure_backend(
        studio, project_id, plan.backend_url, plan.backend_user, plan.backend_password
    )
    ensure_queue_tab(studio, project_id)
    problems = connection_state(studio, project_id, plan.backend_url).problems
    if problems:
        raise StudioRefused(f"Project {project_id} is not connected: " + "; ".join(problems))
    return ProjectReport(project_id, found is None, repaired if found is not None else [])


def connection_state(
    studio: LabelStudioClient, project_id: int, backend_url: str
) -> ConnectionState:
    """Check label config, webhook and backend. Label Studio calls our /health and /setup."""
    problems = connections.problems(studio, project_id, backend_url)
    try:
        parse_label_config(project_label_config(studio, project_id))
    except LabelConfigWrong as wrong:
        problems.append(str(wrong))
    return ConnectionState(problems)


def connected_projects(studio: LabelStudioClient, backend_url: str) -> list[int]:
    """Projects whose webhook points to us, in order of their number. One cheap request."""
    ours = connections.webhook_url(backend_url)
    hooks = studio.get("/api/webhooks/")
    return sorted({hook["project"] for hook in hooks if hook["url"] == ours and hook["project"]})


def project_label_config(studio: LabelStudioClient, project_id: int) -> str:
    """The project's label config, XML."""
    return str(studio.get(f"/api/projects/{project_id}")["label_config"])


def label_count(studio: LabelStudioClient, project_id: int) -> int:
    """Submitted annotations, skips not counted; of whole videos the spans in them. Cheap."""
    project = studio.get(f"/api/projects/{project_id}")
    videos = _videos_interface(project["label_config"])
    if videos is None:
        return int(project["total_annotations_number"])
    regions = studio.get(f"/api/projects/{project_id}/summary/")["created_annotations"]
    return int(regions.get(f"{videos.from_name}|{videos.to_name}|timelinelabels", 0))


def _videos_interface(label_config: str) -> TimelineInterface | None:
    try:
        found = parse_label_config(label_config)
    except LabelConfigWrong:
        return None
    return found if isinstance(found, TimelineInterface) else None


def _find(studio: LabelStudioClient, plan: ProjectPlan) -> int | None:
    """The project with this title: one connected to us first, else the oldest."""
    titled: list[int] = []
    page: dict[str, Any] | None = {"next": "first"}
    number = 0
    while page and page["next"]:
        number += 1
        page = studio.get("/api/projects", page=number, page_size=100, title=plan.title)
        titled += [one["id"] for one in page["results"] if one["title"] == plan.title]
    connected = set(connected_projects(studio, plan.backend_url))
    return min(titled, key=lambda one: (one not in connected, one), default=None)


def _create(studio: LabelStudioClient, plan: ProjectPlan) -> int:
    made = studio.ask(
        lambda sdk: sdk.projects.create(
            title=plan.title,
            description="Push-offs in side-view video of bounding drills",
            label_config=plan.label_config,
            sampling=COLD_START,
            request_options=ONCE,
        )
    )
    return int(made.id)


def _repair_label_config(
    studio: LabelStudioClient, plan: ProjectPlan, project_id: int
) -> list[str]:
    """Replace a label config we cannot use, but never under existing annotations."""
    project = studio.get(f"/api/projects/{project_id}")
    repaired: list[str] = []
    changes: dict[str, Any] = {}
    try:
        _check_kind(plan, parse_label_config(project["label_config"]))
    except LabelConfigWrong:
        if project["total_annotations_number"]:
            raise
        changes["label_config"] = plan.label_config
        repaired.append("label config: push_off and not_push_off added")
    if not project["show_collab_predictions"]:
        changes["show_collab_predictions"] = True
        repaired.append("predictions are shown to annotators again")
    if changes:
        studio.patch(f"/api/projects/{project_id}", changes)
    return repaired


def _check_kind(plan: ProjectPlan, interface: Interface) -> None:
    """Raises LabelConfigWrong where frames are labelled and videos are meant, or the other way."""
    if isinstance(interface, TimelineInterface) == plan.timeline:
        return
    kinds = ["single frames", "whole videos"]
    wanted = kinds.pop(plan.timeline)
    raise LabelConfigWrong(
        f"The project {plan.title!r} labels {kinds[0]}, not {wanted}, and has labels already: "
        "give another title with --title."
    )
