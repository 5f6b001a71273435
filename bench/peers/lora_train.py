"""The peer of the cell `lora-training`: Hugging Face PEFT on the CPU.

Reads one JSON request a line, writes one JSON answer a line:
  {"op": "load", "gguf": file, "threads": n, "rank": r, "alpha": a, "factors": safetensors in PEFT's own names and order}
      -> {"ok": true, "parameters": trained numbers}
  {"op": "train", "precision": "autocast" | "bf16" | "float32", "learningRates": [one a step], "optimizer": {...},
   "steps": [[{"tokens": [...], "trained": [0 or 1 a token]}, ...], ...]}
      -> {"ok": true, "seconds": time of the steps, "losses": [one a step]}
`autocast` is float32 weights under bfloat16 autocast, `bf16` everything in bfloat16. Every `train` begins from the given factors. A failure is answered by {"ok": false, "error": text}.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TQDM_DISABLE"] = "1"
# libraries may print: only our own answers may reach the real stdout
ANSWERS = sys.stdout
sys.stdout = sys.stderr

import torch  # noqa: E402
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402
from transformers.utils import logging  # noqa: E402

logging.set_verbosity_error()
logging.disable_progress_bar()

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def collate(examples):
    """As usual: padded on the right to the longest; labels -100 where there is no loss."""
    longest = max(len(example["tokens"]) for example in examples)
    tokens = torch.zeros(len(examples), longest, dtype=torch.long)
    mask = torch.zeros(len(examples), longest, dtype=torch.long)
    labels = torch.full((len(examples), longest), -100)
    for row, example in enumerate(examples):
        own = torch.tensor(example["tokens"])
        size = len(own)
        tokens[row, :size], mask[row, :size] = own, 1
        labels[row, :size] = torch.where(torch.tensor(example["trained"]) == 1, own, -100)
    return {"input_ids": tokens, "attention_mask": mask, "labels": labels}


class Peer:
    def load(self, request):
        torch.set_num_threads(request["threads"])
        self.request = request
        self.factors = load_file(request["factors"])
        self.models = {}
        return {"parameters": sum(tensor.numel() for tensor in self.factors.values())}

    def model(self, precision):
        """The adapted model with the given factors; read once a precision."""
        if precision not in self.models:
            path = Path(self.request["gguf"])
            dtype = torch.bfloat16 if precision == "bf16" else torch.float32
            base = AutoModelForCausalLM.from_pretrained(
                path.parent, gguf_file=path.name, dtype=dtype, attn_implementation="sdpa"
            )
            base.config.use_cache = False
            config = LoraConfig(
                r=self.request["rank"],
                lora_alpha=self.request["alpha"],
                lora_dropout=0,
                target_modules=TARGETS,
                task_type="CAUSAL_LM",
            )
            # adapters of a model in bfloat16 stay in it: PEFT's default of float32 is slower
            self.models[precision] = get_peft_model(base, config, autocast_adapter_dtype=precision != "bf16")
        model = self.models[precision]
        found = set_peft_model_state_dict(model, self.factors)
        if found.unexpected_keys:
            raise ValueError(f"factors without a place: {found.unexpected_keys}")
        return model.train()

    def train(self, request):
        precision, options = request["precision"], request["optimizer"]
        model = self.model(precision)
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(
            trained,
            betas=(options["beta1"], options["beta2"]),
            eps=options["epsilon"],
            weight_decay=options["weightDecay"],
        )
        batches = [collate(examples) for examples in request["steps"]]
        losses = []
        began = time.perf_counter()
        for batch, rate in zip(batches, request["learningRates"]):
            for group in optimizer.param_groups:
                group["lr"] = rate
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "autocast"):
                loss = model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, options["maxNorm"])
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        return {"seconds": time.perf_counter() - began, "losses": losses}


def main():
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, **getattr(peer, request["op"])(request)}
        except Exception as error:  # the caller decides what a failure means
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=ANSWERS, flush=True)


if __name__ == "__main__":
    main()
