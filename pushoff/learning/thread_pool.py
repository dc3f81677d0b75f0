"""Threads for numeric work on small arrays, each computing on one core. Door: torch, threadpoolctl.

An operation on a small array is slower on several cores than on one, and several times slower where
another process holds one of them. So the work is divided between threads instead, which run side by
side because torch and NumPy release Python's lock while they compute.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def thread_pool() -> Iterator[ThreadPoolExecutor]:
    """A pool of as many threads as torch would use for one operation.

    Until it is closed every operation of torch and NumPy runs on one thread, in the whole process.
    Work that has not begun when the block ends, also by an exception, is dropped.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(threads)
    try:
        with threadpool_limits(1, user_api="blas"):
            try:
                yield pool
            finally:
                pool.shutdown(cancel_futures=True)
    finally:
        torch.set_num_threads(threads)
