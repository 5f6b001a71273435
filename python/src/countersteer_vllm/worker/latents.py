"""Latents on the device: rows of a few, or a whole encoder where every pre-activation is needed. Letters: N rows, D d_model, L latents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from countersteer_vllm.sae.dictionary import Dictionary, LatentRow
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.worker.kept import Kept

# above this many latents the whole encoder is cheaper to keep than a table for each choice
FEW = 256
# latent values held at once by a dense product
DENSE_VALUES = 2**26
ROWS_KEPT = 2048
TABLES_KEPT = 64


@dataclass(frozen=True, eq=False)
class Table:
    """Encoder rows and what makes values of pre-activations; `encoder` is `[L, D]`, the others `[L]`."""

    encoder: torch.Tensor
    bias: torch.Tensor
    threshold: torch.Tensor
    scale: torch.Tensor
    offset: torch.Tensor

    def values(self, rows: torch.Tensor) -> torch.Tensor:
        """`f(h)` of each latent by itself, `[N, L]` of float32 rows `[N, D]`."""
        pre = torch.addmm(self.bias, rows, self.encoder.T)
        value = (self.scale * pre + self.offset).clamp_min(0)
        return torch.where(pre > self.threshold, value, torch.zeros_like(value))


def table_of(rows: Sequence[LatentRow], device: torch.device) -> Table:
    def vector(values: list[float]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)

    return Table(
        encoder=torch.stack([torch.from_numpy(row.encoder) for row in rows]).to(device),
        bias=vector([row.bias for row in rows]),
        threshold=vector([row.threshold for row in rows]),
        scale=vector([row.scale for row in rows]),
        offset=vector([row.offset for row in rows]),
    )


class DenseSae:
    """A whole dictionary: TopK has to know every pre-activation, and a reconstruction every value."""

    def __init__(self, dictionary: Dictionary, device: torch.device) -> None:
        matrix, bias = dictionary.encoder_matrix()
        vectors = [torch.from_numpy(each).to(device) for each in (bias, *dictionary.activation_vectors())]
        self._table = Table(torch.from_numpy(matrix).to(device), *vectors)
        self._k = dictionary.facts.k
        self._dictionary = dictionary
        self._device = device
        self._decoder: tuple[torch.Tensor, torch.Tensor] | None = None

    def values(self, rows: torch.Tensor, latents: torch.Tensor | None = None) -> torch.Tensor:
        """`f(h)`, `[N, L]` or of some latents."""
        parts = []
        for part in rows.split(self._rows_at_once):
            found = self._activated(part)
            parts.append(found if latents is None else found[:, latents])
        return torch.cat(parts)

    def reconstruct(self, rows: torch.Tensor) -> torch.Tensor:
        """`decode(encode(h))`, `[N, D]`."""
        if self._decoder is None:
            directions, b_dec = self._dictionary.decoder_matrix()
            self._decoder = (
                torch.from_numpy(directions).to(self._device),
                torch.from_numpy(b_dec).to(self._device),
            )
        directions_on_device, bias = self._decoder
        parts = [
            torch.addmm(bias, self._activated(part), directions_on_device)
            for part in rows.split(self._rows_at_once)
        ]
        return torch.cat(parts)

    @property
    def _rows_at_once(self) -> int:
        return max(1, DENSE_VALUES // self._dictionary.facts.latents)

    def _activated(self, rows: torch.Tensor) -> torch.Tensor:
        values = self._table.values(rows)
        if self._k is None:
            return values
        least = values.topk(self._k, dim=1).values[:, -1:]
        # of equal values the lowest index wins
        ties = (values == least) & (values > 0)
        above = values > least
        room = self._k - above.sum(dim=1, keepdim=True)
        kept = above | (ties & (ties.cumsum(dim=1) <= room))
        return torch.where(kept, values, torch.zeros_like(values))


class Library:
    """What the server's dictionaries have on one device. Raises what reading them raises."""

    def __init__(self, registry: SaeRegistry, device: torch.device) -> None:
        self.registry = registry
        self.device = device
        self._rows: Kept[tuple[str, int], LatentRow] = Kept(ROWS_KEPT)
        self._tables: Kept[tuple[str, tuple[int, ...]], Table] = Kept(TABLES_KEPT)
        self._dense: dict[str, DenseSae] = {}

    def row(self, sae: str, latent: int) -> LatentRow:
        return self._rows.get((sae, latent), lambda: self.registry.get(sae).latent_rows([latent])[0])

    def prefetch(self, sae: str, latents: Sequence[int]) -> None:
        """Reads rows in one sweep over the file."""
        found = self.registry.get(sae).latent_rows(latents)
        for latent, row in zip(latents, found, strict=True):
            self._rows.put((sae, latent), row)

    def competes(self, sae: str) -> bool:
        """Whether a latent's value depends on the others' (TopK)."""
        return self.registry.get(sae).facts.architecture == "topk"

    def dense(self, sae: str) -> DenseSae:
        if sae not in self._dense:
            self._dense[sae] = DenseSae(self.registry.get(sae), self.device)
        return self._dense[sae]

    def table(self, sae: str, latents: tuple[int, ...]) -> Table:
        return self._tables.get(
            (sae, latents), lambda: table_of(self.registry.get(sae).latent_rows(latents), self.device)
        )


class Reader:
    """Reads chosen latents of a dictionary, or the rows themselves where `sae` is None."""

    def __init__(self, library: Library, sae: str | None, latents: tuple[int, ...]) -> None:
        # requests with the same key are read together
        self.key = (sae, latents)
        self._library = library
        self._latents: torch.Tensor | None = None
        if sae is None:
            return
        for latent in latents:
            library.registry.get(sae).check_latent(latent)
        if library.competes(sae) or not 0 < len(latents) <= FEW:
            library.dense(sae)
            self._latents = torch.tensor(latents, device=library.device) if latents else None
        else:
            library.table(sae, latents)

    def read(self, rows: torch.Tensor) -> torch.Tensor:
        """`[N, latents]`, or `[N, D]`, of float32 rows `[N, D]`."""
        sae, latents = self.key
        if sae is None:
            return rows
        if self._latents is None and latents:
            return self._library.table(sae, latents).values(rows)
        return self._library.dense(sae).values(rows, self._latents)
