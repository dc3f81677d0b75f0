import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.features.feature_extractor import MIRRORED, PLAIN
from pushoff.learning.model.out_of_distribution import (
    FRAMES_PER_VIDEO,
    MIN_VIDEOS,
    NO_DETECTOR,
    distance,
    fit_novelty_detector,
)
from tests.unit.learning.event_samples import known, video_of

WIDTH = 512
few = settings(max_examples=25, deadline=None)


def video(place, seed, seen=True, frames=60):
    """A video of 60 frames whose colours lie around those of a place, (512,) numbers."""
    colours = place + np.random.default_rng(seed).normal(0, 1, (frames, WIDTH))
    made = video_of(known(1), seed=seed, seen=seen)
    described = {
        PLAIN: {**made.views[PLAIN], "colours": colours.astype(np.float16)},
        MIRRORED: {**made.views[MIRRORED], "colours": -colours.astype(np.float16)},
    }
    return dataclasses.replace(
        made,
        times_s=np.arange(frames) / 30,
        track=dataclasses.replace(made.track, found=(seen,) * frames),
        views=described,
    )


HERE = np.random.default_rng(100).normal(0, 1, WIDTH)
THERE = np.random.default_rng(101).normal(0, 1, WIDTH)
KNOWN = fit_novelty_detector([(str(seed), video(HERE, seed)) for seed in range(8)])


def test_another_video_of_the_same_place_is_in_distribution():
    """Of videos that differ as the training videos do, at most one in a hundred is not."""
    others = [video(HERE, seed) for seed in range(50, 350)]
    assert sum(KNOWN.is_out_of_distribution(other) for other in others) <= 3


@few
@given(st.integers(50, 10_000))
def test_mirroring_does_not_change_the_distance(seed):
    """The smaller distance of a video and its mirror image counts."""
    other = video(HERE, seed)
    swapped = {PLAIN: other.views[MIRRORED], MIRRORED: other.views[PLAIN]}
    mirrored = dataclasses.replace(other, views=swapped)
    assert distance(other, KNOWN.frames) == distance(mirrored, KNOWN.frames)


@few
@given(st.integers(50, 10_000))
def test_another_place_is_out_of_distribution(seed):
    """A video of a place that no training video shows is out of distribution."""
    assert KNOWN.is_out_of_distribution(video(THERE, seed))
    assert distance(video(THERE, seed), KNOWN.frames) > distance(video(HERE, seed), KNOWN.frames)


def test_without_evidence_nothing_is_out_of_distribution():
    """Too few groups of videos, or no athlete in the video."""
    several = [("one athlete", video(HERE, seed)) for seed in range(8)]
    assert fit_novelty_detector(several).limit is None
    assert (
        fit_novelty_detector([(str(s), video(HERE, s)) for s in range(MIN_VIDEOS - 1)]).limit
        is None
    )
    assert not fit_novelty_detector(several).is_out_of_distribution(video(THERE, 9))
    assert not KNOWN.is_out_of_distribution(video(THERE, 9, seen=False))
    assert not NO_DETECTOR.is_out_of_distribution(video(THERE, 9))
    assert fit_novelty_detector([("nobody", video(HERE, 1, seen=False))]) is NO_DETECTOR


def test_a_picture_of_the_same_place_is_not_novel():
    """Of single frames of further videos there at most one in a hundred is; of another place most
    are."""
    same_place = np.concatenate(
        [video(HERE, seed).views[PLAIN]["colours"] for seed in range(50, 60)]
    )
    elsewhere = video(THERE, 60).views[PLAIN]["colours"]
    assert KNOWN.novel_pictures(same_place).mean() <= 0.01
    assert KNOWN.novel_pictures(elsewhere).all()
    assert KNOWN.novel_pictures(np.zeros((0, WIDTH), np.float16)).shape == (0,)


def test_without_evidence_no_picture_is_novel():
    """Too few groups of videos, or none at all."""
    few_videos = fit_novelty_detector([(str(s), video(HERE, s)) for s in range(MIN_VIDEOS - 1)])
    pictures = video(THERE, 9).views[PLAIN]["colours"]
    for detector in (few_videos, NO_DETECTOR):
        assert not detector.novel_pictures(pictures).any()


def pictures(place, seed, count=40):
    """Lone pictures of one group at a place."""
    return video(place, seed, frames=count).views[PLAIN]["colours"]


def test_a_picture_like_a_lone_picture_that_was_learnt_from_is_not_novel():
    """However unlike the videos it is; what is like neither still is."""
    clips = [(str(seed), video(HERE, seed)) for seed in range(8)]
    lone = [(f"picture {seed}", pictures(THERE, seed)) for seed in range(20, 28)]
    detector = fit_novelty_detector(clips, lone)
    assert KNOWN.novel_pictures(pictures(THERE, 60)).all()
    for place in (HERE, THERE):
        assert detector.novel_pictures(pictures(place, 60)).mean() <= 0.03
    third = np.random.default_rng(102).normal(0, 1, WIDTH)
    assert detector.novel_pictures(pictures(third, 60)).all()
    assert detector.is_out_of_distribution(video(THERE, 60))  # of a video only videos tell


def test_lone_pictures_of_enough_groups_are_evidence():
    """Without any video, too; pictures of one group are not compared with each other."""
    groups = [(str(seed), pictures(HERE, seed)) for seed in range(MIN_VIDEOS)]
    alone = fit_novelty_detector([], groups)
    assert alone.limit is None and alone.pictures.shape == (MIN_VIDEOS * FRAMES_PER_VIDEO, WIDTH)
    assert alone.novel_pictures(pictures(HERE, 60)).mean() <= 0.05
    assert alone.novel_pictures(pictures(THERE, 60)).all()
    assert fit_novelty_detector([], groups[1:]).frame_limit is None
    one_group = [("ana", found) for _, found in groups]
    assert fit_novelty_detector([], one_group).frame_limit is None


def test_few_frames_are_stored():
    """FRAMES_PER_VIDEO frames of each video, or all of a shorter one."""
    pair = [("a", video(HERE, 1)), ("b", video(HERE, 2, frames=9))]
    assert (FRAMES_PER_VIDEO + 9, WIDTH) == fit_novelty_detector(pair).frames.shape


@pytest.mark.parametrize("odd", [0, 1, 2])
def test_outliers_in_training_do_not_raise_the_threshold(odd):
    """With one or two training videos of elsewhere a third place is still out of distribution."""
    places = [HERE] * 8 + [THERE, -0.5 * THERE][:odd]
    known_ones = fit_novelty_detector([(str(i), video(place, i)) for i, place in enumerate(places)])
    third = np.random.default_rng(102).normal(0, 1, WIDTH)
    assert known_ones.is_out_of_distribution(video(third, 77))
