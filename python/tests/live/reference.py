"""The truth: transformers on PyTorch, float32, steered by a forward hook written straight from the definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from countersteer_vllm.parse_spec import intervention_of
from countersteer_vllm.sae.dictionary import Dictionary
from countersteer_vllm.spec import Add, Clamp, Intervention, LatentDirection, Positions, Replace

# logits kept of each step, to tell a near tie from an error
KEPT = 8
# stands for whatever token ends an answer
END = -1


@dataclass(frozen=True)
class Generated:
    tokens: list[int]
    # for each token, the best alternatives and their logits
    tops: list[dict[int, float]]


class Reference:
    def __init__(self, model: str, saes: Mapping[str, Dictionary]) -> None:
        from transformers import AutoModelForCausalLM

        # threads that wait for each other are slow on a machine that has other work
        torch.set_num_threads(1)
        self.model: Any = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
        self._saes = saes
        self._cache: dict[str, Any] = {}
        self._blocks = self._find_blocks()
        self.end_tokens = self._ends()

    def generate(self, tokens: Sequence[int], wire: object, max_tokens: int) -> Generated:
        """Greedy."""
        found = Generated([], [])
        with self._steered(wire, len(tokens)), torch.inference_mode():
            output = self.model(torch.tensor([list(tokens)]), use_cache=True)
            for _ in range(max_tokens):
                best = output.logits[0, -1].topk(KEPT)
                named = [END if token in self.end_tokens else token for token in best.indices.tolist()]
                found.tops.append(dict(zip(named, best.values.tolist(), strict=True)))
                token = named[0]
                found.tokens.append(token)
                if token == END:
                    break
                if len(found.tokens) < max_tokens:
                    output = self.model(
                        torch.tensor([[token]]), past_key_values=output.past_key_values, use_cache=True
                    )
        return found

    def logits(self, tokens: Sequence[int], wire: object, prompt_tokens: int | None = None) -> torch.Tensor:
        """`[tokens, vocabulary]`"""
        with self._steered(wire, prompt_tokens or len(tokens)), torch.inference_mode():
            found: torch.Tensor = self.model(torch.tensor([list(tokens)])).logits[0]
            return found

    def rows(
        self, tokens: Sequence[int], layer: int, wire: object, prompt_tokens: int | None = None
    ) -> torch.Tensor:
        """Residual rows after a block and its edits, `[tokens, d_model]`."""
        kept: list[torch.Tensor] = []

        def keep(_block: Any, _arguments: Any, output: Any) -> None:
            kept.append(hidden_of(output)[0].clone())

        with self._steered(wire, prompt_tokens or len(tokens)), torch.inference_mode():
            # hooks run in the order in which they were added, so that this one sees the edit
            handle = self._blocks[layer].register_forward_hook(keep)
            try:
                self.model(torch.tensor([list(tokens)]))
            finally:
                handle.remove()
        return kept[0]

    def latents(self, rows: torch.Tensor, sae: str) -> torch.Tensor:
        """Every latent value of rows, `[rows, latents]`."""
        matrix, bias, threshold, scale, offset = self._encoder(sae)
        pre = rows @ matrix.T + bias
        values = torch.where(pre > threshold, (scale * pre + offset).clamp_min(0), torch.zeros_like(pre))
        k = self._saes[sae].facts.k
        if k is not None:
            least = values.topk(k, dim=1).values[:, -1:]
            values = torch.where(values >= least, values, torch.zeros_like(values))
        return values

    def _encoder(self, sae: str) -> tuple[torch.Tensor, ...]:
        if sae not in self._cache:
            vectors = (*self._saes[sae].encoder_matrix(), *self._saes[sae].activation_vectors())
            self._cache[sae] = tuple(torch.from_numpy(each) for each in vectors)
        found: tuple[torch.Tensor, ...] = self._cache[sae]
        return found

    def _steered(self, wire: object, prompt_tokens: int) -> Any:
        return _Steered(self, wire, prompt_tokens)

    def edit(
        self, rows: torch.Tensor, intervention: Intervention, start: int, prompt_tokens: int
    ) -> torch.Tensor:
        """All edits read the same unedited rows."""
        edited = rows.clone()
        values = {
            sae: self.latents(rows, sae)
            for sae in {e.sae for e in intervention.edits if isinstance(e, Clamp)}
        }
        for edit in intervention.edits:
            edited = self._applied(edit, rows, edited, values)
        positions = range(start, start + len(rows))
        chosen = torch.tensor([is_chosen(intervention.positions, each, prompt_tokens) for each in positions])
        return torch.where(chosen[:, None], edited, rows)

    def _applied(
        self,
        edit: Add | Clamp | Replace,
        rows: torch.Tensor,
        edited: torch.Tensor,
        values: Mapping[str, torch.Tensor],
    ) -> torch.Tensor:
        if isinstance(edit, Replace):
            if edit.sae is None:
                return (
                    torch.zeros_like(rows)
                    if edit.vector is None
                    else torch.from_numpy(edit.vector).expand_as(rows)
                )
            directions, bias = (torch.from_numpy(each) for each in self._saes[edit.sae].decoder_matrix())
            return self.latents(rows, edit.sae) @ directions + bias
        if isinstance(edit, Clamp):
            value = values[edit.sae][:, edit.latent]
            return edited + (edit.share * (edit.value - value))[:, None] * self._direction(
                edit.sae, edit.latent
            )
        if isinstance(edit.direction, LatentDirection):
            return edited + edit.strength * self._direction(edit.direction.sae, edit.direction.latent)
        return edited + edit.strength * torch.from_numpy(edit.direction.vector)

    def _direction(self, sae: str, latent: int) -> torch.Tensor:
        return torch.from_numpy(self._saes[sae].latent_rows([latent])[0].direction)

    def _find_blocks(self) -> Any:
        return next(module for name, module in self.model.named_modules() if name.endswith("layers"))

    def _ends(self) -> set[int]:
        ends = self.model.generation_config.eos_token_id
        return set() if ends is None else set(ends) if isinstance(ends, list) else {ends}

    @property
    def blocks(self) -> Any:
        return self._blocks


class _Steered:
    """While it is entered, one block's output is edited; positions are counted from the first row on."""

    def __init__(self, reference: Reference, wire: object, prompt_tokens: int) -> None:
        self._reference = reference
        self._intervention = None if wire is None else intervention_of(wire)
        self._prompt_tokens = prompt_tokens
        self._position = 0
        self._handle: Any = None

    def __enter__(self) -> None:
        if self._intervention is not None:
            block = self._reference.blocks[self._intervention.layer]
            self._handle = block.register_forward_hook(self._hook)

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.remove()

    def _hook(self, _block: Any, _arguments: Any, output: Any) -> Any:
        assert self._intervention is not None
        hidden = hidden_of(output)
        edited = self._reference.edit(hidden[0], self._intervention, self._position, self._prompt_tokens)[
            None
        ]
        self._position += hidden.shape[1]
        return (edited, *output[1:]) if isinstance(output, tuple) else edited


def hidden_of(output: Any) -> torch.Tensor:
    found: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return found


def is_chosen(positions: Positions, position: int, prompt_tokens: int) -> bool:
    match positions.kind:
        case "all":
            return True
        case "prompt":
            return position < prompt_tokens
        case "generated":
            return position >= prompt_tokens
        case "range":
            return positions.start <= position < positions.end
        case "until-phrase":
            raise NotImplementedError


def departure(found: Sequence[int], truth: Generated) -> tuple[int, float] | None:
    """Where an answer leaves the truth, and by how much its token's logit lies below the best; None where they are equal."""
    for i, (mine, best) in enumerate(zip(found, truth.tokens, strict=False)):
        if mine != best:
            tops = truth.tops[i]
            return i, tops[best] - tops.get(mine, float("-inf"))
    return None if len(found) == len(truth.tokens) else (min(len(found), len(truth.tokens)), float("inf"))
