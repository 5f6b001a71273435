"""The peer: transformers on PyTorch, steered by a forward hook, as people do it.

Reads one JSON request a line, writes one JSON answer a line:
  {"op": "load", "gguf": path, "dtype": "bf16" | "f32", "threads": n, "layer": n, "strength": s, "direction": [floats]}
      -> {"ok": true, "seconds": load time, "dtype": ..., "parameters": n}
  {"op": "generate", "tokens": [prompt ids], "rows": n, "newTokens": n, "steered": bool, "seed": n,
   "temperature": t, "repetitionPenalty": p}
      -> {"ok": true, "tokens": new tokens of all rows, "seconds": wall time of model.generate, "rowsEdited": n, "text": first row}
  {"op": "capture", "tokens": [[ids of a sequence]], all of one length}
      -> {"ok": true, "tokens": rows captured, "seconds": wall time, "last": [last row of the first sequence]}
      Output of the edited layer, unsteered; the blocks behind it are not computed.
  {"op": "close"} -> ends
A failure is answered by {"ok": false, "error": text}.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TQDM_DISABLE"] = "1"

import torch  # noqa: E402  the environment above must be set first
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402
from transformers.utils import logging  # noqa: E402

logging.set_verbosity_error()
logging.disable_progress_bar()

DTYPES = {"bf16": torch.bfloat16, "f32": torch.float32}


class Enough(Exception):
    """Ends a forward pass once its rows are there."""


class Peer:
    def __init__(self):
        self.steered = False
        self.captured = None
        self.rows_edited = 0

    def load(self, request):
        began = time.perf_counter()
        torch.set_num_threads(request["threads"])
        file = Path(request["gguf"])
        dtype = DTYPES[request["dtype"]]
        self.tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        self.model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=dtype).eval()
        self.edit = (request["strength"] * torch.tensor(request["direction"], dtype=torch.float32)).to(dtype)
        self.model.model.layers[request["layer"]].register_forward_hook(self.hook)
        return {
            "seconds": time.perf_counter() - began,
            "dtype": str(self.model.dtype),
            "parameters": self.model.num_parameters(),
        }

    def hook(self, _module, _inputs, output):
        hidden = output[0] if isinstance(output, tuple) else output
        if self.captured is not None:
            self.captured.append(hidden)
            raise Enough
        if not self.steered:
            return None
        self.rows_edited += hidden.shape[0] * hidden.shape[1]
        edited = hidden + self.edit
        return (edited, *output[1:]) if isinstance(output, tuple) else edited

    @torch.inference_mode()
    def generate(self, request):
        torch.manual_seed(request["seed"])
        self.steered = request["steered"]
        self.rows_edited = 0
        prompt = torch.tensor([request["tokens"]] * request["rows"])
        began = time.perf_counter()
        output = self.model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            do_sample=True,
            temperature=request["temperature"],
            top_k=0,
            top_p=1.0,
            repetition_penalty=request["repetitionPenalty"],
            min_new_tokens=request["newTokens"],
            max_new_tokens=request["newTokens"],
            pad_token_id=self.tokenizer.eos_token_id,
        )
        seconds = time.perf_counter() - began
        new = output[:, prompt.shape[1] :]
        return {
            "tokens": new.numel(),
            "seconds": seconds,
            "rowsEdited": self.rows_edited,
            "text": self.tokenizer.decode(new[0], skip_special_tokens=True),
        }

    @torch.inference_mode()
    def capture(self, request):
        self.captured = []
        tokens = torch.tensor(request["tokens"])
        began = time.perf_counter()
        try:
            self.model(tokens, use_cache=False)
        except Enough:
            pass
        rows = self.captured[0].float()
        seconds = time.perf_counter() - began
        self.captured = None
        return {"tokens": rows.shape[0] * rows.shape[1], "seconds": seconds, "last": rows[0, -1].tolist()}


def main():
    # libraries may print: only our own answers may reach the real stdout
    answers = sys.stdout
    sys.stdout = sys.stderr
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "close":
            break
        try:
            call = {"load": peer.load, "generate": peer.generate, "capture": peer.capture}[request["op"]]
            answer = {"ok": True, **call(request)}
        except Exception as error:  # the caller decides what a failure means
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
