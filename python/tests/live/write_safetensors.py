"""Files that tests need in safetensors' format, and a dictionary in SAELens'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from countersteer_vllm.floats import Floats


def write_safetensors(path: Path, tensors: Mapping[str, Floats]) -> None:
    header, data = {}, b""
    for name, values in tensors.items():
        raw = values.astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def write_jumprelu(folder: Path, rows: Floats, latents: int, layer: int, seed: int = 0) -> str:
    """A dictionary whose directions are differences of given residual rows: its latents fire on some rows and not on others."""
    random = np.random.default_rng(seed)
    centred = rows - rows.mean(axis=0)
    pairs = random.integers(0, len(rows), size=(latents, 2))
    directions = centred[pairs[:, 0]] - 0.5 * centred[pairs[:, 1]]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True) + 1e-6
    folder.mkdir(parents=True)
    config = {
        "architecture": "jumprelu",
        "d_in": rows.shape[1],
        "d_sae": latents,
        "dtype": "float32",
        "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "metadata": {"sae_lens_version": "6.54.12", "hook_name": f"blocks.{layer}.hook_resid_post"},
    }
    (folder / "cfg.json").write_text(json.dumps(config))
    tensors = {
        "W_enc": directions.T,
        "W_dec": directions,
        "b_enc": np.zeros(latents),
        "b_dec": rows.mean(axis=0),
        "threshold": np.full(latents, 0.5 * np.abs(centred @ directions.T).mean()),
    }
    write_safetensors(
        folder / "sae_weights.safetensors", {name: each.astype(np.float32) for name, each in tensors.items()}
    )
    return str(folder)
