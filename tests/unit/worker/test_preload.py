"""What a warm worker has imported before it forks."""

import subprocess
import sys

from tests.conftest import ROOT


def test_preload_imports_what_jobs_need_and_starts_nothing():
    """The libraries are there, and there is one thread only: forks are clean."""
    code = (
        "import sys, threading; from worker.preload import preload; preload();"
        "print(sorted({'torch', 'mlflow.artifacts', 'sklearn.cluster', 'sklearn.linear_model',"
        " 'label_studio_sdk.client', 'label_studio_sdk.core.api_error',"
        " 'pushoff.workflows.refit'} - set(sys.modules)), threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[] 1", done.stdout + done.stderr
