"""Servers as they should not be started, and a server that runs out of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("vllm")
torch = pytest.importorskip("torch")

from live.test_families import ARGUMENTS, LAYER, answer_of, tiny, wires  # noqa: E402
from live.vllm_server import VllmServer, completion  # noqa: E402

pytestmark = pytest.mark.live

PROMPT = list(range(200, 240))


def test_a_server_that_may_compile_refuses_and_names_the_flag(tmp_path: Path) -> None:
    model, saes, _ = tiny(tmp_path, "llama")
    # not eager, though this level compiles nothing: the flag decides, not what it happens to do
    arguments = [each for each in ARGUMENTS if each != "--enforce-eager"] + ["-O0"]
    with VllmServer(model, *arguments, saes=saes) as server:
        refusal = server.get("/countersteer/health")[1]["refusal"]
        assert refusal["code"] == "LIBRARY_MISMATCH"
        assert "--enforce-eager" in refusal["todo"]
        code, answer = server.post("/v1/completions", completion(PROMPT, wires(6.0)[1]))
        assert (code, answer["countersteer"]["code"]) == (400, "LIBRARY_MISMATCH")
        body = {"protocol": 1, "tokens": PROMPT, "layer": LAYER, "what": {"kind": "rows"}}
        assert server.post("/countersteer/capture", body)[0] == 400
        # it serves everything else
        assert server.post("/v1/completions", completion(PROMPT))[0] == 200


def test_a_server_without_the_routes_refuses_and_names_the_variable(tmp_path: Path) -> None:
    model, saes, _ = tiny(tmp_path, "llama")
    with VllmServer(model, *ARGUMENTS, saes=saes, plugins="none") as server:
        assert server.get("/countersteer/health")[0] == 404


def test_preempted_requests_are_steered_again_and_counted_once(tmp_path: Path) -> None:
    model, saes, reference = tiny(tmp_path, "llama")
    # room for some of the requests at once
    few = ["--num-gpu-blocks-override", "9", "--block-size", "32", "--no-enable-prefix-caching"]
    steered = wires(6.0)[1:5]
    record = {"layer": LAYER, "sae": "jump", "latents": [1, 2]}
    bodies = [
        completion([*PROMPT, 300 + i], wire, max_tokens=60, record=record, ignore_eos=True)
        for i in range(3)
        for wire in steered
    ]
    with VllmServer(model, *ARGUMENTS, *few, saes=saes) as server:
        answers = server.complete_all(bodies)
        preempted = server.metric("vllm:num_preemptions_total")
        alone = [server.post("/v1/completions", body)[1] for body in bodies]
    print(f"\n{len(bodies)} requests, {preempted:.0f} preemptions")
    assert preempted > 0
    same = 0
    for together, single in zip(answers, alone, strict=True):
        same += answer_of(together) == answer_of(single)
        for name in ("rowsEdited", "promptRows", "generatedRows"):
            assert together["countersteer"]["receipt"][name] == single["countersteer"]["receipt"][name]
        assert together["countersteer"]["recorded"]["rows"] == len(PROMPT) + 1 + 59
    # sixty tokens of a random model pass a near tie now and then
    assert same >= len(bodies) - 2
    assert reference.end_tokens
