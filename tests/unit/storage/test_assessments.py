"""pushoff/storage/assessments.py: the last assessment of a project."""

import pytest

from pushoff.active.label_quality.agreement import Agreement
from pushoff.active.label_quality.automation_bias import Answers, AutomationBias
from pushoff.active.label_quality.stopping import StopHint
from pushoff.errors import StorageFailed
from pushoff.storage.assessments import assessed_projects, load_assessment, save_assessment
from pushoff.storage.object_store import Storage
from tests.unit.active.assessed import assessment

NOTHING = AutomationBias(Answers(0, None, None), Answers(0, None, None), None, None)


EMPTY = assessment(
    labels=0, push_offs=0, accepted=0, videos=0, agreement=Agreement(0, 0, None, ()),
    bias=NOTHING, suspects=(), suspected=0, skipped_reason="0 labels", curve=(), gain=None,
    hint=StopHint(None, "Too early to say: 0 labels"), footage="no",
)  # fmt: skip


def test_an_assessment_comes_back_as_it_was_saved(tmp_path):
    """Also one without any labels."""
    storage = Storage(str(tmp_path))
    assert load_assessment(storage, 7) is None and assessed_projects(storage) == []
    for one in (EMPTY, assessment()):
        save_assessment(storage, one)
        assert one == load_assessment(storage, 7)
    assert [7] == assessed_projects(storage)


def test_a_damaged_assessment_has_a_remedy(tmp_path):
    """A damaged file is refused with the command that writes it again."""
    storage = Storage(str(tmp_path))
    for stored, code in (
        ({"labels": "many"}, "unknown_format"),
        ({"format": 1, "labels": "many"}, "invalid_value"),
    ):
        storage.write_json("assessments/7.json", stored)
        with pytest.raises(StorageFailed) as failed:
            load_assessment(storage, 7)
        assert failed.value.code == code
        assert "pushoff project status --refresh" in failed.value.remedy
