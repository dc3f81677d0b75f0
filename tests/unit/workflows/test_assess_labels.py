"""Which suspected labels somebody has looked at again."""

from pushoff.studio.export.latest_annotations import LatestAnnotation, TaskAnnotations
from pushoff.studio.task_data import read_frame
from pushoff.values import Label
from pushoff.workflows.assess_labels import reviewed_tasks
from tests.unit.active.assessed import assessment


def words(task_id: int, *at: str) -> TaskAnnotations:
    """A task on which people last spoke at these times."""
    said = [
        LatestAnnotation(annotator, Label.PUSH_OFF, when, annotator, 1.0, None, "", False)
        for annotator, when in enumerate(at)
    ]
    return TaskAnnotations(task_id, read_frame({}, "image"), tuple(said))


def test_a_later_word_settles_a_suspected_label_for_good():
    """Of three suspects one was submitted again and one got a second person's word: both are
    settled, as is what was settled before; the third is not."""
    there = [words(2, "dawn"), words(3, "noon"), words(5, "zenith"), words(8, "noon", "teatime")]
    assert {2, 5, 8} == reviewed_tasks(assessment(), there)


def test_a_task_that_is_gone_settles_nothing_and_nothing_is_settled_at_first():
    """Deleted tasks and the first look leave no trace."""
    assert {2} == reviewed_tasks(assessment(), [])
    assert set() == reviewed_tasks(None, [words(3, "noon")])
