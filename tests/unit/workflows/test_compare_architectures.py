"""ResNet18 against ResNet34 on the same held-out groups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.review.checks import mark_checked
from pushoff.learning.evaluation.comparison import compare
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.features.feature_extractor import load_feature_extractor
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.util.progress import ignore_progress
from pushoff.workflows.compare_architectures import (
    LARGE,
    SMALL,
    JudgedArchitecture,
    compare_architectures,
    verdict,
)
from tests.unit.learning.evaluation.evaluation_samples import held_out
from tests.unit.learning.event_samples import known
from tests.unit.workflows.session_samples import coach, ready_session

GATE = {"minimum_gain": 0.005, "minimum_confidence": 0.6}


def judged(name: str, frames, seconds: float) -> JudgedArchitecture:
    card = score(frames, 1)
    return JudgedArchitecture(name, "imagenet", frames, card, 0.0, seconds, 900.0, ())


def verdict_of(small, large) -> tuple[str, str]:
    pair = judged(SMALL, small, 100.0), judged(LARGE, large, 180.0)
    return verdict(*pair, compare(large, small), **GATE)


def test_the_larger_one_is_taken_only_if_it_is_proven_better():
    """A tie keeps the smaller; the sentence names time and memory."""
    labels = {
        f"v{video}": {20 * step + at: int(at == 4) for step in range(4) for at in range(9)}
        for video in range(10)
    }
    good = held_out(labels, dict.fromkeys(labels, (4, 24, 44, 64)), split_by="session")
    bad = held_out(labels, dict.fromkeys(labels, (4,)), split_by="session")
    take, sentence = verdict_of(good, good)
    assert take == SMALL and "is not proven better" in sentence
    assert "1.8 times as long and 900 MiB" in sentence
    take, sentence = verdict_of(bad, good)
    assert take == LARGE and sentence.startswith("Take resnet34, which is better")
    assert verdict_of(good, bad)[0] == SMALL


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Without Label Studio and Redis; heads are fitted in two steps."""
    settings = Settings(
        _env_file=None, data_dir=tmp_path / "data", weights="none", size_px=32, head_steps=2
    )
    with open_services(settings) as opened:
        yield opened


def test_both_are_judged_on_the_same_push_offs_and_nothing_is_registered(services):
    """Checked sessions of two athletes; too few labelled frames to train a backbone on."""
    for name in (SMALL, LARGE):
        extractor, _ = load_feature_extractor(name, "none", 32)
        for seed, athlete in enumerate(("ana", "ben")):
            session = ready_session(services, extractor, known(4), athlete, seed=seed)
            if name == SMALL:
                mark_checked(services.database, session.session_id, coach(services))
    result = compare_architectures(
        services,
        weights={SMALL: "none", LARGE: "none"},
        train=True,
        on_progress=ignore_progress,
    )
    assert list(result.judged) == [SMALL, LARGE] and result.take in result.judged
    assert result.comparison.candidate.push_offs == 8
    for one in result.judged.values():
        assert one.scorecard.push_offs == 8 and one.backbone_s == 0 and one.memory_mib > 0
        assert "too few labelled frames" in one.notes[0]
    assert services.registry.versions() == []
