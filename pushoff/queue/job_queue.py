"""Everything the service does through Redis, over one connection."""

from collections.abc import Iterable, Mapping

from redis import Redis

from pushoff.queue.champion_changes import ChampionChanges
from pushoff.queue.deduplication import DeduplicatedJobs
from pushoff.queue.heartbeats import Heartbeats
from pushoff.queue.jobs import JOBS, TIMEOUT_S, Jobs
from pushoff.queue.label_counts import LabelCounts
from pushoff.queue.locks import Locks
from pushoff.queue.retrain_slot import RetrainSlot


class JobQueue:
    """The parts of the queue. Their methods raise QueueUnavailable when Redis does not answer."""

    def __init__(
        self,
        connection: Redis,
        secret: str | Iterable[str],
        *,
        functions: Mapping[str, str] = JOBS,
        timeout_s: int = TIMEOUT_S,
    ) -> None:
        """The arguments are those of `Jobs`."""
        self.jobs = Jobs(connection, secret, functions=functions, timeout_s=timeout_s)
        """Any job: enqueue, status, wait, report, cancel."""
        self.request = DeduplicatedJobs(self.jobs)
        """A job that is needed once, by its name: `queue.request.publish(project_id, reason)`."""
        self.retrain_labels = LabelCounts(connection, "retrain")
        self.refit_labels = LabelCounts(connection, "refit")
        """Labels that came since the last retrain and since the last refit."""
        self.retrain = RetrainSlot(self.jobs, self.retrain_labels)
        """The one retrain of each project."""
        self.locks = Locks(connection)
        """Locks of publishing and of the data set."""
        self.heartbeats = Heartbeats(self.jobs)
        """Which workers run, and when the scheduler last reported."""
        self.champion_changes = ChampionChanges(connection)
        """The news that another model serves."""
