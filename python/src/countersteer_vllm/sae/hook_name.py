"""Which block's output a dictionary was trained on, from the names that libraries and repositories give to the place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from countersteer_vllm.errors import unsupported

BLOCK_OUTPUT = re.compile(r"blocks\.(\d+)\.hook_resid_post")
# what goes into a block is what came out of the one before
BLOCK_INPUT = re.compile(r"blocks\.(\d+)\.hook_resid_pre")
HF_BLOCK_OUTPUT = re.compile(r"model\.(?:language_model\.)?layers\.(\d+)(?:\.output)?")
KNOWN_HOOKS = "blocks.N.hook_resid_post (a block's output), and hook_resid_pre of a block after the first"

GEMMA_LAYER = re.compile(r"layer_(\d+)(?:_|$)")
# `gemma-scope-2b-pt-res`, and in the hub's own cache `models--google--gemma-scope-2b-pt-res`
GEMMA_REPOSITORY = re.compile(r"gemma-scope-(\d+b)-(pt|it)-(\w+)")
# sites that are no block's output, by what a folder or repository is called
GEMMA_OTHER_SITES = re.compile(r"transcoder|crosscoder|(?:^|[-_])clt(?:[-_]|$)|mlp_out|attn_out|^embedding")


@dataclass(frozen=True)
class Place:
    layer: int | None
    hook_name: str | None
    model_name: str | None


def hook_of_layer(layer: int) -> str:
    return f"blocks.{layer}.hook_resid_post"


def layer_of_hook(hook: str) -> int | None:
    """The block whose output the hook reads; None where it reads anything else."""
    output = BLOCK_OUTPUT.fullmatch(hook) or HF_BLOCK_OUTPUT.fullmatch(hook)
    if output is not None:
        return int(output[1])
    before = BLOCK_INPUT.fullmatch(hook)
    return None if before is None or int(before[1]) == 0 else int(before[1]) - 1


def gemma_place(path: str) -> Place:
    """What folder and repository names of Gemma Scope say. Raises SAE_UNSUPPORTED for all but the residual stream."""
    parts = Path(path).parts[::-1]
    known = "the residual stream after a block (resid_post, -res)"
    other = next((part for part in parts[:5] if GEMMA_OTHER_SITES.search(part)), None)
    if other is not None:
        raise unsupported(path, "site", other, known)
    repository = next((found for part in parts if (found := GEMMA_REPOSITORY.search(part))), None)
    site = None if repository is None else repository[3]
    if site not in (None, "res"):
        raise unsupported(path, "site", site, known)
    found = next((found for part in parts if (found := GEMMA_LAYER.match(part))), None)
    layer = None if found is None else int(found[1])
    is_residual = site == "res" or any(part.startswith("resid_post") for part in parts)
    return Place(
        layer,
        hook_of_layer(layer) if layer is not None and is_residual else None,
        None
        if repository is None
        else f"google/gemma-2-{repository[1]}{'-it' if repository[2] == 'it' else ''}",
    )
