"""pushoff/studio/export/annotations.py: fields of any annotation."""

import pytest

from pushoff.studio.export.annotations import (
    annotator_of,
    coach_region_id,
    coach_session_of,
    exclusion_reason,
    regions_of,
    timestamp_of,
)

SESSION = "0123456789abcdef"


def of_regions(*ids, **more):
    return {"result": [{"id": region_id} for region_id in ids], **more}


@pytest.mark.parametrize("number", [None, 0, 12])
def test_the_region_id_names_the_coachs_session(number):
    """What is written into a region id is read back from it."""
    region_id = coach_region_id(SESSION, number)
    assert coach_session_of(of_regions("x", region_id)) == SESSION


@pytest.mark.parametrize(
    "region_id",
    ["coach-", "coach-ana", f"coach-{SESSION}x", f"coach-{SESSION}-", f"Coach-{SESSION}",
     f"x-coach-{SESSION}", SESSION, None, 5],
)  # fmt: skip
def test_other_region_ids_belong_to_no_coach(region_id):
    """An id is taken for a coach's only as a whole."""
    assert coach_session_of(of_regions(region_id)) is None


@pytest.mark.parametrize("change", [{"lead_time": 2.5}, {"was_cancelled": True}])
def test_an_edited_annotation_is_the_editors(change):
    """The editor always sends a lead time."""
    assert coach_session_of(of_regions(coach_region_id(SESSION), **change)) is None


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({"was_cancelled": True}, "skipped"),
        ({"parent_prediction": 7}, "bulk accepted"),
        ({"result": [{"score": 0.9}]}, "bulk accepted"),
        ({"parent_prediction": 7, "lead_time": 1.0}, None),
        ({"result": "damaged"}, None),
    ],
)
def test_skips_and_bulk_accepted_suggestions_are_excluded(annotation, reason):
    """Nobody has looked at a suggestion that was accepted in bulk."""
    assert exclusion_reason(annotation) == reason


def test_regions_of_one_tag_that_have_a_value():
    """Whatever else is in the result is left out."""
    value = {"choices": ["push_off"]}
    result = [
        {"from_name": "choice", "value": value},
        {"from_name": "foot", "value": value},
        {"from_name": "choice", "value": None},
        "damaged",
    ]
    assert regions_of({"result": result}, "choice") == result[:1]
    assert regions_of({"result": None}, "choice") == []


def test_annotators_and_times():
    """Exports give the annotator as a number or as an object; the last change counts."""
    assert [annotator_of({"completed_by": by}) for by in (3, {"id": 4}, None)] == [3, 4, -1]
    created = {"id": 1, "created_at": "2026-01-01T00:00:00Z"}
    changed = {"id": 2, "created_at": "2025-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z"}
    assert sorted([changed, {}, created], key=timestamp_of) == [{}, created, changed]
