"""Writes test/data/finetune/{llama,qwen2}.{gguf,safetensors}: two-block random models, and PEFT's loss and gradients on two masked examples.

    bench/.peers/bin/python bench/peers/lora_fixture.py

Rows of queries and keys, and so those of B, are in the order of the GGUF file.
"""

import json
from pathlib import Path

import gguf
import numpy as np
import peft
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

FOLDER = Path(__file__).parents[2] / "test" / "data" / "finetune"
SHAPE = {
    "vocab_size": 128,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "initializer_range": 0.15,
}
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
RANK, ALPHA = 8, 16
#: One example is longer than a piece of queries; both have rows without a target, before, between and after those with one.
LENGTHS = (83, 21)
MATRICES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def interleave(rows, heads):
    """From transformers' order of a head's rows (two halves) to that of llama.cpp (neighbours)."""
    shape = rows.shape
    return rows.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).transpose(1, 2).reshape(shape)


def ordered(architecture, matrix, rows):
    heads = {"attn_q": SHAPE["num_attention_heads"], "attn_k": SHAPE["num_key_value_heads"]}.get(matrix)
    return interleave(rows, heads) if architecture == "llama" and heads else rows


def write_gguf(path, architecture, model):
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(SHAPE["num_hidden_layers"])
    writer.add_context_length(SHAPE["max_position_embeddings"])
    writer.add_embedding_length(SHAPE["hidden_size"])
    writer.add_feed_forward_length(SHAPE["intermediate_size"])
    writer.add_head_count(SHAPE["num_attention_heads"])
    writer.add_head_count_kv(SHAPE["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(model.config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    state = model.state_dict()

    def add(name, tensor):
        writer.add_tensor(name, tensor.float().contiguous().numpy())

    add("token_embd.weight", state["model.embed_tokens.weight"])
    add("output_norm.weight", state["model.norm.weight"])
    if not model.config.tie_word_embeddings:
        add("output.weight", state["lm_head.weight"])
    if architecture == "llama":
        size = SHAPE["hidden_size"] // SHAPE["num_attention_heads"]
        plain = 1 / 10000.0 ** (torch.arange(0, size, 2) / size)
        add("rope_freqs.weight", plain / model.model.rotary_emb.inv_freq)
    for layer in range(SHAPE["num_hidden_layers"]):
        block = f"model.layers.{layer}."
        add(f"blk.{layer}.attn_norm.weight", state[block + "input_layernorm.weight"])
        add(f"blk.{layer}.ffn_norm.weight", state[block + "post_attention_layernorm.weight"])
        for matrix, module in MATRICES.items():
            for part in ("weight", "bias"):
                tensor = state.get(f"{block}{module}.{part}")
                if tensor is not None:
                    add(f"blk.{layer}.{matrix}.{part}", ordered(architecture, matrix, tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make(architecture, model, steered):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.add_(0.2 * torch.randn_like(parameter))
            if name.endswith("bias"):
                parameter.normal_(0, 0.3)
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_gguf(FOLDER / f"{architecture}.gguf", architecture, model)
    targets = [module.split(".")[1] for module in MATRICES.values()]
    adapted = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0, target_modules=targets))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.05)
    blocks = adapted.base_model.model.model.layers
    addition = torch.zeros(max(LENGTHS), SHAPE["hidden_size"])
    if steered:
        direction = torch.randn(SHAPE["hidden_size"])
        blocks[0].register_forward_hook(lambda module, given, output: output + direction)
        addition = direction.repeat(max(LENGTHS), 1)
    tensors, losses = {}, []
    for number, length in enumerate(LENGTHS):
        tokens = torch.randint(0, SHAPE["vocab_size"], (length + 1,))
        labels = tokens[1:].clone()
        labels[: length // 3] = -1
        labels[length // 2 : length // 2 + 4] = -1
        labels[-3:] = -1
        logits = adapted(input_ids=tokens[None, :-1]).logits[0]
        loss = torch.nn.functional.cross_entropy(logits, labels, ignore_index=-1, reduction="sum")
        loss.backward()
        losses.append(loss.item())
        tensors |= {f"tokens.{number}": tokens[:-1], f"targets.{number}": labels}
    for layer, block in enumerate(blocks):
        for matrix, module in MATRICES.items():
            lora = block.get_submodule(module)
            a, b = lora.lora_A["default"].weight, lora.lora_B["default"].weight
            tensors[f"{layer}.{matrix}.a"], tensors[f"{layer}.{matrix}.gradient_a"] = a, a.grad
            tensors[f"{layer}.{matrix}.b"] = ordered(architecture, matrix, b)
            tensors[f"{layer}.{matrix}.gradient_b"] = ordered(architecture, matrix, b.grad)
    tensors["addition"] = addition
    tensors["losses"] = torch.tensor(losses)
    facts = {"rank": RANK, "alpha": ALPHA, "lengths": LENGTHS, "steeredLayer": 0 if steered else -1}
    save_file(
        {name: tensor.detach().float().contiguous() for name, tensor in tensors.items()},
        FOLDER / f"{architecture}.safetensors",
        metadata={"facts": json.dumps(facts), "peft": peft.__version__, "torch": torch.__version__},
    )
    print(architecture, losses)


def main():
    torch.manual_seed(7)
    np.random.seed(7)
    llama = LlamaConfig(**SHAPE, tie_word_embeddings=True, rope_parameters=LLAMA3_ROPE)
    make("llama", LlamaForCausalLM(llama), steered=True)
    qwen = Qwen2Config(**SHAPE, tie_word_embeddings=False, rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
    make("qwen2", Qwen2ForCausalLM(qwen), steered=False)


if __name__ == "__main__":
    main()
