import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import ExportWrong
from pushoff.studio.export.reader import tasks_in

TASK = {"id": 1, "data": {"image": "x"}, "annotations": []}


def tasks_of(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(tasks_in(path))


texts = st.text(max_size=30)
tasks = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(),
            "data": st.dictionaries(texts, texts | st.floats(allow_nan=False), max_size=3),
            "annotations": st.lists(st.dictionaries(texts, texts, max_size=2), max_size=3),
        }
    ),
    max_size=5,
    unique_by=lambda task: task["id"],
)


@settings(max_examples=50)
@given(tasks, st.sampled_from([None, 1]), st.booleans())
def test_every_export_reads_back(tmp_path_factory, tasks, indent, ascii_only):
    """Reading task by task gives the same as reading the file at once."""
    path = tmp_path_factory.mktemp("export") / "export.json"
    assert tasks == tasks_of(path, json.dumps(tasks, indent=indent, ensure_ascii=ascii_only))


def test_tasks_longer_than_a_chunk_read_back(tmp_path):
    """Chunk borders fall anywhere, numbers and strings included."""
    tasks = [{"id": 10**i, "data": {"x": "y" * 50_000}, "annotations": []} for i in range(12)]
    assert tasks == tasks_of(tmp_path / "export.json", json.dumps(tasks))


@pytest.mark.parametrize("cut", [1, 2, 10, 60, 100])
def test_a_cut_off_export_is_refused(tmp_path, cut):
    """Half an export never becomes a dataset."""
    whole = json.dumps([TASK, {**TASK, "id": 2}])
    with pytest.raises(ExportWrong, match="cut off"):
        tasks_of(tmp_path / "export.json", whole[:-cut])


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "null", "[1]", "[null]", '[{"id": "1", "data": {}, "annotations": []}]',
        '[{"id": 1, "annotations": []}]', '[{"id": 1, "data": {}}]', "<html>", "[" * 100_000,
        json.dumps([TASK]) + "x", "[,]", f"[{json.dumps(TASK)},]",
        json.dumps([TASK, TASK]), f"[{json.dumps(TASK)} {json.dumps({**TASK, 'id': 2})}]",
        b"\xff\xfe[]", json.dumps([TASK]).encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_not_an_export_is_refused(tmp_path, text):
    """Edited files, other formats, duplicate tasks and other encodings."""
    with pytest.raises(ExportWrong):
        tasks_of(tmp_path / "export.json", text)


def test_an_empty_project_is_an_export(tmp_path):
    """No task is no fault."""
    assert [] == tasks_of(tmp_path / "export.json", " [ ] \n")
