"""A model with a sequence head finds push-offs, before there is one the pose rules do."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from pushoff.errors import BadInput, NoSuchModel
from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.model_file import save_model
from pushoff.learning.model.out_of_distribution import NoveltyDetector
from pushoff.learning.starter import RULES
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.video.pose import LANDMARKS
from pushoff.workflows.steps.push_off_finder import (
    PushOffFinder,
    load_push_off_finder,
    push_off_finder,
)
from tests.unit.learning.event_samples import known_video, landmarks_of, small_extractor


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """Without Label Studio, Redis and models."""
    settings = Settings(_env_file=None, data_dir=tmp_path, weights="none", size_px=64)
    with open_services(settings) as opened:
        yield opened


def register(services: Services, model: PushOffModel) -> str:
    """The version of a model that is not promoted."""
    folder = services.scratch / "model"
    return services.registry.register(folder, save_model(folder, model), {}, {}, {})


def test_the_rules_answer_until_a_model_can_analyse_videos(services, fitted_model):
    """No champion, one that learnt from single pictures, one with a sequence head: the backbone is
    that of the champion; a version that is named must be able to answer itself."""
    first = load_push_off_finder(services)
    assert (first.version, first.model, first.trained_on) == (RULES, None, frozenset())

    pictures_only = register(services, replace(fitted_model, sequence=None))
    services.registry.promote(pictures_only, "first")
    second = load_push_off_finder(services)
    assert (second.version, second.model) == (RULES, None)
    assert second.extractor.fingerprint == fitted_model.extractor.fingerprint
    with pytest.raises(NoSuchModel) as cannot:
        load_push_off_finder(services, pictures_only)
    assert cannot.value.code == "no_sequence_head"

    version = register(services, fitted_model)
    assert load_push_off_finder(services, version).version == version
    services.registry.promote(version, "it knows videos")
    third = load_push_off_finder(services)
    assert (third.version, third.trained_on) == (version, fitted_model.trained_on)
    assert load_push_off_finder(services, rules=True).version == RULES


def test_rules_and_a_version_at_once_are_refused(services):
    """Nothing is loaded for it; neither is an unknown version replaced by the rules."""
    with pytest.raises(BadInput):
        load_push_off_finder(services, "resnet18-v1-abcdef", rules=True)
    with pytest.raises(NoSuchModel) as unknown:
        load_push_off_finder(services, "resnet18-v1-abcdef")
    assert unknown.value.code == "unknown_version"


def test_rules_find_nothing_where_nobody_moves():
    """Nobody was found, or a body that never moves: no push-off, and no error."""
    features = known_video("a", "a").features
    finder = PushOffFinder(RULES, small_extractor())
    assert finder.predict(features).events == ()
    still = np.full((len(features.times_s), LANDMARKS, 4), 50.0, np.float32)
    assert finder.predict(replace(features, landmarks=still)).events == ()


def test_a_model_is_in_use_for_videos_with_a_sequence_head_only(fitted_model):
    """Else the rules, on the features of the same backbone."""
    extractor = fitted_model.extractor
    pictures = replace(fitted_model, sequence=None)
    for version, model in ((None, None), ("resnet18-v1-abcdef", pictures)):
        finder = push_off_finder(version, model, extractor)
        assert (finder.version, finder.model, finder.extractor) == (RULES, None, extractor)
    finder = push_off_finder("resnet18-v1-abcdef", fitted_model, extractor)
    assert (finder.version, finder.model) == ("resnet18-v1-abcdef", fitted_model)


def test_what_is_suggested_is_what_a_report_shows(fitted_model):
    """The same push-offs under the same version; rules that see nobody suggest nothing, while a
    model judges such a video by its other features."""
    known_features = known_video("a", "a").features
    posed = replace(known_features, landmarks=landmarks_of(known_video("a", "a").truth))
    for finder in (
        PushOffFinder(RULES, small_extractor()),
        PushOffFinder("resnet18-v1-abcdef", fitted_model.extractor, fitted_model),
    ):
        suggested = finder.suggest(posed, 30.0)
        found = [(event.frame, event.probability) for event in finder.predict(posed).events]
        assert list(suggested.push_offs) == found and len(found) >= 4
        assert suggested.version == finder.version
        assert (finder.suggest(known_features, 30.0) is None) == (finder.model is None)


def test_a_model_finds_push_offs_and_knows_what_it_never_saw(fitted_model):
    """The events are the sequence head's; a video far from all training videos is told."""
    video = known_video("a", "a", seed=9)
    finder = PushOffFinder("resnet18-v1-abcdef", fitted_model.extractor, fitted_model)
    found = {event.frame for event in finder.predict(video.features).events}
    assert len(found) >= 4
    assert found <= set(video.truth.push_off_frames)
    assert not finder.is_out_of_distribution(video.features)
    strict = NoveltyDetector(fitted_model.novelty_detector.frames, 0.0)
    strict_model = replace(fitted_model, novelty_detector=strict)
    assert replace(finder, model=strict_model).is_out_of_distribution(video.features)
    assert not replace(finder, model=None).is_out_of_distribution(video.features)
