"""Where a dictionary's weights come from, and what is folded into them on the way. Letters: D d_model, L latents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from countersteer_vllm.floats import Floats
from countersteer_vllm.sae.tensor import Tensor

# latents whose norms are read at once
NORM_BLOCK = 1024


class Weights(Protocol):
    """Reads of one format. What comes back is fresh."""

    def decoder_rows(self, latents: Sequence[int]) -> Floats:
        """`[n, D]`"""

    def encoder_rows(self, latents: Sequence[int]) -> Floats:
        """`[n, D]`"""

    def b_enc(self) -> Floats:
        """`[L]`"""

    def b_dec(self) -> Floats:
        """`[D]`"""

    def thresholds(self) -> Floats | None:
        """`[L]`; None unless JumpReLU."""

    def magnitudes(self) -> tuple[Floats, Floats] | None:
        """`b_mag` and `r_mag`, each `[L]`; None unless gated."""


@dataclass(frozen=True)
class StoredWeights:
    """Tensors by the part they play; both matrices as `[L, D]`."""

    encoder: Tensor
    decoder: Tensor
    encoder_bias: Tensor
    decoder_bias: Tensor
    threshold: Tensor | None = None
    # one threshold for all latents
    one_threshold: float | None = None
    latents: int = 0
    b_mag: Tensor | None = None
    r_mag: Tensor | None = None

    def decoder_rows(self, latents: Sequence[int]) -> Floats:
        return self.decoder.rows(latents)

    def encoder_rows(self, latents: Sequence[int]) -> Floats:
        return self.encoder.rows(latents)

    def b_enc(self) -> Floats:
        return self.encoder_bias.all()

    def b_dec(self) -> Floats:
        return self.decoder_bias.all()

    def thresholds(self) -> Floats | None:
        if self.one_threshold is not None:
            return np.full(self.latents, self.one_threshold, dtype=np.float32)
        return None if self.threshold is None else self.threshold.all()

    def magnitudes(self) -> tuple[Floats, Floats] | None:
        if self.b_mag is None or self.r_mag is None:
            return None
        return self.b_mag.all(), self.r_mag.all()

    def with_one_threshold(self, threshold: float, latents: int) -> StoredWeights:
        return replace(self, one_threshold=threshold, latents=latents)


@dataclass(frozen=True)
class ScaledInput:
    """Folds the factor by which activations were multiplied before training."""

    under: Weights
    scale: float

    def decoder_rows(self, latents: Sequence[int]) -> Floats:
        return self.under.decoder_rows(latents) / np.float32(self.scale)

    def encoder_rows(self, latents: Sequence[int]) -> Floats:
        return self.under.encoder_rows(latents) * np.float32(self.scale)

    def b_enc(self) -> Floats:
        return self.under.b_enc()

    def b_dec(self) -> Floats:
        return self.under.b_dec() / np.float32(self.scale)

    def thresholds(self) -> Floats | None:
        return self.under.thresholds()

    def magnitudes(self) -> tuple[Floats, Floats] | None:
        return self.under.magnitudes()


@dataclass(frozen=True)
class FoldedNorms:
    """Folds the norms of the directions into the encoder: what the latents write stays the same (SAELens' `rescale_acts_by_decoder_norm`)."""

    under: Weights
    latents: int

    def _norms(self, latents: Sequence[int]) -> Floats:
        norms: Floats = np.linalg.norm(self.under.decoder_rows(latents).astype(np.float64), axis=1).astype(
            np.float32
        )
        return norms

    def decoder_rows(self, latents: Sequence[int]) -> Floats:
        return self.under.decoder_rows(latents) / self._norms(latents)[:, None]

    def encoder_rows(self, latents: Sequence[int]) -> Floats:
        return self.under.encoder_rows(latents) * self._norms(latents)[:, None]

    def b_enc(self) -> Floats:
        biases = self.under.b_enc()
        for first in range(0, self.latents, NORM_BLOCK):
            block = range(first, min(first + NORM_BLOCK, self.latents))
            biases[first : block.stop] *= self._norms(block)
        return biases

    def b_dec(self) -> Floats:
        return self.under.b_dec()

    def thresholds(self) -> Floats | None:
        return self.under.thresholds()

    def magnitudes(self) -> tuple[Floats, Floats] | None:
        return self.under.magnitudes()
