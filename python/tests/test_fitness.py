"""A server that could drop a hook, or pass it rows that are nobody's, says so and names what to change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from countersteer_vllm.fitness import block_refusal, precision_refusal, startup_refusal
from countersteer_vllm.versions import UnsupportedVllmError, check_vllm


def config(**changed: object) -> SimpleNamespace:
    values: dict[str, object] = {
        "enforce_eager": True,
        "runner_type": "generate",
        "speculative_config": None,
        "use_v2_model_runner": False,
        "kv_transfer_config": None,
        "prefill_context_parallel_size": 1,
        "use_ubatching": False,
        **changed,
    }
    parts = SimpleNamespace(**values)
    return SimpleNamespace(model_config=parts, parallel_config=parts, **values)


def test_an_eager_server_is_fit() -> None:
    assert startup_refusal(config()) is None


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"enforce_eager": False}, "--enforce-eager"),
        ({"speculative_config": object()}, "--speculative-config"),
        ({"use_v2_model_runner": True}, "VLLM_USE_V2_MODEL_RUNNER=0"),
        ({"kv_transfer_config": object()}, "--kv-transfer-config"),
        ({"prefill_context_parallel_size": 2}, "--prefill-context-parallel-size"),
        ({"use_ubatching": True}, "--enable-dbo"),
        ({"runner_type": "pooling"}, "generating model"),
    ],
)
def test_every_way_to_lose_an_edit_is_refused_by_name(changed: dict[str, object], named: str) -> None:
    record = startup_refusal(config(**changed))
    assert record is not None and record["code"] == "LIBRARY_MISMATCH"
    assert named in record["todo"]


def test_edits_are_not_made_in_reduced_precision() -> None:
    assert precision_refusal("highest") is None
    record = precision_refusal("high")
    assert record is not None and "VLLM_FLOAT32_MATMUL_PRECISION" in record["todo"]


def test_only_blocks_that_are_known_are_hooked() -> None:
    known = type("LlamaDecoderLayer", (), {"__module__": "vllm.model_executor.models.llama"})
    other = type("LlamaDecoderLayer", (), {"__module__": "vllm.model_executor.models.other"})
    assert block_refusal(known) is None
    for block in (other, None):
        record = block_refusal(block)
        assert record is not None and record["code"] == "MODEL_UNSUPPORTED"


@pytest.mark.parametrize("version", ["0.32.0", "0.32.0+cpu", "0.32.7", "0.32.1rc1"])
def test_pinned_versions_are_taken(version: str) -> None:
    check_vllm(version)


@pytest.mark.parametrize("version", ["0.31.9", "0.33.0", "1.0.0", "0.9.2.dev1", "unknown"])
def test_other_versions_are_refused_by_name(version: str) -> None:
    with pytest.raises(UnsupportedVllmError, match=version):
        check_vllm(version)
