"""Waiting for a job of the worker."""

import pytest

from pushoff.util.progress import Progress
from sdk_scripts.jobs import progress_bar, progress_text


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("loading"), "loading"),
        (Progress("training", 3, 10, "epoch", loss=0.4123), "training epoch 3/10 loss 0.412"),
        (Progress("fetching images", 25, None, "task"), "fetching images task 25/?"),
        (Progress("training", 3, 10, "epoch", val_f1=0.5), "training epoch 3/10 val_f1 0.500"),
    ],
)
def test_progress_is_one_line(progress, text):
    """The stage, what is counted, and the scores there are."""
    assert progress_text(progress) == text


def test_without_a_terminal_each_stage_is_one_line(capsys):
    """On stderr, so that the output stays what another program reads."""
    with progress_bar("retrain") as on_progress:
        for done in (1, 2, 3):
            on_progress(Progress("training", done, 3, "epoch"))
        on_progress(Progress("calibrating"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.strip() for line in captured.err.splitlines()] == [
        "retrain: training epoch 1/3", "retrain: calibrating",
    ]  # fmt: skip
