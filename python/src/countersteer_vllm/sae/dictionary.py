"""What the rest of the plug-in sees of an SAE, whatever its format. Letters: D d_model, L latents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from countersteer_vllm.errors import Refusal, unreadable
from countersteer_vllm.floats import Floats
from countersteer_vllm.sae.weights import Weights

# standard: ReLU. topk: ReLU of the k largest. jumprelu: `pre` where it is above the latent's threshold.
# gated: `ReLU(exp(r_k) (pre_k - b_gate) + b_mag)` where `pre_k` is above 0 (arXiv 2404.16014, section 3)
Architecture = Literal["standard", "topk", "jumprelu", "gated"]
Format = Literal["saelens", "gemma-scope", "gemma-scope-2", "goodfire", "sparsify"]
HASH_PIECE = 4 * 2**20


@dataclass(frozen=True)
class Facts:
    path: str
    format: Format
    # what was read; the hash is over these
    files: tuple[str, ...]
    architecture: Architecture
    d_model: int
    latents: int
    k: int | None
    layer: int | None
    hook_name: str | None
    model_name: str | None
    # the encoder sees `h - b_dec`
    apply_b_dec_to_input: bool


@dataclass(frozen=True)
class LatentRow:
    """All that reading and writing one latent takes. `value = scale * pre + offset` where `pre > threshold`, at least 0."""

    direction: Floats
    encoder: Floats
    bias: float
    threshold: float
    scale: float
    offset: float


class Dictionary:
    def __init__(self, facts: Facts, weights: Weights) -> None:
        self.facts = facts
        self._weights = weights

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) over configuration and weights, as `Dictionary.hash()` of the TypeScript side."""
        return hash_files(self.facts.files)

    def check_latent(self, latent: int) -> None:
        if not 0 <= latent < self.facts.latents:
            raise Refusal(
                "LATENT_UNKNOWN",
                what=f"{self.facts.path} has no latent {latent}.",
                why=f"Its latents are 0 to {self.facts.latents - 1}.",
                todo="Choose an index in this range, or another SAE.",
                facts={"path": self.facts.path, "latent": latent, "latents": self.facts.latents},
            )

    def latent_rows(self, latents: Sequence[int]) -> list[LatentRow]:
        """Rows of those latents, in one sweep over the file. Raises LATENT_UNKNOWN, SAE_UNREADABLE."""
        for latent in latents:
            self.check_latent(latent)
        directions = self._finite("W_dec", self._weights.decoder_rows(latents))
        encoders = self._finite("W_enc", self._weights.encoder_rows(latents))
        scales, offsets = self._magnitudes
        return [
            LatentRow(
                direction=directions[i],
                encoder=encoders[i],
                bias=self._bias(latent, encoders[i]),
                threshold=float(self._thresholds[latent]),
                scale=float(scales[latent]),
                offset=float(offsets[latent]),
            )
            for i, latent in enumerate(latents)
        ]

    def encoder_matrix(self) -> tuple[Floats, Floats]:
        """Every encoder row `[L, D]`, and its effective bias `[L]`."""
        everything = range(self.facts.latents)
        matrix = self._finite("W_enc", self._weights.encoder_rows(everything))
        biases = [self._bias(latent, matrix[latent]) for latent in everything]
        return matrix, np.asarray(biases, dtype=np.float32)

    def decoder_matrix(self) -> tuple[Floats, Floats]:
        """Every direction `[L, D]`, and the decoder bias `[D]`."""
        return self._finite("W_dec", self._weights.decoder_rows(range(self.facts.latents))), self._b_dec

    def activation_vectors(self) -> tuple[Floats, Floats, Floats]:
        """Thresholds, scales and offsets (as in `LatentRow`) of every latent, each `[L]`."""
        return (self._thresholds, *self._magnitudes)

    def _bias(self, latent: int, encoder: Floats) -> float:
        """The bias of `pre = w . h + b`: the encoder's, less `b_dec . w` if the encoder sees `h - b_dec`."""
        bias = float(self._b_enc[latent])
        if self.facts.apply_b_dec_to_input:
            bias -= float(np.dot(self._b_dec.astype(np.float64), encoder.astype(np.float64)))
        return bias

    @cached_property
    def _b_enc(self) -> Floats:
        return self._finite("b_enc", self._weights.b_enc())

    @cached_property
    def _b_dec(self) -> Floats:
        return self._finite("b_dec", self._weights.b_dec())

    @cached_property
    def _thresholds(self) -> Floats:
        found = self._weights.thresholds()
        # a ReLU passes what is above 0, and a JumpReLU never passes less
        zeros = np.zeros(self.facts.latents, dtype=np.float32)
        return zeros if found is None else np.maximum(self._finite("threshold", found), zeros)

    @cached_property
    def _magnitudes(self) -> tuple[Floats, Floats]:
        """Scale and offset of every latent; `exp(r_mag)` and `b_mag - exp(r_mag) b_gate` of a gated SAE."""
        found = self._weights.magnitudes()
        if found is None:
            return np.ones(self.facts.latents, np.float32), np.zeros(self.facts.latents, np.float32)
        bias, log_scale = found
        scale = np.exp(log_scale.astype(np.float64))
        offset = bias.astype(np.float64) - scale * self._b_enc
        return (
            self._finite("exp(r_mag)", scale.astype(np.float32)),
            self._finite("b_mag", offset.astype(np.float32)),
        )

    def _finite(self, name: str, values: Floats) -> Floats:
        if not np.isfinite(values).all():
            raise unreadable(self.facts.path, f"{name} holds numbers that are not finite.", tensor=name)
        return values


def hash_files(paths: Sequence[str]) -> str:
    """Hex digest of the files' own SHA-256 digests in the given order, so that no boundary can shift."""
    whole = hashlib.sha256()
    for path in paths:
        part = hashlib.sha256()
        with Path(path).open("rb") as handle:
            while piece := handle.read(HASH_PIECE):
                part.update(piece)
        whole.update(part.digest())
    return whole.hexdigest()
