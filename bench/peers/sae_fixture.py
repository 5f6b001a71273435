"""Writes test/data/sae-train/steps.safetensors: rows, first weights, and 20 steps of the plain PyTorch loop in float64.

    bench/.peers/bin/python bench/peers/sae_fixture.py
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

import sae_torch

D_MODEL, LATENTS, STEPS = 24, 64, 20
SETTINGS = {
    "latents": LATENTS,
    "k": 4,
    "batchRows": 64,
    "totalRows": 64 * STEPS,
    "learningRate": 0.01,
    "warmUpSteps": 4,
    "decayFraction": 0.25,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 6.25e-10,
    "auxCoefficient": 1 / 32,
    "auxK": 8,
    "deadAfterRows": 128,
}


def main():
    torch.manual_seed(1)
    truth = torch.randn(40, D_MODEL)
    picks = torch.rand(64 * STEPS, 40) < 0.08
    rows = (picks * (1 + torch.rand(picks.shape))) @ truth + 0.5 * torch.randn(D_MODEL)
    rows += 0.05 * torch.randn(rows.shape)
    directions = torch.randn(LATENTS, D_MODEL)
    directions /= directions.norm(dim=1, keepdim=True)
    bias = torch.zeros(LATENTS)
    bias[-12:] = -4.5  # these are seldom among the largest, and die
    initial = {
        "encoder": directions + 0.05 * torch.randn(LATENTS, D_MODEL),
        "decoder": directions,
        "encoderBias": bias,
        "decoderBias": rows[:64].mean(0),
    }
    model, losses, _ = sae_torch.train(SETTINGS, initial, rows.double(), torch.float64)
    final = {
        "final_encoder": model.w_enc,
        "final_decoder": model.w_dec,
        "final_encoderBias": model.b_enc / model.scale,
        "final_decoderBias": model.b_dec / model.scale,
    }
    tensors = {"rows": rows, "losses": torch.tensor([row[0] for row in losses])}
    tensors |= {"aux_losses": torch.tensor([row[1] for row in losses])}
    tensors |= {"dead": torch.tensor([float(row[2]) for row in losses])}
    tensors |= initial | {name: value.detach() for name, value in final.items()}
    path = Path(__file__).parents[2] / "test" / "data" / "sae-train" / "steps.safetensors"
    save_file(
        {name: value.float().contiguous() for name, value in tensors.items()},
        path,
        metadata={"settings": json.dumps(SETTINGS), "torch": torch.__version__},
    )
    for step, row in enumerate(losses):
        print(step, row)


if __name__ == "__main__":
    main()
