"""The functions that the queue's job names lead to."""

import inspect
from importlib import import_module

from pushoff.queue.jobs import JOBS
from worker import jobs


def test_every_job_calls_the_workflow_of_its_name():
    """Each name leads to a function of this module, and a workflow of that name exists."""
    functions = {
        name: function
        for name, function in inspect.getmembers(jobs, inspect.isfunction)
        if function.__module__ == jobs.__name__
    }
    assert {name: f"worker.jobs.{name}" for name in functions} == dict(JOBS)
    for name, function in functions.items():
        workflow = getattr(import_module(f"pushoff.workflows.{name}"), name)
        arguments = list(inspect.signature(function).parameters)
        assert list(inspect.signature(workflow).parameters) == ["services", *arguments]
