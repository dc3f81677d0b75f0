from pushoff.active.label_quality.agreement import Agreement
from pushoff.active.label_quality.assessment import to_sentences
from pushoff.active.label_quality.automation_bias import Answers, AutomationBias
from pushoff.active.label_quality.bootstrap import Estimate
from pushoff.active.label_quality.stopping import StopHint
from tests.unit.active.assessed import assessment

NOTHING = AutomationBias(Answers(0, None, None), Answers(0, None, None), None, None)
EMPTY = assessment(
    labels=0, push_offs=0, accepted=0, videos=0, agreement=Agreement(0, 0, None, ()),
    bias=NOTHING, suspects=(), suspected=0, skipped_reason="0 labels", curve=(), gain=None,
    hint=StopHint(None, "Too early to say: 0 labels"), footage="no",
)  # fmt: skip


def test_numbers_become_sentences():
    """Every subject has a sentence with its numbers and intervals."""
    sentences = dict(to_sentences(assessment()))
    assert sentences["labels"].startswith("310 synthetic frames of 9 videos are labelled")
    assert "2 annotators have labelled 40 of the same frames" in sentences["agreement"]
    assert "alpha is 0.81 (0.70 to 0.90)" in sentences["agreement"]
    assert "annotators 1 and 2 agree on 90 % of 40 frames" in sentences["agreement"]
    assert (
        "3 labels" in sentences["suspected errors"]
        and "all of them" in sentences["suspected errors"]
    )
    assert "0.500 with 50 labels" in sentences["learning curve"]
    assert sentences["enough labels?"].endswith("Continue labelling.")


def test_a_bias_is_called_one_only_when_the_interval_says_so():
    """Automation bias is reported only when the whole interval is above 0."""
    biased = "(automation bias)"
    assert biased in dict(to_sentences(assessment()))["suggestions"]
    unsure = AutomationBias(
        Answers(250, Estimate(0.92, 0.88, 0.95), None),
        Answers(40, Estimate(0.8, 0.7, 0.95), None),
        Estimate(0.12, -0.03, 0.2),
        None,
    )
    assert biased not in dict(to_sentences(assessment(bias=unsure)))["suggestions"]


def test_unknown_figures_are_reported_as_unknown():
    """Without labels nothing is made up."""
    sentences = dict(to_sentences(EMPTY))
    assert sentences["suspected errors"] == "Not checked: 0 labels"
    assert sentences["learning curve"] == "None yet."
    assert sentences["agreement"].startswith("Unknown")
    assert "Too few of either kind" in sentences["suggestions"]
    assert "nan" not in " ".join(sentences.values()).lower()
