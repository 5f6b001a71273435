"""transformers as the judge of an exported folder: it must load, cut text into the same tokens, and continue alike.

Reads one JSON request from stdin and writes one JSON answer to stdout:
  {"folder": path, "texts": [text], "prompts": [[token ids]], "newTokens": n}
  -> {"ids": [[token ids of each text]], "chat": text of a chat through the template, "greedy": [[new ids]], "logits": [[last row of each prompt]]}
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TQDM_DISABLE"] = "1"

import torch  # noqa: E402  the environment above must be set first
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402


@torch.inference_mode()
def main():
    request = json.load(sys.stdin)
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(request["folder"])
    model = AutoModelForCausalLM.from_pretrained(request["folder"], dtype=torch.float32).eval()
    answer = {"ids": [tokenizer(text)["input_ids"] for text in request["texts"]], "greedy": [], "logits": []}
    messages = [{"role": "user", "content": "Hello"}]
    answer["chat"] = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    for prompt in request["prompts"]:
        ids = torch.tensor([prompt])
        answer["logits"].append(model(ids).logits[0, -1].tolist())
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=request["newTokens"],
            do_sample=False,
            repetition_penalty=1.0,
            pad_token_id=tokenizer.eos_token_id,
        )
        answer["greedy"].append(out[0, ids.shape[1] :].tolist())
    print(json.dumps(answer))


main()
