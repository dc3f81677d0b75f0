"""A Label Studio project connected to this backend: created, repaired and checked."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pushoff.errors import BadInput, LabelConfigWrong, StudioRefused
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import Interface, parse_label_config
from pushoff.studio.config.strip import shows_strip
from pushoff.studio.config.timeline import TimelineInterface, build_timeline_config
from pushoff.studio.connections import (
    check_backend_address,
    connected_projects,
    connection_problems,
    ensure_backend,
    ensure_webhook,
)
from pushoff.studio.instructions import ensure_instructions
from pushoff.studio.storage_connection import S3Access, ensure_storage
from pushoff.studio.tabs import ensure_annotator_tabs

if TYPE_CHECKING:
    from label_studio_sdk import AllRolesProjectList, LabelStudio

COLD_START = "Sequential sampling"
"""Tasks in the order they were created, most diverse first, until a champion has scored them."""


@dataclass(frozen=True)
class ProjectPlan:
    """The project to create."""

    title: str
    """3 to 50 characters; an existing project with this title is reused."""
    backend_url: str
    """This backend as Label Studio reaches it."""
    backend_user: str
    backend_password: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    storage_url: str = ""
    """The storage: a folder, or s3://bucket/prefix. Empty: frames are uploaded by hand only."""
    media_root: str | None = None
    """The storage folder as Label Studio sees it; None: the same path."""
    s3: S3Access | None = None
    """How Label Studio reaches the bucket; None: as its own environment says."""
    foot: bool = False
    """Ask for the foot of a push-off, too. Single frames only."""
    timeline: bool = False
    """Label whole videos by marking spans instead of single frames."""

    def label_config(self, studio_release: str) -> str:
        """The label config of a new project in this release of Label Studio, XML."""
        if self.timeline:
            return build_timeline_config()
        return build_label_config(self.foot, strip=shows_strip(studio_release))


@dataclass(frozen=True)
class ProjectReport:
    """Result of creating or repairing a project."""

    project_id: int
    created: bool
    repaired: list[str]
    """One line for each thing that was missing or wrong and has been repaired."""


@dataclass(frozen=True)
class ConnectionState:
    """How a project is connected to this backend, according to Label Studio."""

    problems: list[str]
    """One sentence each, with the remedy; empty when all is well."""


def create_project(studio: LabelStudioClient, plan: ProjectPlan) -> ProjectReport:
    """Create the project, or repair the one with this title; read everything back.

    The webhook comes before the backend: when a backend is connected, Label Studio adds a webhook
    without credentials unless there is one already.
    Raises BadInput for a bad title or backend address, LabelConfigWrong when an existing project
    with labels cannot tell push_off from not_push_off, StudioRefused (for private addresses with
    the exact lines to set), StudioUnreachable, StorageFailed.
    """
    if not 3 <= len(plan.title.strip()) <= 50:
        raise BadInput(f"The project title {plan.title!r} must have 3 to 50 characters")
    check_backend_address(plan.backend_url)
    repaired: list[str] = []
    existing = _find(studio, plan)
    project_id = existing if existing is not None else _create(studio, plan)
    repaired += _repair_label_config(studio, plan, project_id)
    repaired += ensure_storage(studio, project_id, plan.storage_url, plan.media_root, plan.s3)
    repaired += ensure_instructions(studio, project_id, plan.storage_url)
    repaired += ensure_webhook(studio, project_id, plan.backend_url, plan.webhook_secret)
    repaired += ensure_backend(
        studio, project_id, plan.backend_url, plan.backend_user, plan.backend_password
    )
    interface = parse_label_config(project_label_config(studio, project_id))
    ensure_annotator_tabs(studio, project_id, interface.media_key)
    problems = connection_state(studio, project_id, plan.backend_url).problems
    if problems:
        raise StudioRefused(f"Project {project_id} is not connected: " + "; ".join(problems))
    return ProjectReport(project_id, existing is None, repaired if existing is not None else [])


def connection_state(
    studio: LabelStudioClient, project_id: int, backend_url: str
) -> ConnectionState:
    """Check label config, webhook and backend. Label Studio calls /health and /setup.

    Raises StudioRefused, StudioUnreachable.
    """
    problems = connection_problems(studio, project_id, backend_url)
    try:
        parse_label_config(project_label_config(studio, project_id))
    except LabelConfigWrong as wrong:
        problems.append(str(wrong))
    return ConnectionState(problems)


def project_label_config(studio: LabelStudioClient, project_id: int) -> str:
    """The project's label config, XML. Raises StudioRefused, StudioUnreachable."""
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    return project.label_config or ""


def label_count(studio: LabelStudioClient, project_id: int) -> int:
    """The project's submitted annotations without skips; of whole videos the spans in them. Cheap.

    Raises StudioRefused, StudioUnreachable.
    """
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    interface = _timeline_interface(project.label_config or "")
    if interface is None:
        return project.total_annotations_number or 0
    regions = studio.get(f"/api/projects/{project_id}/summary/")["created_annotations"]
    return int(regions.get(f"{interface.from_name}|{interface.to_name}|timelinelabels", 0))


def _timeline_interface(label_config: str) -> TimelineInterface | None:
    try:
        interface = parse_label_config(label_config)
    except LabelConfigWrong:
        return None
    return interface if isinstance(interface, TimelineInterface) else None


def _find(studio: LabelStudioClient, plan: ProjectPlan) -> int | None:
    """The project with this title: one connected to this backend first, else the oldest."""
    ids = studio.sdk_call(lambda sdk: _ids_with_title(sdk, plan.title))
    connected = set(connected_projects(studio, plan.backend_url))
    return min(ids, key=lambda project_id: (project_id not in connected, project_id), default=None)


def _ids_with_title(sdk: "LabelStudio", title: str) -> list[int]:
    """Page by page: Label Studio's filter finds titles that contain this one, too."""
    ids: list[int] = []
    project: AllRolesProjectList
    for project in sdk.projects.list(title=title, page_size=100):
        if project.title == title and project.id:
            ids.append(project.id)
    return ids


def _create(studio: LabelStudioClient, plan: ProjectPlan) -> int:
    config = _new_label_config(studio, plan)
    project = studio.sdk_call(
        lambda sdk: sdk.projects.create(
            title=plan.title,
            description="Push-offs in side-view video of bounding drills",
            label_config=config,
            sampling=COLD_START,
        )
    )
    if project.id is None:
        raise StudioRefused("Label Studio created a project without an id")
    return project.id


def _new_label_config(studio: LabelStudioClient, plan: ProjectPlan) -> str:
    return plan.label_config(str(studio.get("/api/version").get("release", "")))


def _repair_label_config(
    studio: LabelStudioClient, plan: ProjectPlan, project_id: int
) -> list[str]:
    """Replace a label config without the two labels, but never under existing annotations."""
    project = studio.sdk_call(lambda sdk: sdk.projects.get(project_id))
    repaired: list[str] = []
    changes: dict[str, Any] = {}
    try:
        _check_kind(plan, parse_label_config(project.label_config or ""))
    except LabelConfigWrong:
        if project.total_annotations_number:
            raise
        changes["label_config"] = _new_label_config(studio, plan)
        repaired.append("label config: push_off and not_push_off added")
    if not project.show_collab_predictions:
        changes["show_collab_predictions"] = True
        repaired.append("predictions are shown to annotators again")
    if changes:
        studio.sdk_call(lambda sdk: sdk.projects.update(project_id, **changes))
    return repaired


def _check_kind(plan: ProjectPlan, interface: Interface) -> None:
    """Raises LabelConfigWrong when the project labels frames and the plan videos, or vice versa."""
    if isinstance(interface, TimelineInterface) == plan.timeline:
        return
    kinds = {False: "single frames", True: "whole videos"}
    raise LabelConfigWrong(
        f"The project {plan.title!r} labels {kinds[not plan.timeline]}, not "
        f"{kinds[plan.timeline]}, and has labels already.",
        remedy="Choose another title with --title.",
    )
