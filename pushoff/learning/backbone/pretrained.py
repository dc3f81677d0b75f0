"""A network's initial weights: torchvision's ImageNet weights, a file, or random ones.

Door: safetensors. Nothing is unpickled without `weights_only`.
"""

import hashlib
import logging
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import nn

from pushoff.errors import ModelRefused
from pushoff.learning.backbone.network import create_network
from pushoff.util.atomic_write import open_atomic
from pushoff.util.file_digest import sha256_of

if TYPE_CHECKING:
    from torchvision.models import ResNet

SILENCE_S = 5.0
"""Longest wait for a connection, and for the next bytes of a download."""
DOWNLOAD_S = 180.0
"""Longest download of ImageNet weights (45 to 83 MB); training then goes on without them."""
_CHUNK_BYTES = 1 << 20
_log = logging.getLogger(__name__)


def build_network(architecture: str, weights: str) -> "tuple[ResNet, str, str | None]":
    """A network to train, the name of its initial weights, and a note if they are other ones.

    `weights` is `imagenet`, `none` or a .safetensors file. Raises ModelRefused.
    """
    network = create_network(architecture)
    initial_weights, note = load_initial_weights(network, architecture, weights)
    return network, initial_weights, note


def load_initial_weights(
    network: nn.Module, architecture: str, weights: str
) -> tuple[str, str | None]:
    """Fill all but the last layer with `imagenet`, `none` or the file's weights.

    Returns what they are (`imagenet`, `file:<name>` or `random`) and a note when that is not what
    was asked for. Raises ModelRefused for a file that does not fit.
    """
    if weights in ("none", "random", ""):
        return "random", None
    if weights != "imagenet":
        load_strict(network, read_tensors(Path(weights)), without_head=True)
        return f"file:{Path(weights).name}", None
    state = _imagenet_weights(architecture)
    if state is None:
        note = (
            "ImageNet weights could not be downloaded: training starts from random weights and "
            "needs more labels. Set PUSHOFF_WEIGHTS to a .safetensors file, or allow network "
            "access."
        )
        _log.warning(note)
        return "random", note
    load_strict(network, state, without_head=True)
    return "imagenet", None


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Tensors of a safetensors file, floats as float32. Raises ModelRefused, pickles included."""
    try:
        return parse_tensors(path.read_bytes())
    except OSError as error:
        raise ModelRefused(
            f"{path} cannot be read: {error.strerror or error}", code="unreadable"
        ) from None
    except ModelRefused as error:
        raise ModelRefused(f"{path}: {error}", code=error.code) from None


def parse_tensors(data: bytes) -> dict[str, torch.Tensor]:
    """Tensors out of safetensors bytes, floats as float32. Raises ModelRefused."""
    try:
        return _as_float32(load_safetensors(data))
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise ModelRefused(
            f"not a usable safetensors file ({error})", code="not_safetensors"
        ) from None


def load_strict(
    network: nn.Module, state: dict[str, torch.Tensor], *, without_head: bool = False
) -> None:
    """Load `state` after checking names, shapes and finiteness. Raises ModelRefused.

    `without_head` leaves the last layer of a ResNet, `fc`, as it is.
    """
    own = network.state_dict()
    if without_head:
        own, state = _without_head(own), _without_head(state)
    wrong = sorted(own.keys() ^ state.keys()) or sorted(
        name for name in own if own[name].shape != state[name].shape
    )
    if wrong:
        raise ModelRefused(
            f"the weights are of another architecture: {len(wrong)} tensors differ, "
            f"the first is {wrong[0]!r}",
            code="wrong_architecture",
        )
    for name, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise ModelRefused(
                f"the weights contain NaN or infinite values in {name!r}", code="non_finite"
            )
    network.load_state_dict(state, strict=not without_head)


def _without_head(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}


def _as_float32(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    }


def _imagenet_weights(architecture: str) -> dict[str, torch.Tensor] | None:
    """torchvision's weights from its cache, else downloaded; None when neither works."""
    from torchvision.models import get_model_weights

    url = get_model_weights(architecture).DEFAULT.url
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(url).path).name
    sha256 = path.stem.rpartition("-")[2]  # torchvision names files <model>-<first of SHA-256>
    try:
        if not (path.is_file() and sha256_of(path).startswith(sha256)):
            _download(url, path, sha256)
    except (OSError, ValueError, HTTPException) as error:
        _log.info("ImageNet weights: %s", error)
        return None
    return _as_float32(torch.load(path, map_location="cpu", weights_only=True))


def _download(url: str, path: Path, sha256: str) -> None:
    """Download into `path` atomically. Raises when it fails or is slow.

    `sha256` is the beginning of the file's SHA-256, in hex.
    """
    end = time.monotonic() + DOWNLOAD_S
    digest = hashlib.sha256()
    with (
        urllib.request.urlopen(url, timeout=SILENCE_S) as response,  # noqa: S310 - torchvision's own https address
        open_atomic(path) as file,
    ):
        while chunk := response.read1(_CHUNK_BYTES):
            file.write(chunk)
            digest.update(chunk)
            if time.monotonic() > end:
                raise TimeoutError(f"not complete after {DOWNLOAD_S:.0f} s")
        if not digest.hexdigest().startswith(sha256):
            raise OSError("the file has another SHA-256")
