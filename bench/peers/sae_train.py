"""The peers of the cell `sae-training`: a plain PyTorch loop and SAELens' own trainer, on rows from a file.

Reads one JSON request a line, writes one JSON answer a line:
  {"op": "load", "files": [safetensors with "rows", "held_out" and first weights], "threads": n} -> {"ok": true}
  {"op": "torch" | "saelens", "settings": {...}} -> {"ok": true, "seconds": time of the steps, "fvu": on the held-out rows}
  {"op": "check", "folder": SAE, "expected": safetensors with "acts"} -> see saelens_check.py
A failure is answered by {"ok": false, "error": text}.
"""

import json
import os
import sys
import time

os.environ["TQDM_DISABLE"] = "1"
# libraries may print: only our own answers may reach the real stdout
ANSWERS = sys.stdout
sys.stdout = sys.stderr

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

import sae_torch  # noqa: E402
from saelens_check import check  # noqa: E402


def fvu(rows, reconstruction):
    error = (rows - reconstruction).double().pow(2).sum()
    return (error / (rows - rows.mean(0)).double().pow(2).sum()).item()


class Peer:
    def load(self, request):
        torch.set_num_threads(request["threads"])
        data = {name: value for file in request["files"] for name, value in load_file(file).items()}
        self.rows, self.held_out = data.pop("rows"), data.pop("held_out")
        self.initial = data
        return {}

    def torch(self, request):
        model, _, seconds = sae_torch.train(request["settings"], self.initial, self.rows)
        return {"seconds": seconds, "fvu": fvu(self.held_out, model.reconstruct(self.held_out))}

    def saelens(self, request):
        from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
        from sae_lens.config import SAETrainerConfig
        from sae_lens.training.sae_trainer import SAETrainer

        settings = request["settings"]
        batch = settings["batchRows"]
        steps = settings["totalRows"] // batch
        d_model = self.rows.shape[1]
        # scaled beforehand: SAELens would estimate the factor from 1000 more batches
        scale = sae_torch.scale_of(self.rows[:batch])
        rows = self.rows * scale
        sae = TopKTrainingSAE(
            TopKTrainingSAEConfig(
                d_in=d_model,
                d_sae=settings["latents"],
                k=settings["k"],
                aux_loss_coefficient=settings["auxCoefficient"],
                device="cpu",
                dtype="float32",
                normalize_activations="none",
                apply_b_dec_to_input=True,
            )
        )
        with torch.no_grad():
            sae.W_enc.copy_(self.initial["encoder"].T)
            sae.W_dec.copy_(self.initial["decoder"])
            sae.b_enc.copy_(self.initial["encoderBias"] * scale)
            sae.b_dec.copy_(self.initial["decoderBias"] * scale)
        whole = len(rows) // batch

        def batches():
            step = 0
            while True:
                at = step % whole * batch
                yield rows[at : at + batch]
                step += 1

        trainer = SAETrainer(
            cfg=SAETrainerConfig(
                total_training_samples=steps * batch,
                train_batch_size_samples=batch,
                lr=settings["learningRate"],
                lr_warm_up_steps=settings["warmUpSteps"],
                lr_decay_steps=round(settings["decayFraction"] * steps),
                lr_end=settings["learningRate"] / 10,
                adam_beta1=settings["beta1"],
                adam_beta2=settings["beta2"],
                dead_feature_window=settings["deadAfterRows"] // batch,
                device="cpu",
            ),
            sae=sae,
            data_provider=batches(),
        )
        began = time.perf_counter()
        trainer.fit()
        seconds = time.perf_counter() - began
        sae.eval()
        with torch.no_grad():
            reconstruction = sae(self.held_out * scale) / scale
        return {"seconds": seconds, "fvu": fvu(self.held_out, reconstruction)}

    def check(self, request):
        answer = check(request["folder"], request["expected"], self.held_out)
        return {**answer, "fvu": fvu(self.held_out, answer.pop("reconstruction"))}


def main():
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, **getattr(peer, request["op"])(request)}
        except Exception as error:  # the caller decides what a failure means
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        answer.pop("reconstruction", None)
        print(json.dumps(answer), file=ANSWERS, flush=True)


if __name__ == "__main__":
    main()
