"""The most memory this process has used, in a stretch of its life where the system can tell."""

import resource
import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def reset_peak() -> None:
    """Begin to measure anew; where the system does not allow it the whole life is measured."""
    try:
        _RESET.write_text("5")
    except OSError:
        return


def peak_mib() -> float:
    """MiB of resident memory at most since `reset_peak`."""
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
