"""What an analysis says of the model that made it, and of a file that is cut off."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pushoff.learning.starter import RULES
from pushoff.values import Interval, Scorecard
from pushoff.video.pose import LANDMARKS
from pushoff.workflows.analyze import (
    FROM_RULES,
    describe_score,
    find_push_offs,
    truncation_warning,
)
from pushoff.workflows.steps.push_off_finder import PushOffFinder
from tests.unit.learning.event_samples import known_video, small_extractor

PROVEN = Scorecard(
    groups=("ana", "bo"),
    split_by="athlete",
    footage="real",
    frames=400,
    push_offs=41,
    precision=0.8,
    recall=0.8,
    f1=0.8,
    f1_within_1=0.91,
    f1_interval=Interval(0.84, 0.96),
    average_precision=0.9,
    average_precision_interval=Interval(0.8, 0.95),
    brier=0.05,
    calibration_error=0.03,
    confusion=(350, 9, 9, 32),
)


@pytest.mark.parametrize(
    ("decoded", "declared"), [(0, None), (90, None), (90, 90), (88, 90), (91, 90), (990, 1000)]
)
def test_a_complete_video_has_no_warning(decoded, declared):
    """A container may declare no count, or miscount by a frame or two."""
    assert truncation_warning(decoded, declared) is None


@pytest.mark.parametrize(("decoded", "declared"), [(87, 90), (989, 1000), (1, 900)])
def test_a_truncated_video_has_a_warning_with_both_counts(decoded, declared):
    """Frames that cannot be decoded are missing from the report."""
    warning = truncation_warning(decoded, declared)
    assert warning is not None
    assert f"{decoded} of its {declared} frames" in warning


def with_scorecard(model, card):
    """The model with another score."""
    return replace(model, card=replace(model.card, scorecard=card))


@pytest.mark.parametrize(
    ("changes", "starts", "words"),
    [
        ({}, "Tested on 41 real push-offs of 2 athletes that it was not", ()),
        ({"split_by": "session"}, "Tested on 41 real push-offs of 2 videos that it was not", ()),
        ({"push_offs": 19}, "Tested on 19 real push-offs", ("Not proven", "at least 20")),
        ({"split_by": "time"}, "Provisional, not proven", ("trained on other frames",)),
    ],
)
def test_a_score_says_what_it_was_measured_on(fitted_model, changes, starts, words):
    """The push-offs, their groups, the F1 with its interval, and what makes it worth less."""
    text = describe_score(with_scorecard(fitted_model, replace(PROVEN, **changes)))
    assert text.startswith(starts)
    assert "F1 0.91 (0.84 to 0.96) within one frame" in text
    assert all(word in text for word in words)
    assert ("proven" in text) == bool(words)


def test_without_held_out_push_offs_there_is_no_score(fitted_model):
    """A model that held out nothing says nothing; the rules say that they are rules."""
    assert describe_score(with_scorecard(fitted_model, None)) is None
    assert describe_score(None).startswith(FROM_RULES)


def test_an_analysis_names_what_found_the_push_offs(fitted_model):
    """The model's version and score; of the rules the report's first warning says what they are."""
    video = known_video("a", "a", seed=9)
    path = Path("never-opened.mp4")
    model = with_scorecard(fitted_model, PROVEN)
    finder = PushOffFinder("resnet18-v1-abcdef", model.extractor, model)
    analysis = find_push_offs(path, video.features, finder, capture_known=True)
    assert analysis.events == fitted_model.predict_video(video.features).events
    assert analysis.model_version == "resnet18-v1-abcdef"
    assert analysis.model_score == describe_score(model)
    assert analysis.warnings == ()

    still = np.full((len(video.features.times_s), LANDMARKS, 4), 50.0, np.float32)
    rules = PushOffFinder(RULES, small_extractor())
    features = replace(video.features, landmarks=still)
    analysis = find_push_offs(path, features, rules, capture_known=True)
    assert (analysis.model_version, analysis.events) == (RULES, ())
    assert analysis.warnings == (FROM_RULES,)
    assert not analysis.out_of_distribution
