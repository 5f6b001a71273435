"""How far two next-token distributions are apart, from final hidden rows, by the model's own head. Means as in `src/engine/llama/row-divergence.ts`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypedDict

import numpy as np
import torch

# logits held at once, of each of the two
LOGITS = 2**26


class Divergence(TypedDict):
    """float32, little-endian; natural logarithms, each at least 0."""

    kl: bytes
    reverse: bytes


def divergence_of(model: Any, steered: torch.Tensor, unsteered: torch.Tensor) -> Divergence | None:
    """Of rows `[N, D]`. None on workers to which the head gives no logits."""
    kl, reverse = [], []
    with torch.inference_mode(), without_head_adapter(model):
        step = max(1, LOGITS // max(1, int(model.config.get_text_config().vocab_size)))
        for a, b in zip(steered.split(step), unsteered.split(step), strict=True):
            logits = model.compute_logits(a), model.compute_logits(b)
            if logits[0] is None or logits[1] is None:
                continue
            forward, backward = row_divergences(*logits)
            kl.append(forward)
            reverse.append(backward)
    if not kl:
        return None
    return {"kl": _bytes(kl), "reverse": _bytes(reverse)}


def row_divergences(steered: torch.Tensor, unsteered: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`KL(steered || unsteered)` and its reverse of rows of logits `[N, vocabulary]`; sums are in double precision. Equal rows give exactly 0."""
    p, q = (torch.log_softmax(logits.double(), dim=1) for logits in (steered, unsteered))
    return _kl(p, q), _kl(q, p)


def _kl(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    # a token that is ruled out has no weight: 0 log 0 is 0
    weight = p.exp()
    terms = torch.where(weight > 0, weight * (p - q), torch.zeros_like(p))
    return terms.sum(dim=1).clamp_min(0)


def _bytes(parts: list[torch.Tensor]) -> bytes:
    return np.asarray(torch.cat(parts).cpu().numpy(), dtype="<f4").tobytes()


@contextmanager
def without_head_adapter(model: Any) -> Iterator[None]:
    """vLLM's adapter-aware head follows the batch that ran last; here the plain head is meant (adapters of the head are refused)."""
    with ExitStack() as stack:
        for module in model.modules():
            if type(module).__name__ == "LogitsProcessorWithLoRA":
                stack.enter_context(_plain(module))
        yield


@contextmanager
def _plain(module: Any) -> Iterator[None]:
    base = module.base_layer

    def plain_logits(hidden: torch.Tensor, head: Any, *rest: Any, **named: Any) -> Any:
        return base._get_logits(hidden, getattr(head, "base_layer", head), *rest, **named)

    module._get_logits = plain_logits
    try:
        yield
    finally:
        del module._get_logits
