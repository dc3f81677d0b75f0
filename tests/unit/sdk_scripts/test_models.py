"""What `pushoff models` says of event models and of nothing."""

import pytest

from pushoff.learning.heads.fit_sequence import fit_event_model
from pushoff.learning.model.model_file import save_event_model
from pushoff.learning.model.temporal_head import OUTPUTS
from pushoff.learning.registry.registry import Registry
from pushoff.learning.registry.versions import EVENT_MODELS, HeldOutEvents
from tests.unit.learning.event_samples import CONFIG, known_videos, small_extractor
from tests.unit.learning.learning_samples import card


@pytest.fixture
def register(tmp_path):
    """Register a small event model in the data folder; returns its version."""
    registry = Registry(f"sqlite:///{tmp_path / 'var/mlflow.db'}", str(tmp_path / "var/models"))

    def go(seed, held_out):
        folder = tmp_path / f"made{seed}"
        event_model = fit_event_model(small_extractor(), known_videos("ab"), CONFIG, seed)
        made = save_event_model(folder, event_model, card(classes=OUTPUTS, size_px=64))
        return registry.register(EVENT_MODELS, folder, made, {}, {}, {}, held_out=held_out)

    return go


def test_event_models_are_listed_with_what_was_held_out(pushoff, register):
    """The held-out F1 of events, its tolerance and clips; or why there is none."""
    scored = register(1, HeldOutEvents(0.9724, 1, 11))
    alone = register(2, None)
    newest, first = pushoff("models", "list", "--events").out.splitlines()
    assert alone in newest and "trained on one athlete only" in newest
    assert scored in first and "event F1 0.97 within 1 frame, 11 clips held out in turn" in first
    shown = pushoff("models", "show", scored, "--events").out
    assert "event F1 0.97 within 1 frame" in shown and "scorecard" not in shown
    back = pushoff("models", "promote", scored, "--events")
    assert (0, "") == (back.code, back.err)
    back = pushoff("models", "rollback", "--events")
    assert (1, "") == (back.code, back.out)
    assert f"no champion before {scored}" in back.err


@pytest.mark.parametrize(
    ("options", "command"),
    [(("--events",), "pushoff train --clips DIR"), (("--project", 7), "pushoff retrain")],
)
def test_an_empty_list_says_what_to_do(pushoff, options, command):
    """No model yet: the command that makes one."""
    result = pushoff("models", "list", *options)
    assert 0 == result.code
    assert command in result.out


@pytest.mark.parametrize(
    "words", [("rollback",), ("show", "resnet18-v1-123456"), ("promote", "resnet18-v1-123456")]
)
def test_without_a_model_nobody_else_is_blamed(pushoff, words):
    """Not Redis and not Label Studio: there is no such model, and event models are elsewhere."""
    said = pushoff("models", *words, "--project", "7")
    assert 1 == said.code
    error = said.err.splitlines()[-1]  # MLflow may log before it
    assert error.startswith("pushoff: project 7 has no ") and "--events" in error
    assert "edis" not in said.err


@pytest.mark.parametrize("words", [("list",), ("show", "x"), ("promote", "x"), ("rollback",)])
def test_without_label_studio_event_models_are_still_found(pushoff, words):
    """Where no project is connected the message says how to name event models; help does too."""
    said = pushoff("models", *words)
    assert 1 == said.code and "--events" in said.err
    assert "event models" in pushoff("models", words[0], "--help").out
