"""Values of the registry, as MLflow's tags hold them."""

import dataclasses

import numpy as np
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag

from pushoff.learning.evaluation.metrics import score
from pushoff.learning.registry.versions import (
    MAX_TAG,
    describe_score,
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


def test_a_version_is_read_back_from_its_tags():
    """Name, hashes, scores and decision come back as they were registered."""
    model = registered_model(stored(version_tags(CARD, "c" * 64, decision="kept")))
    assert model.version == "resnet18-v3-ababab" and model.number == 3
    assert (model.scorecard, model.card_sha256) == (CARD.scorecard, "c" * 64)
    assert model.decision == "kept" and model.created_at.endswith("+00:00")


def test_a_long_decision_fits_into_a_tag():
    """MLflow refuses tags of more than 5000 characters."""
    tags = version_tags(dataclasses.replace(CARD, scorecard=None), "c" * 64, "x" * 9999)
    assert len(tags["decision"]) == MAX_TAG < 5000
    assert registered_model(stored(tags)).scorecard is None


def test_a_score_says_on_what_it_was_measured():
    """Frames, push-offs, videos and footage; F1 without suggestions where it differs."""
    score = CARD.scorecard
    assert describe_score(score) == "F1 1.000 on 2 synthetic frames, 1 push-off, 1 video"
    half = dataclasses.replace(score, sessions=("a", "b"), unaided_frames=1, unaided_f1=0.5)
    assert describe_score(half).endswith(
        "2 videos; F1 0.500 on 1 frame labelled without a suggestion"
    )
    assert describe_score(None) == "not scored: nothing was held out"


def test_an_optimistic_score_is_called_provisional():
    """Held-out and training frames share videos."""
    shared = dataclasses.replace(CARD.scorecard, independent=False)
    assert describe_score(shared).startswith("provisional F1 1.000")
    assert "provisional" not in describe_score(CARD.scorecard)
