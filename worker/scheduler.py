"""The clock process: `python -m worker.scheduler`. Nightly job, sweep, reconciliation, uploads."""

import sys

from pushoff.coach.uploads import finish_uploads
from pushoff.errors import PushoffError
from pushoff.queue import JobQueue
from pushoff.queue.scheduler import run_scheduler
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.workflows.reconcile import reconcile
from worker.startup import keep_private, log_to_stdout, patient_queue


def main() -> int:
    """Tick until told to stop; returns the exit status."""
    keep_private()
    log_to_stdout()
    try:
        settings = Settings()
        services = Services(settings)
        queue = patient_queue(services)
        ticks = [lambda: reconcile(services), lambda: _finish(services, queue)]
        run_scheduler(queue, settings.nightly, ticks)
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _finish(services: Services, queue: JobQueue) -> None:
    """Videos that came whole while the backend was killed, or Redis away."""
    finish_uploads(services.database, services.storage, services.upload_staging, lambda: queue)


if __name__ == "__main__":
    sys.exit(main())
