"""A plain TopK SAE training loop in PyTorch: the peer of the benchmark, and the reference of test/data/sae-train.

It is written as people write it: dense encoder and decoder, autograd, torch.optim.Adam, and in the units that our trainer
uses (rows scaled by `scale`, loss = squared error of a row, mean over the batch).
"""

import math
import time

import torch


def scale_of(first_batch):
    """Factor to a mean norm of sqrt(d_model)."""
    return math.sqrt(first_batch.shape[1]) / first_batch.norm(dim=1).mean().item()


def learning_rate(settings, step, steps):
    warm = min(1.0, (step + 1) / settings["warmUpSteps"]) if settings["warmUpSteps"] else 1.0
    decay_steps = round(settings["decayFraction"] * steps)
    decay = min(1.0, (steps - step) / decay_steps) if decay_steps else 1.0
    return settings["learningRate"] * min(warm, decay)


class TopK:
    def __init__(self, settings, initial, scale, dtype=torch.float32):
        self.settings = settings
        self.scale = scale
        self.w_enc = initial["encoder"].to(dtype).clone().requires_grad_()
        self.w_dec = initial["decoder"].to(dtype).clone().requires_grad_()
        self.b_enc = (initial["encoderBias"].to(dtype) * scale).requires_grad_()
        self.b_dec = (initial["decoderBias"].to(dtype) * scale).requires_grad_()
        self.silent = torch.zeros(self.w_enc.shape[0], dtype=torch.int64)
        self.adam = torch.optim.Adam(
            [self.w_enc, self.w_dec, self.b_enc, self.b_dec],
            betas=(settings["beta1"], settings["beta2"]),
            eps=settings["epsilon"],
            fused=True,
        )

    def encode(self, x):
        pre = (x - self.b_dec) @ self.w_enc.T + self.b_enc
        values, indices = torch.topk(pre, self.settings["k"], dim=1, sorted=False)
        return pre, torch.zeros_like(pre).scatter(1, indices, values.relu())

    def step(self, rows, rate):
        """One step on unscaled rows; returns (loss, auxiliary loss, dead)."""
        settings = self.settings
        x = rows * self.scale
        pre, acts = self.encode(x)
        reconstruction = acts @ self.w_dec + self.b_dec
        loss = (reconstruction - x).pow(2).sum(1).mean()
        aux = torch.zeros((), dtype=x.dtype)
        silent_steps = math.ceil(settings["deadAfterRows"] / settings["batchRows"])
        dead = self.silent >= silent_steps
        count = int(dead.sum())
        if settings["auxCoefficient"] > 0 and count > 0:
            k_aux = settings["auxK"] or x.shape[1] // 2
            values, indices = torch.topk(
                pre.masked_fill(~dead, -math.inf), min(k_aux, count), dim=1, sorted=False
            )
            aux_acts = torch.zeros_like(pre).scatter(1, indices, values.relu())
            residual = (x - reconstruction).detach()
            weight = settings["auxCoefficient"] * min(1.0, count / k_aux)
            aux = weight * (aux_acts @ self.w_dec - residual).pow(2).sum(1).mean()
        self.adam.zero_grad()
        (loss + aux).backward()
        with torch.no_grad():
            self.w_dec.grad -= (self.w_dec.grad * self.w_dec).sum(1, keepdim=True) * self.w_dec
            for group in self.adam.param_groups:
                group["lr"] = rate
            self.adam.step()
            self.w_dec /= self.w_dec.norm(dim=1, keepdim=True)
            fired = (acts > 0).any(0)
            self.silent += 1
            self.silent[fired] = 0
        return loss.item(), aux.item(), count

    @torch.no_grad()
    def reconstruct(self, rows):
        x = rows * self.scale
        return (self.encode(x)[1] @ self.w_dec + self.b_dec) / self.scale


def train(settings, initial, rows, dtype=torch.float32):
    """Trains on batches of `rows` in order, over and over; returns (model, losses, seconds of the steps)."""
    batch = settings["batchRows"]
    steps = settings["totalRows"] // batch
    model = TopK(settings, initial, scale_of(rows[:batch]), dtype)
    losses = []
    began = time.perf_counter()
    for step in range(steps):
        at = (step * batch) % (len(rows) // batch * batch)
        losses.append(model.step(rows[at : at + batch], learning_rate(settings, step, steps)))
    return model, losses, time.perf_counter() - began
