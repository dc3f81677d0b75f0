"""What a kill -9 leaves of a training run: real child processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

TRAIN = """
import json
import sys
from pathlib import Path
from pushoff.learning.backbone.training import TrainConfig, train
from pushoff.values import Split
from tests.unit.learning.learning_samples import dataset_of, image_of

config = TrainConfig(weights="none", size_px=32, max_epochs=int(sys.argv[2]), batch_size=8,
                     patience=99, threads=1, devices=1)
frames = [*((frame, Split.TRAIN) for frame in dataset_of(64, 1)),
          *((frame, Split.VAL) for frame in dataset_of(16, 0, 100))]
def on_progress(progress):
    print(json.dumps(progress.as_dict()), flush=True)

result = train(frames, image_of, config, Path(sys.argv[1]), on_progress)
epochs = [entry["epoch"] for entry in result.history]
finite = all(bool(value.isfinite().all()) for value in result.network.state_dict().values())
print(json.dumps({"stage": "done", "epochs": epochs, "finite": finite}), flush=True)
"""


def start(code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_run_killed_mid_epoch_goes_on_to_a_finished_model(tmp_path):
    """After kill -9 in an epoch no half model is there; started again, the run goes on and ends."""
    child = start(TRAIN, tmp_path, 12)
    for line in child.stdout:
        word = json.loads(line)
        assert word["stage"] != "done", "the run ended before it could be killed"
        if word["stage"] == "training" and list(tmp_path.glob("checkpoint-*.ckpt")):
            child.send_signal(signal.SIGKILL)
            break
    assert child.wait(timeout=30) == -signal.SIGKILL
    child.stdout.close()

    again = start(TRAIN, tmp_path, 12)
    out, _ = again.communicate(timeout=200)
    assert again.returncode == 0
    words = [json.loads(line) for line in out.splitlines()]
    assert words[-1] == {"stage": "done", "epochs": list(range(1, 13)), "finite": True}
    told = [word["done"] for word in words if word["stage"] == "training"]
    assert min(told) >= 1, "a finished epoch was trained again"
    assert not list(tmp_path.rglob("*.tmp"))
