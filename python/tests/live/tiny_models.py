"""Small random models of each family, as folders that transformers and vLLM load. Their words mean nothing; their arithmetic is the family's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch

from live.default_model import MODEL

COMMON: dict[str, Any] = {
    "vocab_size": 49152,
    # a head of 32 numbers is the smallest that vLLM knows on a CPU
    "hidden_size": 128,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 1024,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 2,
}


def families() -> dict[str, Any]:
    """Class of the configuration by name of the family."""
    from transformers import Gemma2Config, Gemma3TextConfig, LlamaConfig, Qwen2Config, Qwen3Config

    return {
        "llama": LlamaConfig,
        "qwen2": Qwen2Config,
        "qwen3": Qwen3Config,
        "gemma2": Gemma2Config,
        "gemma3": Gemma3TextConfig,
    }


def write_tiny(folder: Path, family: str) -> str:
    from transformers import AutoModelForCausalLM

    torch.manual_seed(3)
    config = families()[family](**COMMON)
    model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    for name, weights in model.named_parameters():
        if weights.dim() > 1:
            # words far apart, so that the best is seldom near the second
            torch.nn.init.normal_(weights, std=0.4 if "embed" in name or "lm_head" in name else 0.08)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(MODEL) / name, folder / name)
    return str(folder)


def write_adapter(folder: Path, config: Any, layers: int, rank: int = 8) -> dict[str, torch.Tensor]:
    """A random LoRA adapter as PEFT writes it; what it adds to each weight of the model, by the weight's name."""
    from safetensors.torch import save_file

    torch.manual_seed(5)
    scale = 2.0
    tensors: dict[str, torch.Tensor] = {}
    added: dict[str, torch.Tensor] = {}
    width = config.num_attention_heads * config.head_dim
    for layer in range(layers):
        for part, rows in (("q_proj", width), ("v_proj", config.num_key_value_heads * config.head_dim)):
            name = f"model.layers.{layer}.self_attn.{part}"
            a, b = torch.randn(rank, config.hidden_size) * 0.1, torch.randn(rows, rank) * 0.05
            tensors |= {
                f"base_model.model.{name}.lora_A.weight": a,
                f"base_model.model.{name}.lora_B.weight": b,
            }
            added[f"{name}.weight"] = scale * b @ a
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": rank,
        "lora_alpha": rank * scale,
        "target_modules": ["q_proj", "v_proj"],
        "bias": "none",
        "base_model_name_or_path": "",
    }
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return added
