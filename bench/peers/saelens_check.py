"""Loads a dictionary that Countersteer wrote with SAELens, encodes rows, and compares with Countersteer's activations.

    python saelens_check.py FOLDER EXPECTED      (EXPECTED: safetensors with "rows" and "acts" [rows, latents])
"""

import json
import sys

import torch
from safetensors.torch import load_file


@torch.no_grad()
def check(folder, expected, rows=None):
    from sae_lens import SAE

    sae = SAE.load_from_disk(folder, device="cpu")
    truth = load_file(expected)
    acts = sae.encode(truth["rows"])
    acts = acts.to_dense() if acts.is_sparse else acts
    return {
        "architecture": sae.cfg.architecture(),
        "checkedRows": len(truth["rows"]),
        "l0": (acts > 0).sum(1).float().mean().item(),
        "largestActivation": truth["acts"].max().item(),
        "largestDifference": (acts - truth["acts"]).abs().max().item(),
        "reconstruction": None if rows is None else sae(rows),
    }


if __name__ == "__main__":
    answer = check(sys.argv[1], sys.argv[2])
    answer.pop("reconstruction")
    print(json.dumps(answer))
