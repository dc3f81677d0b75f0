"""Values of the registry, as MLflow's tags hold them."""

import dataclasses

from mlflow.entities.model_registry import ModelVersion, ModelVersionTag

from pushoff.learning.registry.versions import (
    MAX_TAG,
    describe_score,
    registered_model,
    version_tags,
)
from tests.unit.learning.evaluation.evaluation_samples import scorecard
from tests.unit.learning.learning_samples import card

CARD = card(weights_sha256="ab" * 32, scorecard=scorecard(footage="synthetic"))


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
    """Push-offs, athletes, frames and footage; F1 without suggestions where it differs."""
    score = CARD.scorecard
    measured_on = "30 push-offs of 3 athletes, 300 synthetic frames"
    assert describe_score(score) == f"F1 within one frame 0.90 (0.60 to 1.00) on {measured_on}"
    some = dataclasses.replace(score, unaided_frames=1, unaided_f1=0.5)
    assert describe_score(some).endswith("frames; F1 0.50 on 1 frame labelled without a suggestion")
    of_videos = dataclasses.replace(score, split_by="session", groups=("a",))
    assert "of 1 video," in describe_score(of_videos)
    assert describe_score(None) == "not scored: nothing was held out"


def test_an_optimistic_score_is_called_provisional():
    """Held-out and training frames share videos."""
    shared = dataclasses.replace(CARD.scorecard, split_by="time")
    assert describe_score(shared).startswith("provisional F1 within one frame 0.90")
    assert "provisional" not in describe_score(CARD.scorecard)


def test_a_score_on_few_push_offs_is_not_proven():
    """It says how many are needed."""
    few = dataclasses.replace(CARD.scorecard, push_offs=5)
    assert describe_score(few).endswith("; not proven, 20 push-offs are needed")
    assert "proven" not in describe_score(CARD.scorecard)
