"""What native code reports of itself does not reach stderr; everything else does."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from pushoff.video.native_log import native_log_filtered

ROOT = Path(__file__).parents[3]
NOISE = (
    "WARNING: Logging before InitGoogle() is written to STDERR",
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "W0000 00:00:1796007595.816909   11336 inference_feedback_manager.cc:114] Feedback manager",
    "I0000 00:00:1796007595.816909  11 gl_context.cc:369] GL version: 3.2",
    "INFO: [environment.cc:36] Creating LiteRT environment with options",
    "WARNING: [model_load.cc:402] Sparsity tensors may not yet be fully supported.",
    "INFO: Created TensorFlow Lite XNNPACK delegate for CPU.",
)
KEPT = (
    "E0000 00:00:1796007595.816909   11336 calculator_graph.cc:900] INTERNAL",
    "F0000 00:00:1796007594.769127   10782 flags.cc:78] Check failed",
    "ERROR: [model_load.cc:402] The model is damaged.",
    "INFO: a job is done",
    "WARNING: project 3 has no labels",
    "Traceback (most recent call last):",
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, whose stderr pytest has not replaced."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)


def test_information_and_warnings_of_native_code_are_dropped(capfd):
    """Errors and what anybody else writes follow unchanged, in their order."""
    lines = [line for pair in zip(NOISE, KEPT, strict=False) for line in pair]
    with native_log_filtered():
        os.write(2, "".join(f"{line}\n" for line in (*lines, *NOISE)).encode())
        os.write(2, b"no end of line")
    assert capfd.readouterr().err == "".join(f"{line}\n" for line in KEPT) + "no end of line"


def test_python_is_heard():
    """What it prints in the block, and the traceback of an exception that leaves it."""
    code = (
        "import os, sys; from pushoff.video.native_log import native_log_filtered\n"
        "with native_log_filtered():\n"
        "    print('printed', file=sys.stderr)\n"
        f"    os.write(2, b'{NOISE[2]}\\n')\n"
        "    raise LookupError('gone')\n"
    )
    done = run(code)
    first, *traceback = done.stderr.splitlines()
    assert (done.returncode, first) == (1, "printed")
    assert (traceback[0], traceback[-1]) == (KEPT[-1], "LookupError: gone")


def test_blocks_of_several_threads_may_overlap(capfd):
    """The last one that ends puts stderr back, with what all threads wrote meanwhile."""
    entered, left = threading.Event(), threading.Event()

    def other() -> None:
        with native_log_filtered():
            entered.set()
            left.wait(10)
            os.write(2, b"of the thread\n")

    thread = threading.Thread(target=other)
    with native_log_filtered():
        thread.start()
        entered.wait(10)
        os.write(2, b"first\n")
    assert capfd.readouterr().err == ""
    left.set()
    thread.join()
    assert capfd.readouterr().err == "first\nof the thread\n"


def test_a_process_without_stderr_is_no_error():
    """As a daemon may have closed it."""
    code = (
        "import os; os.close(2); from pushoff.video.native_log import native_log_filtered\n"
        "with native_log_filtered(): print('inside')"
    )
    done = run(code)
    assert (done.returncode, done.stdout) == (0, "inside\n")
