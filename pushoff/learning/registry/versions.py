"""One version of the model in the registry, and its score as a sentence."""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pushoff.learning.registry.learning_progress import LearningProgress, parse_progress
from pushoff.learning.registry.model_card import parse_scorecard
from pushoff.util.plurals import count_noun
from pushoff.values import PROVEN_PUSH_OFFS, ModelCard, Scorecard

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

VERSION = re.compile(r"(?P<architecture>[a-z0-9]+)-v(?P<number>[0-9]{1,9})-(?P<sha>[0-9a-f]{6})")
MAX_TAG = 4900
"""Characters of one tag; MLflow accepts 5000."""


@dataclass(frozen=True)
class RegisteredModel:
    """One version of the model."""

    version: str
    """The name it is served and shown under."""
    number: int
    """MLflow's: 1, 2, 3, ..."""
    architecture: str
    weights_sha256: str
    card_sha256: str
    dataset_fingerprint: str
    scorecard: Scorecard | None
    """Measured when it was registered; None where nothing could be held out."""
    created_at: str
    """ISO 8601, UTC."""
    run_id: str
    source: str
    """MLflow's address of its files."""
    backbone_of: str = ""
    """The version whose backbone its refitted heads use; empty: trained as a whole."""
    decision: str = ""
    """Why it was promoted or not when it was registered; empty where that was not recorded."""
    progress: LearningProgress = field(default_factory=LearningProgress)
    """What it learnt beyond the champion of that time."""


def version_tags(
    card: ModelCard, card_sha256: str, decision: str = "", progress: str = ""
) -> dict[str, str]:
    """What MLflow stores beside a model version, readable by `registered_model`."""
    return {
        "architecture": card.architecture,
        "weights_sha256": card.weights_sha256,
        "card_sha256": card_sha256,
        "dataset_fingerprint": card.dataset_fingerprint,
        "scorecard": json.dumps(asdict(card.scorecard)) if card.scorecard else "",
        "decision": decision[:MAX_TAG],
        "backbone_of": card.backbone_of,
        "progress": progress if len(progress) <= MAX_TAG else "",
    }


def registered_model(found: "ModelVersion") -> RegisteredModel:
    """MLflow's model version as ours."""
    tags = found.tags
    created_at = datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)
    return RegisteredModel(
        version=f"{tags['architecture']}-v{found.version}-{tags['weights_sha256'][:6]}",
        number=int(found.version),
        architecture=tags["architecture"],
        weights_sha256=tags["weights_sha256"],
        card_sha256=tags["card_sha256"],
        dataset_fingerprint=tags["dataset_fingerprint"],
        scorecard=parse_scorecard(tags["scorecard"]) if tags.get("scorecard") else None,
        created_at=created_at.isoformat(timespec="seconds"),
        run_id=found.run_id or "",
        source=found.source or "",
        backbone_of=tags.get("backbone_of", ""),
        decision=tags.get("decision", ""),
        progress=parse_progress(tags["progress"]) if tags.get("progress") else LearningProgress(),
    )


def describe_score(card: Scorecard | None) -> str:
    """A score as `pushoff models list` and the models page show it, with what limits its worth."""
    if card is None:
        return "not scored: nothing was held out"
    groups = count_noun(len(card.groups), "athlete" if card.split_by == "athlete" else "video")
    interval = card.f1_interval
    score = (
        f"{'' if card.independent else 'provisional '}F1 within one frame {card.f1_within_1:.2f} "
        f"({interval.low:.2f} to {interval.high:.2f}) on {count_noun(card.push_offs, 'push-off')} "
        f"of {groups}, {count_noun(card.frames, f'{card.footage} frame')}"
    )
    if not card.independent:
        score += "; other frames of these videos were trained on, so it is optimistic"
    if card.push_offs < PROVEN_PUSH_OFFS:
        score += f"; not proven, {PROVEN_PUSH_OFFS} push-offs are needed"
    if card.unaided_f1 is not None and card.unaided_frames < card.frames:
        unaided = count_noun(card.unaided_frames, "frame")
        score += f"; F1 {card.unaided_f1:.2f} on {unaided} labelled without a suggestion"
    return score
