"""Labels since the last training."""


def test_labels_are_counted_until_a_run_begins(queue):
    """New labels add up, and are counted from 0 again with each run."""
    assert queue.retrain_labels.count_new_labels(1, 0) == 0
    assert queue.retrain_labels.count_new_labels(1, 5) == 5
    assert queue.retrain_labels.count_new_labels(1, 2) == 7
    queue.retrain.begin_run(1)
    assert queue.retrain_labels.count_new_labels(1, 0) == 0


def test_the_total_is_remembered_per_project(queue):
    """The number of labels recorded last is kept for each project."""
    assert queue.retrain_labels.remembered_total(1) == 0
    queue.retrain_labels.remember_total(1, 120)
    assert (
        queue.retrain_labels.remembered_total(1) == 120
        and queue.retrain_labels.remembered_total(2) == 0
    )
