"""The scheduler process: `python -m worker.scheduler`.

It requests the nightly job, and every half minute retrains that are due, labels that no webhook
announced, uploads that arrived while the backend or Redis was away, jobs of the night that failed,
and the rest of long queues. It deletes the predictions of earlier orders, a few seconds each time.
"""

import sys

from pushoff.coach.uploads import finish_uploads
from pushoff.errors import PushoffError
from pushoff.queue.scheduler import run_scheduler
from pushoff.services import open_services
from pushoff.workflows.publish_rest import request_rests
from pushoff.workflows.reconcile import reconcile
from pushoff.workflows.scheduled.prune_predictions import PredictionPruner
from pushoff.workflows.scheduled.report_failed_night import report_failed_night
from worker.startup import log_to_stdout, restrict_file_access, wait_for_queue


def main() -> int:
    """Run until SIGTERM or SIGINT; returns the exit status."""
    restrict_file_access()
    log_to_stdout()
    try:
        with open_services() as services:
            queue = wait_for_queue(services)

            def finish_arrived_uploads() -> None:
                finish_uploads(
                    services.database, services.storage, services.upload_staging, lambda: queue
                )

            pruner = PredictionPruner(services)
            tasks = (
                lambda: reconcile(services),
                finish_arrived_uploads,
                lambda: report_failed_night(services),
                lambda: request_rests(services),
                pruner.tick,
            )
            run_scheduler(queue, services.settings.nightly, tasks)
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
