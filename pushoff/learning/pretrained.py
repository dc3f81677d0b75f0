"""Where a network's first weights come from: torchvision's ImageNet set, a file, or chance.

Door: safetensors. Nothing is unpickled without `weights_only`.
"""

import hashlib
import logging
import threading
import urllib.request
from pathlib import Path
from urllib.parse import urlparse

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import nn

from pushoff.errors import ModelRefused
from pushoff.util.atomic_write import open_atomic
from pushoff.util.file_digest import sha256_of

CONNECT_S = 5.0
"""Longest wait for the first byte of ImageNet weights; then training goes on without them."""
DOWNLOAD_S = 180.0
"""Longest download once it flows (45 to 83 MB)."""
_CHUNK = 1 << 20
_log = logging.getLogger(__name__)


def initialise(network: nn.Module, architecture: str, weights: str) -> tuple[str, str | None]:
    """Fill `network` with `imagenet`, `none` or the file's weights, all but its last layer.

    Returns what they are (`imagenet`, `file:<name>` or `random`) and a note when that is not what
    was asked for. Raises ModelRefused for a file that does not fit.
    """
    if weights in ("none", "random", ""):
        return "random", None
    if weights != "imagenet":
        fit_into(network, read_tensors(Path(weights)), without_head=True)
        return f"file:{Path(weights).name}", None
    state = _imagenet(architecture)
    if state is None:
        note = (
            "ImageNet weights could not be fetched: training starts from random weights and needs "
            "more labels. Set PUSHOFF_WEIGHTS to a .safetensors file, or give the machine network."
        )
        _log.warning(note)
        return "random", note
    fit_into(network, state, without_head=True)
    return "imagenet", None


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Tensors of a safetensors file, floats as float32. Raises ModelRefused, pickles included."""
    try:
        return parse_tensors(path.read_bytes())
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read: {error.strerror or error}") from None
    except ModelRefused as error:
        raise ModelRefused(f"{path}: {error}") from None


def parse_tensors(data: bytes) -> dict[str, torch.Tensor]:
    """Tensors out of safetensors bytes, floats as float32. Raises ModelRefused."""
    try:
        tensors = load_safetensors(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise ModelRefused(f"not a usable safetensors file ({error})") from None
    return {name: one.float() if one.is_floating_point() else one for name, one in tensors.items()}


def fit_into(
    network: nn.Module, state: dict[str, torch.Tensor], *, without_head: bool = False
) -> None:
    """Load `state`; names, shapes and finiteness must all be right. Raises ModelRefused."""
    own = network.state_dict()
    if without_head:
        state = {name: one for name, one in state.items() if not name.startswith("fc.")}
        own = {name: one for name, one in own.items() if not name.startswith("fc.")}
    wrong = sorted(own.keys() ^ state.keys()) or sorted(
        name for name in own if own[name].shape != state[name].shape
    )
    if wrong:
        raise ModelRefused(
            f"the weights belong to another architecture: {len(wrong)} tensors differ, "
            f"first {wrong[0]!r}"
        )
    for name, one in state.items():
        if not torch.isfinite(one).all():
            raise ModelRefused(f"the weights hold numbers that are not finite, in {name!r}")
    network.load_state_dict(state, strict=not without_head)


def _imagenet(architecture: str) -> dict[str, torch.Tensor] | None:
    """torchvision's weights from its cache, else downloaded; None when they cannot be had."""
    from torchvision.models import get_model_weights

    url = get_model_weights(architecture).DEFAULT.url
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(url).path).name
    digest = path.stem.rpartition("-")[2]  # torchvision names files <model>-<first of SHA-256>
    if not (path.is_file() and sha256_of(path).startswith(digest)) and not _download(
        url, path, digest
    ):
        return None
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: one.float() if one.is_floating_point() else one for name, one in state.items()}


def _download(url: str, path: Path, digest: str) -> bool:
    """Fetch into `path` atomically; False, leaving nothing behind, when it fails or is slow."""
    flowing, stop, done = threading.Event(), threading.Event(), threading.Event()
    arrived: list[bool] = []

    def fetch() -> None:
        try:
            with urllib.request.urlopen(url, timeout=CONNECT_S) as answer:  # noqa: S310 - torchvision's own https address
                chunk = answer.read(_CHUNK)
                if stop.is_set():
                    return
                flowing.set()
                sha256 = hashlib.sha256()
                with open_atomic(path) as file:
                    while chunk:
                        file.write(chunk)
                        sha256.update(chunk)
                        chunk = b"" if stop.is_set() else answer.read(_CHUNK)
                    if stop.is_set() or not sha256.hexdigest().startswith(digest):
                        raise OSError("the download is incomplete")
            arrived.append(True)
        except (OSError, ValueError) as error:
            _log.info("ImageNet weights: %s", error)
        finally:
            flowing.set()
            done.set()

    # A thread, because name resolution cannot be given a time limit.
    threading.Thread(target=fetch, daemon=True, name="imagenet-weights").start()
    if not flowing.wait(CONNECT_S) or not done.wait(DOWNLOAD_S):
        stop.set()
        return False
    return bool(arrived)
