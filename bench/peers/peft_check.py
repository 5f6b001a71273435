"""Hugging Face PEFT as the truth about adapters: log-probabilities of given tokens, on the same GGUF weights in float32.

Reads one JSON request from stdin and writes one JSON answer to stdout:
  {"gguf": path, "sequences": [[token ids]], "adapter": folder that Countersteer wrote, "make": folder to write an adapter into}
  -> {"versions": {...}, "base": [[floats]], "adapter": [[floats]], "made": [[floats]]}
Each list has the log-probabilities of tokens[1:]. The made adapter has random factors on all seven matrices, also in B.
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TQDM_DISABLE"] = "1"

import peft  # noqa: E402  the environment above must be set first
import torch  # noqa: E402
import transformers  # noqa: E402
from peft import LoraConfig, PeftModel, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

transformers.utils.logging.set_verbosity_error()


def load(gguf):
    file = Path(gguf)
    return AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()


@torch.inference_mode()
def scores(model, sequences):
    answers = []
    for tokens in sequences:
        ids = torch.tensor([tokens])
        log_probs = model(ids).logits[0, :-1].double().log_softmax(-1)
        answers.append(log_probs.gather(1, ids[0, 1:, None])[:, 0].tolist())
    return answers


def make(model, folder):
    torch.manual_seed(0)
    words = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    config = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.05, target_modules=words, task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config).eval()
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.02)
    adapted.save_pretrained(folder)
    return adapted


def main():
    request = json.load(sys.stdin)
    answers, sys.stdout = sys.stdout, sys.stderr
    sequences = request["sequences"]
    model = load(request["gguf"])
    result = {
        "versions": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
        "base": scores(model, sequences),
    }
    loaded = PeftModel.from_pretrained(model, request["adapter"]).eval()
    result["adapter"] = scores(loaded, sequences)
    result["made"] = scores(make(loaded.unload(), request["make"]), sequences)
    print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
