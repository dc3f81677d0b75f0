"""One version of a model in the registry, and whose it is."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from pushoff.learning.registry.model_card import parse_scorecard
from pushoff.values import ModelCard, Scorecard

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

EVENT_MODELS: Final = "events"
"""The key of the event models, which belong to no Label Studio project."""
ProjectKey = int | Literal["events"]
"""Whose models: a Label Studio project's number, or EVENT_MODELS."""
VERSION = re.compile(r"(?P<architecture>[a-z0-9]+)-v(?P<number>[0-9]{1,9})-(?P<sha>[0-9a-f]{6})")
MAX_TAG = 4900
"""Characters of one tag; MLflow accepts 5000."""


@dataclass(frozen=True)
class HeldOutEvents:
    """An event model's score on its training clips, each measured while held out."""

    f1: float
    tolerance_frames: int
    clips: int

    def __str__(self) -> str:
        frames = "frame" if self.tolerance_frames == 1 else "frames"
        return (
            f"event F1 {self.f1:.2f} within {self.tolerance_frames} {frames}, "
            f"{self.clips} clips held out in turn"
        )


@dataclass(frozen=True)
class RegisteredModel:
    """One version of a project's model."""

    project_id: ProjectKey
    version: str
    """The name it is served and shown under."""
    number: int
    """MLflow's: 1, 2, 3, ... within the project."""
    architecture: str
    weights_sha256: str
    card_sha256: str
    dataset_fingerprint: str
    scorecard: Scorecard | None
    """Of a frame model: held-out scores measured when it was registered."""
    held_out: HeldOutEvents | None
    """Of an event model; None where nothing could be held out."""
    created_at: str
    """ISO 8601, UTC."""
    run_id: str
    source: str
    """MLflow's address of its files."""
    backbone_of: str = ""
    """The version whose backbone its refitted heads use; empty: trained as a whole."""
    decision: str = ""
    """Why it was promoted or not when it was registered; empty where that was not recorded."""


def version_tags(
    project_id: ProjectKey,
    card: ModelCard,
    card_sha256: str,
    held_out: HeldOutEvents | None,
    decision: str = "",
) -> dict[str, str]:
    """What MLflow stores beside a model version, readable by `registered_model`."""
    return {
        "architecture": card.architecture,
        "weights_sha256": card.weights_sha256,
        "weights_sha6": card.weights_sha256[:6],
        "card_sha256": card_sha256,
        "dataset_fingerprint": card.dataset_fingerprint,
        "project_id": str(project_id),
        "scorecard": json.dumps(asdict(card.scorecard)) if card.scorecard else "",
        "held_out": json.dumps(asdict(held_out)) if held_out else "",
        "decision": decision[:MAX_TAG],
        "backbone_of": card.backbone_of,
    }


def registered_model(found: "ModelVersion") -> RegisteredModel:
    """MLflow's model version as ours."""
    tags = found.tags
    created_at = datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)
    return RegisteredModel(
        project_id=project_key(tags["project_id"]),
        version=f"{tags['architecture']}-v{found.version}-{tags['weights_sha6']}",
        number=int(found.version),
        architecture=tags["architecture"],
        weights_sha256=tags["weights_sha256"],
        card_sha256=tags["card_sha256"],
        dataset_fingerprint=tags["dataset_fingerprint"],
        scorecard=parse_scorecard(tags["scorecard"]) if tags.get("scorecard") else None,
        held_out=HeldOutEvents(**json.loads(tags["held_out"])) if tags.get("held_out") else None,
        created_at=created_at.isoformat(timespec="seconds"),
        run_id=found.run_id or "",
        source=found.source or "",
        backbone_of=tags.get("backbone_of", ""),
        decision=tags.get("decision", ""),
    )


def project_key(text: str) -> ProjectKey:
    """A key from its text, `events` or a number. Raises ValueError."""
    return EVENT_MODELS if text == EVENT_MODELS else int(text)
