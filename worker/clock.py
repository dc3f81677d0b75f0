"""The clock process: `python -m worker.clock`. Nightly job, sweep and reconciliation."""

import sys

from pushoff.errors import PushoffError
from pushoff.queue.clock import run_clock
from pushoff.services import Services
from pushoff.settings import Settings
from worker.process import log_to_stdout, patient_queue
from worker.reconcile import reconcile


def main() -> int:
    """Tick until told to stop; returns the exit status."""
    log_to_stdout()
    try:
        settings = Settings()
        services = Services(settings)
        run_clock(patient_queue(services), settings.nightly, [lambda: reconcile(services)])
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
