"""`pushoff project status` on an assessment the worker has kept."""

import json

import pytest

from pushoff.active.label_quality.assessment import to_sentences
from pushoff.storage.assessments import save_assessment
from pushoff.storage.object_store import Storage
from tests.unit.active.assessed import assessment


@pytest.fixture
def kept(tmp_path):
    """An assessment of project 7 in the data folder."""
    save_assessment(Storage(str(tmp_path / "var/storage")), assessment())


def test_the_status_is_told_in_sentences(pushoff, kept):
    """Every subject on a line of its own, with when it was looked at."""
    said = pushoff("project", "status", "--project", 7)
    assert (0, "") == (said.code, said.err)
    first, *lines = said.out.splitlines()
    assert first == "project 7, as of 2026-11-26 02:31 UTC"
    assert [words for _, words in to_sentences(assessment())] == [
        line[18:].strip() for line in lines
    ]


def test_the_status_as_json_holds_everything(pushoff, kept):
    """One object with all numbers, for the next program."""
    found = json.loads(pushoff("project", "status", "--project", 7, "--json").out)
    assert 0.81 == found["agreement"]["alpha"]["value"]
    assert [3, 5, 8] == [one["task_id"] for one in found["suspects"]]
    assert 5 == len(found["curve"]) and found["hint"]["stop"] is False


def test_before_the_first_look_the_command_says_what_to_do(pushoff):
    """No assessment is an error in a sentence, not an empty answer."""
    said = pushoff("project", "status", "--project", 7)
    assert (1, "") == (said.code, said.out)
    assert "--refresh" in said.err
