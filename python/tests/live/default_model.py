"""The default model in Hugging Face's format, its dictionary, and prompts. `COUNTERSTEER_TEST_MODEL` is the folder that `countersteer export-hf` wrote."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
MODEL = os.environ.get("COUNTERSTEER_TEST_MODEL", str(ROOT / ".cache" / "vllm-hf" / "smollm2"))
TOPK = str(ROOT / "assets" / "smollm2-135m" / "sae" / "smollm2-135m-instruct.l15.8k")
LAYER = 15
QUESTIONS = [
    "What is the capital of France? Then tell me about its history.",
    "How do you make an omelette?",
    "Write a short story about a dog and a boat.",
    "Explain photosynthesis to a child.",
    "Give me three tips for learning to play the guitar.",
    "Say yes.",
    "What is two plus two? Answer with one word.",
    "Name a colour.",
    # longer than a chunk of the prefill
    "Summarise this. " + "The harbour was quiet and the boats lay still in the morning mist. " * 14,
    "Continue this list: apple, banana, cherry. " + "Then think of vegetables, and of spices. " * 12,
]


def tokenizer() -> Any:
    from transformers import AutoTokenizer

    if not Path(MODEL).is_dir():
        pytest.fail(
            f"{MODEL} is missing; write it with `countersteer export-hf`, or name it in COUNTERSTEER_TEST_MODEL"
        )
    return AutoTokenizer.from_pretrained(MODEL)


def chat(tokens: Any, question: str) -> list[int]:
    text = f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
    found: list[int] = tokens.encode(text, add_special_tokens=False)
    return found
