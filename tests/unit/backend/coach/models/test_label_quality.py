"""Label quality of each project for the models page."""

from itertools import pairwise

import pytest

from backend.coach.models.label_quality import draw_learning_curve, label_quality_cards
from pushoff.storage.assessments import save_assessment
from pushoff.storage.object_store import Storage
from tests.unit.active.assessed import assessment


def test_there_is_a_card_for_each_assessed_project(tmp_path) -> None:
    """A damaged assessment is left out; the learning curve is drawn, not told as a sentence."""
    storage = Storage(str(tmp_path))
    assert label_quality_cards(storage) == []
    save_assessment(storage, assessment())
    save_assessment(storage, assessment(project_id=9, curve=()))
    storage.write_json("assessments/8.json", {"labels": "many"})
    first, second = label_quality_cards(storage)
    assert (first.project_id, second.project_id) == (7, 9)
    assert len(first.learning_curve.rows) == 5 and second.learning_curve is None
    assert "learning curve" not in dict(first.sentences)


def test_a_doubling_of_labels_has_the_same_width() -> None:
    """The horizontal axis is logarithmic: 50, 71, 100 labels are evenly spaced."""
    dots = draw_learning_curve(assessment().curve).chart.dots
    gaps = [after.x_percent - before.x_percent for before, after in pairwise(dots)]
    assert gaps == pytest.approx([gaps[0]] * 4, rel=0.05)
