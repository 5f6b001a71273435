"""Hashes of what a server serves, computed in the background: the weights of a large model take minutes to read."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from countersteer_vllm.sae.dictionary import hash_files

log = logging.getLogger("vllm.countersteer")
WEIGHTS = (".safetensors", ".bin", ".pt", ".gguf")


class BackgroundHash:
    """None until it is known."""

    def __init__(self, compute: Callable[[], str]) -> None:
        self.value: str | None = None
        self._task = asyncio.create_task(self._run(compute))

    async def _run(self, compute: Callable[[], str]) -> None:
        try:
            self.value = await asyncio.to_thread(compute)
        except (OSError, ValueError):
            log.exception("countersteer: a hash can't be computed")


def model_folder(model: str) -> Path:
    """Of a served model: its folder, or where the hub's cache keeps it. Raises OSError."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(model, local_files_only=True))


def model_hash(model: str) -> str:
    """Over `config.json` and the weights files, in the order of their names. Raises OSError where there are none."""
    if Path(model).is_file():
        return hash_files([model])
    folder = model_folder(model)
    names = sorted(
        each.name for each in folder.iterdir() if each.suffix in WEIGHTS or each.name == "config.json"
    )
    weights = [name for name in names if name != "config.json"]
    if not weights:
        raise OSError(f"{folder} has no weights")
    # a folder of the hub may hold the same weights in two formats, of which vLLM prefers safetensors
    safe = [name for name in weights if name.endswith(".safetensors")]
    read = set(safe or weights) | {"config.json"}
    return hash_files([str(folder / name) for name in names if name in read])


def adapter_hash(path: str) -> str:
    """SHA-256 of an adapter's weights file. Raises OSError."""
    folder = model_folder(path)
    for name in ("adapter_model.safetensors", "adapter_model.bin", "adapter_model.pt"):
        if (folder / name).exists():
            with (folder / name).open("rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
    raise OSError(f"{folder} has no adapter_model file")
