"""`pushoff project strategy`."""


def test_an_unknown_strategy_is_refused_with_the_known_ones(pushoff):
    """Before any service is opened: nothing is written."""
    answer = pushoff("project", "strategy", "best", "--project", 7)
    assert answer.code != 0
    assert "'best'" in answer.err and "hybrid" in answer.err and "random" in answer.err
