"""What a publication is named by."""

from collections import Counter
from dataclasses import replace

from pushoff.active.queue import QueueConfig
from pushoff.storage.publications import publication_name
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.export.snapshot import CurrentLabels
from pushoff.values import Label, LabelledFrame
from pushoff.workflows.steps.publish_queue import made_of
from pushoff.workflows.steps.suggestion_line import WORDING

CONFIG = QueueConfig()
INTERFACE = FrameInterface("choice", "image", "image", {Label.PUSH_OFF: "push_off"}, {})


def labels(*answers: tuple[int, Label], skipped: tuple[int, ...] = ()) -> CurrentLabels:
    frames = tuple(
        LabelledFrame(
            task_id=task_id,
            image=f"{task_id}.jpg",
            label=label,
            split_group="ada",
            video_id="ada",
            footage="real",
            box=None,
            time_s=None,
            from_suggestion=False,
        )
        for task_id, label in answers
    )
    labelled = frozenset(task_id for task_id, _ in answers)
    return CurrentLabels(ExportedLabels(frames, Counter()), labelled, frozenset(skipped))


def test_a_change_of_what_annotators_see_has_another_name():
    """Labels, skips, settings, the label config, and the wording below a frame; not the order in
    which labels are listed."""
    answers = ((3, Label.PUSH_OFF), (4, Label.NOT_PUSH_OFF))
    same = made_of(CONFIG, 0.05, INTERFACE, labels(*answers))
    assert same == made_of(CONFIG, 0.05, INTERFACE, labels(*answers[::-1]))
    assert same["wording"] == WORDING
    others = [
        made_of(CONFIG, 0.05, INTERFACE, labels(*answers, (5, Label.PUSH_OFF))),
        made_of(CONFIG, 0.05, INTERFACE, labels(*answers, skipped=(9,))),
        made_of(CONFIG, 0.1, INTERFACE, labels(*answers)),
        made_of(replace(CONFIG, seed=2), 0.05, INTERFACE, labels(*answers)),
        made_of(CONFIG, 0.05, replace(INTERFACE, reason_name="reason"), labels(*answers)),
        same | {"wording": WORDING + 1},
    ]
    names = {publication_name("v1", [7], content) for content in (same, *others)}
    assert len(names) == 1 + len(others)
