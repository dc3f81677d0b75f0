"""Labelled frames of a few groups, videos with all push-offs marked, and data sets of them."""

from collections.abc import Iterable, Mapping, Sequence

from pushoff.events.ground_truth import GroundTruth
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import DatasetManifest, VideoTruth
from pushoff.values import FrameKey, Label, LabelledFrame


def labelled(
    task_id: int,
    label: Label,
    group: str = "ana",
    session: str = "s1",
    time_s: float | None = None,
    footage: str = "real",
) -> LabelledFrame:
    return LabelledFrame(
        task_id=task_id, image=f"/data/{task_id}.jpg", label=label, split_group=group,
        video_id=session, footage=footage, box=None,
        time_s=task_id / 10 if time_s is None else time_s, from_suggestion=False,
    )  # fmt: skip


def some(groups_: dict[str, int], first: int = 0, sessions: int = 1) -> list[LabelledFrame]:
    """So many frames of each group, three of ten are push-offs, which are 0.3 s apart."""
    frames, task = [], first
    for group, count in groups_.items():
        for row in range(count):
            frames.append(
                labelled(task, Label(row * 7 % 10 < 3), group, f"{group}-{row % sessions}")
            )
            task += 1
    return frames


def video(
    count: int, period: int, fps: float = 30, session: str = "s1", group: str = "ana"
) -> list[LabelledFrame]:
    """Every frame of a video; the last of each `period` frames is a push-off."""
    return [
        labelled(row, Label(row % period == period - 1), group, session, row / fps)
        for row in range(count)
    ]


def marked(
    group: str, push_offs: Iterable[int] = range(10, 90, 10), frames: int = 100
) -> VideoTruth:
    """The known push-offs of a video at 30/s."""
    events = tuple(push_offs)
    truth = GroundTruth(
        capture_fps=30.0,
        frames=frames,
        push_off_frames=events,
        feet=(None,) * len(events),
        approach=(False,) * len(events),
        uncertainty_frames=(0,) * len(events),
        complete_from=0,
        complete_to=frames - 1,
        footage="real",
        slow_motion=False,
    )
    return VideoTruth(truth, group, "real")


def shas(frames: Sequence[LabelledFrame]) -> dict[FrameKey, str]:
    return {frame.key: f"{frame.task_id:064x}" for frame in frames}


def frozen(
    frames: Sequence[LabelledFrame],
    previous: DatasetManifest | None = None,
    truths: Mapping[str, VideoTruth] | None = None,
    **limits: int,
) -> DatasetManifest:
    return build_dataset(frames, truths or {}, shas(frames), previous, **limits)
