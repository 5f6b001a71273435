"""The dictionaries in `test/data/sae` of the repository, with what SAELens makes of the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from countersteer_vllm.floats import Floats
from countersteer_vllm.sae.dictionary import Dictionary
from countersteer_vllm.sae.safetensors_file import open_safetensors

SAE_DATA = Path(__file__).parents[2] / "test" / "data" / "sae"
# path of each dictionary, by the folder that holds its truth
FIXTURES = {
    name: name for name in ("standard", "standard-nobdec", "topk", "jumprelu", "batchtopk", "gated")
} | {
    "topk-rescaled": "topk-rescaled",
    "topk-scaled": "topk-scaled",
    "batchtopk-checkpoint": "batchtopk-checkpoint",
    "gemma-scope": "gemma-scope",
    "goodfire": "goodfire/sae.pt",
    "sparsify": "sparsify",
}


def sae_rows() -> Floats:
    """Ten rows, `[10, 24]`."""
    return open_safetensors(str(SAE_DATA / "x.safetensors")).tensor("x").all()


def sae_truth(name: str) -> tuple[Floats, Floats]:
    """Latent values `[10, 96]` and reconstructions `[10, 24]` of these rows."""
    file = open_safetensors(str(SAE_DATA / name / "expected.safetensors"))
    return file.tensor("acts").all(), file.tensor("recon").all()


def encode(dictionary: Dictionary, rows: Floats) -> Floats:
    """The definition, in float64."""
    matrix, bias = dictionary.encoder_matrix()
    threshold, scale, offset = dictionary.activation_vectors()
    pre = rows.astype(np.float64) @ matrix.T.astype(np.float64) + bias
    acts = np.where(pre > threshold, np.maximum(0, scale * pre + offset), 0)
    k = dictionary.facts.k
    if k is not None:
        least = np.sort(acts, axis=1)[:, -k][:, None]
        acts = np.where(acts >= least, acts, 0)
    return acts.astype(np.float32)
