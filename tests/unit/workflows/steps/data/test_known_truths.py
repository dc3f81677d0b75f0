"""What is known of whole videos, from clips, Label Studio and coaches' sessions at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pushoff.coach.corrections import Correction, record_correction
from pushoff.coach.review.checks import mark_checked, unmark_checked
from pushoff.coach.session_files import folder
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.joined_truth import PUSH_OFF_DISPUTE, with_known
from pushoff.learning.data.manifest import VideoTruth
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.truths import save_truth
from pushoff.values import Label, LabelledFrame
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.data.known_truths import (
    CONTRADICTION,
    UNREADABLE,
    KnownTruths,
    known_truths,
    without_contradictions,
)
from tests.unit.learning.event_samples import known, small_extractor
from tests.unit.workflows.session_samples import coach, ready_session

EXTRACTOR = small_extractor()
TRUTH = known(4)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Without Label Studio and Redis."""
    with open_services(Settings(_env_file=None, data_dir=tmp_path / "data")) as opened:
        yield opened


def session(services: Services, **more):
    return ready_session(services, EXTRACTOR, TRUTH, "ana", video="a.mp4", **more)


def found(services: Services, marked: dict[str, GroundTruth] | None = None) -> KnownTruths:
    return known_truths(services, marked or {}, None, 1)


def test_a_checked_session_is_known_until_the_check_is_withdrawn(services):
    """With the athlete as the video's tasks name them."""
    made = session(services)
    assert found(services).videos == {}
    mark_checked(services.database, made.session_id, coach(services))
    knows = found(services)
    assert knows.checked == (made.session_id,)
    truth = knows.videos[made.video_id]
    assert truth.truth.push_off_frames == TRUTH.push_off_frames
    assert (truth.split_group, truth.footage, truth.project_id) == ("ana", "synthetic", None)
    unmark_checked(services.database, made.session_id)
    assert found(services).videos == {}


def test_touched_stretches_teach_where_no_label_studio_takes_corrections(services, tmp_path):
    """With one, they are its labels."""
    made, frame = session(services), TRUTH.push_off_frames[1]
    correction = Correction("move", frame, to_frame=frame)
    record_correction(services.database, made.session_id, coach(services), correction)
    truth = found(services).videos[made.video_id].truth
    assert truth.push_off_frames == (frame,)
    assert truth.knows(frame) and not truth.knows(TRUTH.push_off_frames[3])
    settings = services.settings.model_copy(
        update={"label_studio_token": type(services.settings.label_studio_token)("0" * 40)}
    )
    with open_services(settings) as connected:
        assert found(connected).videos == {}


def test_two_who_disagree_are_counted_and_neither_is_learnt_from(services):
    """The one checked last is asked first; a clip and a marked video are sources like them."""
    first, second = session(services), session(services, owner="otto", shift=0)
    frame = TRUTH.push_off_frames[2]
    record_correction(
        services.database, second.session_id, coach(services, "otto"), Correction("delete", frame)
    )
    for made in (first, second):
        mark_checked(services.database, made.session_id, coach(services))
    knows = found(services)
    truth = knows.videos[first.video_id].truth
    assert knows.excluded == {PUSH_OFF_DISPUTE: 1}
    assert not truth.knows(frame) and len(truth.push_off_frames) == 3
    assert len(knows.checked) == 2


@pytest.mark.parametrize("marked_in_label_studio", [True, False])
def test_a_session_adds_to_a_clip_or_a_marked_video(services, marked_in_label_studio):
    """What only one of them knows is kept: feet of the session, touch-downs of the other."""
    made = session(services)
    mark_checked(services.database, made.session_id, coach(services))
    footless = replace(TRUTH, feet=(None,) * 4)
    save_truth(services.storage, made.video_id, footless)
    knows = found(services, {made.video_id: footless} if marked_in_label_studio else None)
    [joined] = knows.videos.values()
    assert joined.truth.feet == TRUTH.feet
    assert joined.truth.touch_down_frames == TRUTH.touch_down_frames
    assert joined.project_id == (1 if marked_in_label_studio else None)
    assert not knows.excluded


def test_a_session_that_cannot_be_read_is_counted(services):
    """The others teach all the same."""
    made = session(services)
    mark_checked(services.database, made.session_id, coach(services))
    services.storage.write(f"{folder(made.session_id)}/analysis.npz", b"damaged")
    knows = found(services)
    assert (knows.videos, knows.checked, knows.excluded) == ({}, (), {UNREADABLE: 1})


def labelled(frame: int, label: Label, video_id: str = "v") -> LabelledFrame:
    return LabelledFrame(
        frame, "image", label, "ana", video_id, "real", None, frame / 30, False, frame_index=frame
    )


def test_a_frame_labelled_otherwise_than_its_video_teaches_nothing():
    """Nor does the video there; frames that agree, lie elsewhere or are ambiguous are kept."""
    push_off = TRUTH.push_off_frames[0]
    truths = {"v": VideoTruth(TRUTH, "ana", "real")}
    agreeing = [labelled(push_off, Label.PUSH_OFF), labelled(0, Label.NOT_PUSH_OFF)]
    elsewhere = labelled(push_off, Label.NOT_PUSH_OFF, "other")
    against = [labelled(push_off, Label.NOT_PUSH_OFF), labelled(1, Label.PUSH_OFF)]
    changed, kept, count = without_contradictions(truths, [*agreeing, *against, elsewhere])
    assert kept == [*agreeing, elsewhere] and count == 2
    truth = changed["v"].truth
    assert not truth.knows(push_off) and not truth.knows(1) and truth.knows(0)
    marked = {"v": VideoTruth(TRUTH, "ana", "real", project_id=3)}
    own = [replace(frame, project_id=3) for frame in against]
    assert without_contradictions(marked, own) == (marked, own, 0)
    known_nothing = with_known(TRUTH, np.zeros(TRUTH.frames, bool))
    truths = {"v": replace(truths["v"], truth=known_nothing)}
    assert without_contradictions(truths, against)[2] == 0


def test_a_data_set_counts_them(services):
    """Among the labels that are left out."""
    made = session(services)
    mark_checked(services.database, made.session_id, coach(services))
    from tests.unit.workflows.steps.data.test_freeze_dataset import labels

    frozen = freeze_dataset(services, None, labels())
    assert frozen.checked == (made.session_id,) and frozen.excluded[CONTRADICTION] == 0
    assert frozen.manifest.truths[made.video_id].truth.push_off_frames == TRUTH.push_off_frames
