"""Ids of jobs that exist at most once."""

import inspect

from pushoff.queue import JOBS, job_ids


def test_an_id_begins_with_the_name_of_its_job():
    """And differs between jobs and between what they work on."""
    functions = dict(inspect.getmembers(job_ids, inspect.isfunction))
    ids = {
        function(*[value] * len(inspect.signature(function).parameters))
        for function in functions.values()
        for value in (1, 2)
    }
    assert len(ids) == 2 * len(functions)
    assert {job_id.partition("-")[0] for job_id in ids} == set(functions) <= set(JOBS)
