"""The last assessment of each project's labels."""

from pydantic import TypeAdapter

from pushoff.active.label_quality.assessment import LabelQualityReport
from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record

FORMAT = 1
_REPORT = TypeAdapter(LabelQualityReport)


def save_assessment(storage: Storage, report: LabelQualityReport) -> None:
    """Replace the project's assessment. Raises StorageFailed."""
    fields = _REPORT.dump_python(report, mode="json")
    write_record(storage, _key(report.project_id), FORMAT, fields)


def load_assessment(storage: Storage, project_id: int) -> LabelQualityReport | None:
    """The last one, None before the first. Raises StorageFailed when it cannot be read."""
    key = _key(project_id)
    if not storage.exists(key):
        return None
    remedy = "`pushoff project status --refresh` writes it again."
    return read_record(storage, key, FORMAT, _REPORT, remedy)


def assessed_projects(storage: Storage) -> list[int]:
    """Ids of the projects that have been assessed, ascending. Raises StorageFailed."""
    names = [key.rpartition("/")[2].removesuffix(".json") for key in storage.list("assessments")]
    return sorted(int(name) for name in names if name.isdigit())


def _key(project_id: int) -> str:
    return f"assessments/{int(project_id)}.json"
