"""What the registry gives out: one version of a model, one change of champion; and their proof."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import BadInput, ModelRefused
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.model_card import parse_scorecard
from pushoff.util.file_digest import sha256_of
from pushoff.values import ModelCard, Scorecard

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

VERSION = re.compile(r"(?P<architecture>[a-z0-9]+)-v(?P<number>[0-9]{1,9})-(?P<sha>[0-9a-f]{6})")


@dataclass(frozen=True)
class HeldOutEvents:
    """What an event model was worth on its training clips, each while held out."""

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

    project_id: int
    version: str
    """The name it is served and shown under."""
    number: int
    """Of mlflow: 1, 2, 3, ... within the project."""
    architecture: str
    weights_sha256: str
    card_sha256: str
    dataset_fingerprint: str
    scorecard: Scorecard | None
    """Of a frame classifier: held-out, as measured when it was registered."""
    held_out: HeldOutEvents | None
    """Of an event model; None where nothing could be held out."""
    created_at: str
    run_id: str
    source: str
    """Where its files lie, as mlflow says."""
    backbone_of: str = ""
    """The version whose backbone its refitted heads sit on; empty: trained as a whole."""
    decision: str = ""
    """Why it was promoted or kept back when it was registered; empty where nobody wrote it down."""


@dataclass(frozen=True)
class HistoryEntry:
    """One change of champion."""

    at: str
    kind: str
    """`promote` or `rollback`."""
    version: str
    """Champion from then on."""
    previous: str | None
    reason: str


def version_tags(
    project_id: int,
    card: ModelCard,
    card_sha256: str,
    held_out: HeldOutEvents | None,
    decision: str = "",
) -> dict[str, str]:
    """What mlflow keeps beside a model version, readable by `registered`."""
    return {
        "architecture": card.architecture,
        "weights_sha256": card.weights_sha256,
        "weights_sha6": card.weights_sha256[:6],
        "card_sha256": card_sha256,
        "dataset_fingerprint": card.dataset_fingerprint,
        "project_id": str(project_id),
        "scorecard": json.dumps(asdict(card.scorecard)) if card.scorecard else "",
        "held_out": json.dumps(asdict(held_out)) if held_out else "",
        "decision": decision[:4900],
        "backbone_of": card.backbone_of,
    }


def registered(found: "ModelVersion") -> RegisteredModel:
    """mlflow's model version as ours."""
    tags = found.tags
    return RegisteredModel(
        project_id=int(tags["project_id"]),
        version=f"{tags['architecture']}-v{found.version}-{tags['weights_sha6']}",
        number=int(found.version),
        architecture=tags["architecture"],
        weights_sha256=tags["weights_sha256"],
        card_sha256=tags["card_sha256"],
        dataset_fingerprint=tags["dataset_fingerprint"],
        scorecard=parse_scorecard(tags["scorecard"]) if tags.get("scorecard") else None,
        held_out=HeldOutEvents(**json.loads(tags["held_out"])) if tags.get("held_out") else None,
        created_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC).isoformat(
            timespec="seconds"
        ),
        run_id=found.run_id or "",
        source=found.source,
        backbone_of=tags.get("backbone_of", ""),
        decision=tags.get("decision", ""),
    )


def prove(folder: Path, model: RegisteredModel) -> None:
    """Raises ModelRefused unless card and weights are byte for byte those registered."""
    wanted = {
        CARD: model.card_sha256,
        f"weights-{model.weights_sha256[:16]}.safetensors": model.weights_sha256,
    }
    for name, digest in wanted.items():
        try:
            found = sha256_of(folder / name)
        except BadInput as error:
            raise ModelRefused(f"{model.version}: {error}") from None
        if found != digest:
            raise ModelRefused(
                f"{model.version}: {name} has SHA-256 {found[:12]}, registered was {digest[:12]}"
            )


def champions_of(entries: Sequence[HistoryEntry], current: str) -> list[str]:
    """The champions one can go back through, the current one last. `entries` oldest first."""
    for kept in (entries, entries[:-1]):
        stack: list[str] = []
        for entry in kept:
            stack = [*stack, entry.version] if entry.kind == "promote" else stack[:-1]
        if stack and stack[-1] == current:
            return stack
    return [current]
