"""`pushoff project strategy`."""

from sdk_scripts.project_strategy import strategy_in_use


def test_the_strategy_in_use_comes_with_its_source():
    """The project's own, else the setting, else the default, which is another before a model."""
    assert strategy_in_use("core-set", "margin") == ("core-set", "set for this project")
    assert strategy_in_use(None, "margin") == ("margin", "PUSHOFF_STRATEGY")
    assert strategy_in_use(None, "") == ("hybrid", "default; event-windows until there is a model")


def test_an_unknown_strategy_is_refused_with_the_known_ones(pushoff):
    """Before any service is opened: nothing is written."""
    answer = pushoff("project", "strategy", "best", "--project", 7)
    assert answer.code != 0
    assert "'best'" in answer.err and "hybrid" in answer.err and "random" in answer.err
