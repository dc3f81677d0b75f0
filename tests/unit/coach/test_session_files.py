"""Storage keys and the stored analysis of a session."""

import pytest

from pushoff.coach.session_files import (
    chapter_key,
    delete_newer_analysis,
    folder,
    load_analysis,
    load_newer_analysis,
    preview_key,
    save_analysis,
    save_newer_analysis,
    thumbnail_key,
)
from pushoff.errors import BadInput, Unsafe
from pushoff.storage.object_store import Storage
from tests.coach_sessions import LLR, reading

SESSION_ID = "0" * 16


def test_every_file_is_in_the_sessions_folder():
    """So deleting the folder deletes them; chapters sort in the order of the recording."""
    chapters = [chapter_key(SESSION_ID, number) for number in (0, 9, 10, 100)]
    assert chapters == sorted(chapters) and len(set(chapters)) == 4
    for key in (*chapters, preview_key(SESSION_ID), thumbnail_key(SESSION_ID)):
        assert key.startswith(f"{folder(SESSION_ID)}/")


@pytest.mark.parametrize("session_id", ["", "../etc", "0" * 15, "A" * 16])
def test_an_invalid_id_has_no_folder(session_id):
    """No key leaves the coach's part of the storage."""
    with pytest.raises(Unsafe):
        folder(session_id)


def test_a_stored_analysis_is_read_back(tmp_path):
    """Before it is stored the session is not analysed."""
    storage = Storage(str(tmp_path))
    with pytest.raises(BadInput) as refused:
        load_analysis(storage, SESSION_ID)
    assert refused.value.code == "not_analyzed"
    analysis = reading((60, 120, 190), LLR, 260, 240)
    save_analysis(storage, SESSION_ID, analysis)
    stored = load_analysis(storage, SESSION_ID)
    assert (stored.events, stored.info, stored.track) == (
        analysis.events, analysis.info, analysis.track,
    )  # fmt: skip


def test_a_newer_analysis_lies_beside_the_one_that_people_answered(tmp_path):
    """It changes nothing of that one, and can be deleted alone."""
    storage = Storage(str(tmp_path))
    assert load_newer_analysis(storage, SESSION_ID) is None
    save_analysis(storage, SESSION_ID, reading((60, 120, 190), LLR, 260, 240))
    save_newer_analysis(storage, SESSION_ID, reading((60, 190), LLR[:2], 260, 240))
    assert len(load_newer_analysis(storage, SESSION_ID).events) == 2
    assert len(load_analysis(storage, SESSION_ID).events) == 3
    delete_newer_analysis(storage, SESSION_ID)
    assert load_newer_analysis(storage, SESSION_ID) is None
