"""The last look at each project's labels, kept as JSON."""

from pydantic import TypeAdapter, ValidationError

from pushoff.active.label_quality.assessment import LabelQualityReport
from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage

_READER = TypeAdapter(LabelQualityReport)


def save_assessment(storage: Storage, assessment: LabelQualityReport) -> None:
    """Keep it in place of the one before. Raises StorageFailed."""
    storage.write_json(_key(assessment.project_id), _READER.dump_python(assessment, mode="json"))


def load_assessment(storage: Storage, project_id: int) -> LabelQualityReport | None:
    """The last one, None before the first. Raises StorageFailed when it is damaged."""
    key = _key(project_id)
    if not storage.exists(key):
        return None
    try:
        return _READER.validate_python(storage.read_json(key))
    except ValidationError as error:
        raise StorageFailed(
            f"{key} is damaged ({error.error_count()} fields): `pushoff project status --refresh` "
            "makes it anew."
        ) from None


def assessed_projects(storage: Storage) -> list[int]:
    """Projects that have been assessed, ascending."""
    names = [key.rpartition("/")[2].removesuffix(".json") for key in storage.list("assessments")]
    return sorted(int(name) for name in names if name.isdigit())


def _key(project_id: int) -> str:
    return f"assessments/{int(project_id)}.json"
