"""Results of workflows, as a job stores them."""

import json
from dataclasses import asdict

import pytest
from pydantic import ValidationError

from pushoff.workflows.results import (
    DeletionResult,
    PublishResult,
    RetrainResult,
    TrainingOutcome,
    read_result,
)

RESULTS = [
    DeletionResult("0" * 16, True),
    PublishResult(7, "nightly", None, "hybrid", 3, 0, 0, 1),
    RetrainResult(7, "nightly", 2, TrainingOutcome("kept", excluded={"image unreadable": 1})),
]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: type(result).__name__)
def test_a_stored_result_is_read_back(result):
    """Through JSON, nested values included."""
    assert read_result(type(result), json.loads(json.dumps(asdict(result)))) == result


def test_the_result_of_another_job_is_refused():
    """A missing field is an error, never a default."""
    with pytest.raises(ValidationError):
        read_result(RetrainResult, asdict(RESULTS[0]))
