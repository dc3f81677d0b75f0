"""The news that another model serves."""

import threading

import pytest

from pushoff.errors import QueueUnavailable
from tests.queue_jobs import open_queue


def test_an_announcement_reaches_every_process_that_waits(queue, redis_url):
    """At once, and each exactly once."""
    waiting = [open_queue(redis_url).champion_changes for _ in range(2)]
    for changes in waiting:
        assert changes.wait(0), "nothing is known before the first call"
        assert not changes.wait(0)
    answers = []

    def wait(changes):
        while not changes.wait(5):  # the confirmation of the subscription ends a wait early
            pass
        answers.append(changes.wait(0))

    threads = [threading.Thread(target=wait, args=(changes,)) for changes in waiting]
    for thread in threads:
        thread.start()
    queue.champion_changes.announce()
    for thread in threads:
        thread.join(10)
    assert answers == [False, False]


def test_a_change_before_the_wait_is_not_missed(queue, redis_url):
    """The counter says so, whoever heard the announcement."""
    changes = open_queue(redis_url).champion_changes
    changes.wait(0)
    changes.close()
    queue.champion_changes.announce()
    assert changes.wait(0)


def test_changes_are_heard_again_after_redis_was_away(own_redis):
    """A wait fails with our error meanwhile; an emptied Redis counts as a change."""
    changes = open_queue(own_redis.url).champion_changes
    changes.wait(0)
    own_redis.kill()
    with pytest.raises(QueueUnavailable):
        for _ in range(3):
            changes.wait(0.1)
    own_redis.start()
    queue = open_queue(own_redis.url)
    queue.champion_changes.announce()
    queue.jobs.connection.flushall()
    queue.champion_changes.announce()
    assert any(changes.wait(0.2) for _ in range(3))
