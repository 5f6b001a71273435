"""Whether a server, as it was started, can steer exactly. What can't is refused, by the flag that has to change."""

from __future__ import annotations

from typing import Any

from countersteer_vllm.errors import ErrorRecord, Refusal

# blocks that return (hidden, residual), whose sum is the residual stream, by the module that defines them
KNOWN_BLOCKS = {
    "vllm.model_executor.models.llama": "LlamaDecoderLayer",
    "vllm.model_executor.models.qwen2": "Qwen2DecoderLayer",
    "vllm.model_executor.models.qwen3": "Qwen3DecoderLayer",
    "vllm.model_executor.models.gemma2": "Gemma2DecoderLayer",
    "vllm.model_executor.models.gemma3": "Gemma3DecoderLayer",
}


def startup_refusal(config: Any) -> ErrorRecord | None:
    """Of a `VllmConfig`; None where nothing stands in the way."""
    reasons = [
        (
            not config.model_config.enforce_eager,
            "It runs compiled graphs, and those drop the hooks in silence.",
            "Start it with --enforce-eager.",
        ),
        (
            config.speculative_config is not None,
            "It decodes speculatively, so that rows of rejected tokens pass the hooks.",
            "Start it without --speculative-config.",
        ),
        (
            bool(config.use_v2_model_runner),
            "It runs vLLM's second model runner, which the plug-in does not know.",
            "Start it with VLLM_USE_V2_MODEL_RUNNER=0.",
        ),
        (
            config.kv_transfer_config is not None,
            "It moves key and value caches between servers, and a store may hand steered ones to others.",
            "Start it without --kv-transfer-config.",
        ),
        (
            config.parallel_config.prefill_context_parallel_size > 1,
            "It splits a prompt's rows among workers.",
            "Start it without --prefill-context-parallel-size.",
        ),
        (
            bool(config.parallel_config.use_ubatching),
            "It splits a batch in two that run at once.",
            "Start it without --enable-dbo.",
        ),
        (
            config.model_config.runner_type != "generate",
            "It serves a model that does not generate.",
            "Serve a generating model.",
        ),
    ]
    for holds, why, todo in reasons:
        if holds:
            return _refused("LIBRARY_MISMATCH", why, todo).record
    return None


def precision_refusal(precision: str) -> ErrorRecord | None:
    """Of `torch.get_float32_matmul_precision()`: edits are products of float32 matrices."""
    if precision == "highest":
        return None
    return _refused(
        "LIBRARY_MISMATCH",
        f"It multiplies float32 matrices in {precision} precision.",
        "Start it without VLLM_FLOAT32_MATMUL_PRECISION.",
    ).record


def block_refusal(block: type | None) -> ErrorRecord | None:
    """Of the class of a model's blocks."""
    if block is not None and KNOWN_BLOCKS.get(block.__module__) == block.__name__:
        return None
    name = (
        "of a kind that was not found" if block is None else f"of class {block.__module__}.{block.__name__}"
    )
    known = ", ".join(KNOWN_BLOCKS.values())
    return _refused(
        "MODEL_UNSUPPORTED",
        f"Its blocks are {name}; those known to return (hidden, residual) are {known}.",
        "Serve a model of the Llama, Gemma 2, Gemma 3, Qwen 2 or Qwen 3 family.",
    ).record


def _refused(code: Any, why: str, todo: str) -> Refusal:
    return Refusal(code, what="This server can't steer exactly.", why=why, todo=todo)
