"""The one set of tensors that both Gemma Scopes store: matrices as `[D, L]` and `[L, D]`, and a threshold for each latent."""

from __future__ import annotations

from dataclasses import dataclass

from countersteer_vllm.sae.tensor import TensorFile
from countersteer_vllm.sae.weights import StoredWeights


@dataclass(frozen=True)
class JumpRelu:
    d_model: int
    latents: int
    weights: StoredWeights


def jumprelu_weights(file: TensorFile, encoder: str, decoder: str) -> JumpRelu:
    """Raises SAE_UNREADABLE, SAE_UNSUPPORTED."""
    file.refuse_others([encoder, decoder, "b_enc", "b_dec", "threshold"])
    d_model, latents = file.matrix_sizes(encoder)
    shapes = {decoder: (latents, d_model), "b_enc": (latents,), "b_dec": (d_model,), "threshold": (latents,)}
    for name, shape in shapes.items():
        file.check_shape(name, shape, encoder)
    weights = StoredWeights(
        encoder=file.tensor(encoder).transposed(),
        decoder=file.tensor(decoder),
        encoder_bias=file.tensor("b_enc"),
        decoder_bias=file.tensor("b_dec"),
        threshold=file.tensor("threshold"),
    )
    return JumpRelu(d_model, latents, weights)
