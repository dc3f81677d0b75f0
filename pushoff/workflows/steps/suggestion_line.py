"""The line that the annotator reads under a frame."""

from pushoff.values import Label

WORDING = 1
"""Number of the text below a frame: of this line, of the sentences that say why nothing is
suggested (`learning.model.frame_suggestion`) and of the reasons (`active.strategies.reasons` and
the strategies). Raise it by hand with every change of these texts: a publication is named by what
it is made of, so one whose model, order and labels are the same would not be pushed again, and open
tasks would keep the earlier text."""
ACCEPT = "Ctrl+Enter accepts."
"""Label Studio's key for Submit, and what it does while the suggestion is selected."""
BLIND_REASON = "Blind check: no suggestion shown."


def suggestion_line(
    suggested: Label | None, probability: float | None, reason: str = "", *, by_rules: bool = False
) -> str:
    """`push_off 0.83 - The model is sure here. Ctrl+Enter accepts.`, or the reason alone.

    `suggested` is the label that is preselected and `probability` its own, 0 to 1; None where no
    suggestion is shown. `reason` is one or two sentences on this frame, empty where there is none;
    `by_rules` says that fixed rules suggest and not a model.
    """
    if suggested is None or probability is None:
        return reason
    what = f"{suggested.choice} {probability:.2f}{' by fixed rules' if by_rules else ''}"
    return f"{what} - {reason} {ACCEPT}" if reason else f"{what}. {ACCEPT}"
