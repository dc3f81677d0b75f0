"""Labelled frames of a few groups, and data sets built from them."""

from pushoff.learning.data.dataset import build_dataset
from pushoff.values import FrameKey, Label, LabelledFrame


def labelled(task_id: int, label: Label, group="ana", session="s1", time_s=None, footage="real"):
    return LabelledFrame(
        task_id=task_id, image=f"/data/{task_id}.jpg", label=label, split_group=group,
        video_id=session, footage=footage, box=None,
        time_s=task_id / 10 if time_s is None else time_s, from_suggestion=False,
    )  # fmt: skip


def some(groups_: dict[str, int], first=0, sessions=1) -> list[LabelledFrame]:
    frames, task = [], first
    for group, count in groups_.items():
        for row in range(count):
            frames.append(
                labelled(task, Label(row * 7 % 10 < 3), group, f"{group}-{row % sessions}")
            )
            task += 1
    return frames


def shas(frames) -> dict[FrameKey, str]:
    return {frame.key: f"{frame.task_id:064x}" for frame in frames}


def frozen(frames, previous=None, **kwargs):
    return build_dataset(frames, shas(frames), previous, 7, **{"min_labels": 20, **kwargs})
