"""The versions that have to agree: protocol, plug-in and vLLM."""

from __future__ import annotations

PROTOCOL = 1
PLUGIN_VERSION = "0.1.0"
# first version that works, first that is not known to
VLLM_FROM = (0, 32, 0)
VLLM_BELOW = (0, 33, 0)
KNOWN = "0.32.x"


class UnsupportedVllmError(RuntimeError):
    """Ends a server's start: hooks into another version's internals could miss."""


def release_of(version: str) -> tuple[int, int, int]:
    """`0.32.0+cpu` is (0, 32, 0); a part that is no number is 0."""
    parts = version.split("+", maxsplit=1)[0].split(".")[:3]
    numbers = [int("".join(c for c in part if c.isdigit()) or 0) for part in parts]
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    return major, minor, patch


def check_vllm(version: str) -> None:
    """Raises UnsupportedVllmError for a vLLM outside the pinned range."""
    if VLLM_FROM <= release_of(version) < VLLM_BELOW:
        return
    raise UnsupportedVllmError(
        f"countersteer-vllm {PLUGIN_VERSION} can't steer vLLM {version}. It hooks into vLLM's internals, and those are "
        f"known for {KNOWN} only. Install that version, or leave the plug-in out by VLLM_PLUGINS."
    )
