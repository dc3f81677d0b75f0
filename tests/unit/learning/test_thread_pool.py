import threading
import time

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from pushoff.learning.thread_pool import thread_pool


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.fixture
def two_threads():
    """torch computes with two threads, whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_every_operation_runs_on_one_thread(two_threads):
    """Those of the pool's threads and of the caller; afterwards all is as it was."""
    before = blas_threads()
    with thread_pool() as pool:
        assert pool.submit(torch.get_num_threads).result() == torch.get_num_threads() == 1
        assert blas_threads() == {1}
    assert torch.get_num_threads() == 2
    assert blas_threads() == before


def test_there_are_as_many_threads_as_torch_had(two_threads):
    """Two pieces of work run side by side."""
    both = threading.Barrier(2, timeout=30)
    with thread_pool() as pool:
        assert {0, 1} == set(pool.map(lambda _: both.wait(), range(2)))


def test_a_failure_drops_what_has_not_begun(two_threads):
    """And threads are as before."""
    begun, go_on = [], threading.Event()

    def work(number):
        begun.append(number)
        go_on.wait(30)

    def fail():
        with thread_pool() as pool:
            submitted = [pool.submit(work, number) for number in range(9)]
            submitted[-1].add_done_callback(lambda _: go_on.set())  # dropped after all others
            while not all(each.running() for each in submitted[:2]):
                time.sleep(0.01)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert [0, 1] == sorted(begun)
    assert torch.get_num_threads() == 2


def test_a_pool_inside_a_pool_restores_its_limits(two_threads):
    """The inner one has one thread, for that is what torch uses."""
    with thread_pool(), thread_pool() as inner:
        assert np.array_equal([3.0], inner.submit(np.cumsum, [3.0]).result())
    assert torch.get_num_threads() == 2
