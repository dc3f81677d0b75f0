"""What two people know of one video: agreed, disputed, or known by one of them only."""

from dataclasses import replace

import numpy as np

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.joined_truth import (
    APPROACH_DISPUTE,
    FOOT_DISPUTE,
    PUSH_OFF_DISPUTE,
    agreement_frames,
    join_truths,
    with_known,
)


def truth(*frames: int, **changes) -> GroundTruth:
    """A whole video of 300 frames at 240/s."""
    values = {
        "capture_fps": 240.0, "frames": 300, "push_off_frames": frames,
        "feet": ("left",) * len(frames), "approach": (False,) * len(frames),
        "uncertainty_frames": (1,) * len(frames), "complete_from": 0, "complete_to": 299,
        "footage": "real", "slow_motion": False,
    }  # fmt: skip
    return GroundTruth(**{**values, **changes})


def test_two_who_agree_are_one_truth():
    """Within 12.5 ms the first one's frame is taken; nothing is disputed."""
    joined = join_truths(truth(50, 150), truth(53, 148))
    assert joined.truth == truth(50, 150)
    assert not joined.disputes and joined.disputed_frames == ()
    assert [agreement_frames(fps) for fps in (30, 120, 240)] == [0, 2, 3]


def test_a_push_off_that_one_of_them_does_not_see_is_unknown():
    """Neither a push-off nor none, 50 ms to both sides, whoever saw it."""
    for first, second in ((truth(50, 150), truth(50)), (truth(50), truth(50, 150))):
        joined = join_truths(first, second)
        assert joined.truth.push_off_frames == (50,)
        assert joined.truth.unknown == ((138, 162),)
        assert joined.disputes == {PUSH_OFF_DISPUTE: 1} and joined.disputed_frames == (150,)


def test_a_disputed_foot_or_running_step_is_unknown_and_the_push_off_stays():
    """What only one of them says is taken."""
    other = replace(truth(50, 150), feet=("right", None), approach=(False, True))
    joined = join_truths(truth(50, 150), other)
    assert joined.truth.push_off_frames == (50, 150)
    assert joined.truth.feet == (None, "left") and joined.truth.approach == (False, None)
    assert joined.disputes == {FOOT_DISPUTE: 1, APPROACH_DISPUTE: 1}
    assert joined.disputed_frames == (50, 150)


def test_stretches_of_two_people_add_up():
    """Where the other did not look there is nothing to disagree on."""
    first = truth(50, complete_to=99, toes_px=((1.0, 2.0),))
    joined = join_truths(first, truth(150, complete_from=120, complete_to=199))
    assert joined.truth.push_off_frames == (50, 150)
    assert (joined.truth.complete_from, joined.truth.complete_to) == (0, 199)
    assert joined.truth.unknown == ((100, 119),) and not joined.disputes
    assert joined.truth.toes_px == ((1.0, 2.0), None)


def test_a_frame_that_only_the_second_file_has_is_left_out():
    """Players disagree on the last frame."""
    longer = truth(50, 300, frames=301, complete_to=300)
    assert join_truths(truth(50), longer).truth == truth(50)


def test_exactly_the_given_frames_are_known():
    """Also none of them."""
    known = np.zeros(300, bool)
    known[[3, 4, 9]] = True
    stretches = with_known(truth(4), known)
    assert np.array_equal(stretches.known_frames(), known)
    assert [stretches.knows(frame) for frame in (2, 3, 5, 9, 10)] == [
        False, True, False, True, False,
    ]  # fmt: skip
    assert not with_known(truth(), np.zeros(300, bool)).known_frames().any()
