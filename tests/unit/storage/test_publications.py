import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.storage.publications import (
    Publication,
    QueueEntry,
    list_publications,
    load_publication,
    publication_name,
    published_version,
    save_publication,
    shrink_publication,
)
from pushoff.values import Label, Suggestion


def publication(name):
    places = {
        7: QueueEntry(7, Suggestion(Label.PUSH_OFF, 0.81), 0.25, "Least sure."),
        8: QueueEntry(8, Suggestion(Label.NOT_PUSH_OFF, 0.4), 0.5, "Sure.", at_random=True),
        9: QueueEntry(9, None, 0.75, "Spread.", True),
    }
    return Publication(name, published_version(name), "hybrid", places)


def test_a_publication_comes_back_as_it_was(tmp_path):
    """A publication can be looked up by the model version in Label Studio."""
    storage = Storage(str(tmp_path))
    name = publication_name("resnet18-v3-abc123", [7, 9], {"strategy": "hybrid"})
    save_publication(storage, 3, publication(name))
    assert load_publication(storage, 3, name) == publication(name)
    assert list_publications(storage, 3) == [name]
    assert load_publication(storage, 4, name) is None
    assert load_publication(storage, 3, "../3/x") is None


def test_of_a_former_publication_blind_and_random_tasks_are_kept(tmp_path):
    """Assessments still need them, with what was suggested; again nothing more goes."""
    storage = Storage(str(tmp_path))
    name = publication_name("m", [7, 8, 9], {})
    save_publication(storage, 3, publication(name))
    for _ in range(2):
        shrink_publication(storage, 3, name)
        places = publication(name).places
        assert load_publication(storage, 3, name).places == {8: places[8], 9: places[9]}
    shrink_publication(storage, 3, "m.000000")


def test_a_record_of_an_earlier_format_is_refused(tmp_path):
    """It has probabilities in place of suggestions."""
    storage = Storage(str(tmp_path))
    name = publication_name("m", [], {})
    save_publication(storage, 3, publication(name))
    record = storage.read_json(f"publications/3/{name}.json")
    storage.write_json(f"publications/3/{name}.json", record | {"format": 1})
    with pytest.raises(StorageFailed) as failed:
        load_publication(storage, 3, name)
    assert failed.value.code == "unknown_format"


def test_a_damaged_record_is_refused(tmp_path):
    """A record of another format is refused with a remedy."""
    storage = Storage(str(tmp_path))
    name = publication_name("m", [], {"strategy": "random"})
    storage.write_json(f"publications/3/{name}.json", {"name": name})
    with pytest.raises(StorageFailed) as failed:
        load_publication(storage, 3, name)
    assert failed.value.code == "unknown_format"
    assert failed.value.remedy


@given(st.lists(st.integers(1, 10**6), unique=True, max_size=10), st.text(max_size=5))
def test_a_name_depends_on_content_alone(ids, label):
    """The same tasks and labels give the same name in any order; other labels another."""
    made_of = {"strategy": "hybrid", "labels": [label]}
    name = publication_name("resnet18-v1-abcdef", ids, made_of)
    assert name == publication_name(
        "resnet18-v1-abcdef", ids[::-1], dict(reversed(made_of.items()))
    )
    assert name != publication_name("resnet18-v1-abcdef", ids, {**made_of, "labels": [label + "+"]})
    assert published_version(name) == "resnet18-v1-abcdef"


def test_any_other_name_is_its_own_version():
    """The backend's title and other services' model versions are returned unchanged."""
    assert published_version("pushoff") == "pushoff"
    assert published_version("resnet18-v1-abcdef") == "resnet18-v1-abcdef"
