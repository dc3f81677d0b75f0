"""Values of the registry, as MLflow's tags hold them."""

import dataclasses

import numpy as np
import pytest
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag

from pushoff.learning.evaluation.metrics import score
from pushoff.learning.registry.versions import (
    EVENT_MODELS,
    MAX_TAG,
    HeldOutEvents,
    project_key,
    registered_model,
    version_tags,
)
from tests.unit.learning.learning_samples import card

CARD = card(
    weights_sha256="ab" * 32,
    scorecard=score(np.array([0.9, 0.2]), np.array([1, 0]), ["s", "s"], "synthetic", 0.5),
)


def stored(tags: dict[str, str]) -> ModelVersion:
    """MLflow's own value with these tags."""
    pairs = [ModelVersionTag(name, value) for name, value in tags.items()]
    return ModelVersion("model", "3", 1_764_000_000_000, tags=pairs, run_id="r", source="file:x")


@pytest.mark.parametrize("held_out", [None, HeldOutEvents(0.9, 1, 3)])
@pytest.mark.parametrize("project_id", [7, EVENT_MODELS])
def test_a_version_is_read_back_from_its_tags(project_id, held_out):
    """Name, hashes, scores and decision come back as they were registered."""
    tags = version_tags(project_id, CARD, "c" * 64, held_out, decision="kept")
    model = registered_model(stored(tags))
    assert model.version == "resnet18-v3-ababab" and model.number == 3
    assert (model.project_id, model.held_out) == (project_id, held_out)
    assert (model.scorecard, model.card_sha256) == (CARD.scorecard, "c" * 64)
    assert model.decision == "kept" and model.created_at.endswith("+00:00")


def test_a_long_decision_fits_into_a_tag():
    """MLflow refuses tags of more than 5000 characters."""
    tags = version_tags(7, dataclasses.replace(CARD, scorecard=None), "c" * 64, None, "x" * 9999)
    assert len(tags["decision"]) == MAX_TAG < 5000
    assert registered_model(stored(tags)).scorecard is None


def test_a_project_key_is_a_number_or_events():
    """Anything else is refused."""
    assert project_key("7") == 7 and project_key("events") == EVENT_MODELS
    with pytest.raises(ValueError):
        project_key("seven")


def test_the_tolerance_is_told_in_frames():
    """One frame, several frames."""
    assert "within 1 frame," in str(HeldOutEvents(0.9, 1, 3))
    assert "within 2 frames," in str(HeldOutEvents(0.9, 2, 3))
