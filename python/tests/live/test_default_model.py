"""vLLM with the plug-in equals transformers with hooks, token for token, whoever else is in the batch."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("vllm")
torch = pytest.importorskip("torch")

from countersteer_vllm.floats import decode_floats, encode_floats  # noqa: E402
from countersteer_vllm.sae.open_dictionary import open_dictionary  # noqa: E402
from live.default_model import LAYER, MODEL, QUESTIONS, TOPK, chat, tokenizer  # noqa: E402
from live.reference import END, Reference, departure  # noqa: E402
from live.vllm_server import VllmServer, completion  # noqa: E402
from live.write_safetensors import write_jumprelu  # noqa: E402

pytestmark = pytest.mark.live

# a departure is a near tie where the two logits lie no further apart; float32 of two implementations differs by some 1e-4 there
NEAR_TIE = 0.02
MOST_NEAR_TIES = 5
ALL: dict[str, object] = {"kind": "all"}


@pytest.fixture(scope="module")
def ids() -> Any:
    return tokenizer()


@pytest.fixture(scope="module")
def saes(ids: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A TopK that is shipped, and a JumpReLU of the model's own rows."""
    plain = Reference(MODEL, {})
    rows = torch.cat([plain.rows(chat(ids, question), LAYER, None)[8:] for question in QUESTIONS[:5]])
    folder = write_jumprelu(tmp_path_factory.mktemp("sae") / "jump", rows.numpy(), 64, LAYER)
    return {"topk": TOPK, "jump": folder}


@pytest.fixture(scope="module")
def reference(saes: dict[str, str]) -> Reference:
    return Reference(MODEL, {name: open_dictionary(path) for name, path in saes.items()})


@pytest.fixture(scope="module")
def server(saes: dict[str, str]) -> Iterator[VllmServer]:
    arguments = ["--max-num-seqs", "48", "--max-num-batched-tokens", "128", "--max-model-len", "512"]
    with VllmServer(
        MODEL, "--enforce-eager", "--enable-prompt-tokens-details", *arguments, saes=saes
    ) as running:
        yield running


def add(sae: str, latent: int, strength: float) -> dict[str, object]:
    return {"kind": "add", "direction": {"sae": sae, "latent": latent}, "strength": strength}


def clamp(sae: str, latent: int, value: float, **more: float) -> dict[str, object]:
    return {"kind": "clamp", "sae": sae, "latent": latent, "value": value, **more}


def at(layer: int, edits: list[dict[str, object]], positions: dict[str, object] = ALL) -> dict[str, object]:
    return {"layer": layer, "edits": edits, "positions": positions}


def interventions(reference: Reference, ids: Any) -> list[dict[str, object] | None]:
    """Twenty different ones, the first of which is none."""
    rows = reference.rows(chat(ids, QUESTIONS[0]), LAYER, None)
    active = torch.nonzero(reference.latents(rows, "topk")[-6:].sum(dim=0)).flatten().tolist()
    jump = torch.nonzero(reference.latents(rows, "jump")[-6:].sum(dim=0)).flatten().tolist()
    vector = encode_floats((rows[-1] - rows[-4]).numpy())
    mean = encode_floats(rows[1:].mean(dim=0).numpy())
    given = {"kind": "add", "direction": {"vector": vector}, "strength": 0.5}
    return [
        None,
        at(15, [add("topk", 7, 60)]),
        at(15, [add("topk", 4000, 90)]),
        at(15, [add("topk", 123, -40)], {"kind": "generated"}),
        at(15, [add("topk", 5000, 70)], {"kind": "prompt"}),
        at(15, [add("topk", 77, 50)], {"kind": "range", "start": 5, "end": 30}),
        at(15, [given]),
        at(10, [given]),
        at(0, [add("jump", 3, 40)]),
        at(29, [add("jump", 4, 60)]),
        at(15, [clamp("topk", latent, 0) for latent in active[:8]]),
        at(15, [add("topk", 7, 60), *[clamp("topk", latent, 0) for latent in active[4:20]]]),
        at(15, [clamp("topk", active[0], 60, share=0.5)]),
        at(15, [clamp("jump", latent, 0) for latent in jump[:12]]),
        at(15, [clamp("jump", jump[0], 80), add("jump", jump[1], 30), add("topk", 9, 20)]),
        at(15, [add("jump", jump[2], 25), add("jump", jump[2], 25)], {"kind": "generated"}),
        at(15, [{"kind": "replace", "by": {"kind": "reconstruction", "sae": "topk"}}]),
        at(
            20,
            [{"kind": "replace", "by": {"kind": "vector", "vector": mean}}],
            {"kind": "range", "start": 3, "end": 6},
        ),
        at(15, [{"kind": "replace", "by": {"kind": "zero"}}], {"kind": "range", "start": 4, "end": 5}),
        at(15, [add("topk", 7, 60)], {"kind": "range", "start": 0, "end": 12}),
    ]


def test_two_hundred_at_once_equal_transformers(server: VllmServer, reference: Reference, ids: Any) -> None:
    steered = interventions(reference, ids)
    jobs = [
        (chat(ids, question), wire, 4 + (7 * i + 5 * j) % 25)
        for i, question in enumerate(QUESTIONS)
        for j, wire in enumerate(steered)
    ]
    random.Random(1).shuffle(jobs)
    assert len(jobs) == 200
    record = {"layer": LAYER, "sae": "jump", "latents": [0, 1, 2]}
    answers = server.complete_all(
        [completion(tokens, wire, max_tokens=most, record=record) for tokens, wire, most in jobs], gap=0.02
    )
    ties, total, early = [], 0, 0
    for (tokens, wire, most), answer in zip(jobs, answers, strict=True):
        extra = answer["countersteer"]
        check_receipt(extra, wire, len(tokens))
        found = [*extra["tokens"], *([END] if extra["finish"] == "stop" else [])]
        total += len(found)
        early += len(found) < most
        left = departure(found, reference.generate(tokens, wire, most))
        if left is not None:
            ties.append({"intervention": steered.index(wire), "token": left[0], "gap": left[1]})
    print(f"\n{len(jobs)} requests, {total} tokens, {early} ended early, near ties: {ties}")
    assert early > 0
    assert all(each["gap"] < NEAR_TIE for each in ties), ties
    assert len(ties) <= MOST_NEAR_TIES


def check_receipt(extra: dict[str, Any], wire: dict[str, object] | None, prompt: int) -> None:
    fed = prompt + len(extra["tokens"]) - (extra["finish"] == "length")
    recorded = extra["recorded"]
    assert recorded["rows"] == fed
    assert decode_floats(recorded["values"]).size == fed * 3
    if wire is None:
        assert extra["receipt"] is None
        return
    positions = wire["positions"]
    assert isinstance(positions, dict)
    first, last = {
        "all": (0, fed),
        "prompt": (0, prompt),
        "generated": (prompt, fed),
        "range": (positions.get("start", 0), min(fed, positions.get("end", 0))),
    }[positions["kind"]]
    assert extra["receipt"]["rowsEdited"] == last - first
    assert extra["receipt"]["promptRows"] == max(0, min(last, prompt) - first)


def test_a_shared_prefix_never_leaks(server: VllmServer, reference: Reference, ids: Any) -> None:
    prefix = "You answer questions about the sea. " + "Ships sail far and sailors know many songs. " * 18
    questions = ["Who sings?", "What sails?", "Name a sea."]
    prompts = [chat(ids, f"{prefix}{question}") for question in questions]
    shared = next(i for i, each in enumerate(zip(*prompts, strict=False)) if len(set(each)) > 1)
    assert shared >= 160
    wires = [
        None,
        at(15, [add("topk", 7, 80)]),
        None,
        at(15, [add("topk", 4000, -80)]),
        at(15, [add("topk", 7, 80)]),
        None,
    ]
    cached = {True: 0, False: 0}
    # one after the other, so that each could read what the one before left
    for wire in wires:
        for tokens in prompts:
            code, answer = server.post("/v1/completions", completion(tokens, wire, max_tokens=12))
            assert code == 200, answer
            extra = answer["countersteer"]
            found = [*extra["tokens"], *([END] if extra["finish"] == "stop" else [])]
            left = departure(found, reference.generate(tokens, wire, 12))
            assert left is None or left[1] < NEAR_TIE, (wire, left)
            cached[wire is None] += (answer["usage"].get("prompt_tokens_details") or {}).get(
                "cached_tokens"
            ) or 0
    print(
        f"\nprefix of {shared} tokens; cached tokens of unsteered requests {cached[True]}, of steered {cached[False]}"
    )
    assert cached[True] > 0
    assert cached[False] == 0


def test_capture_gives_the_rows_and_values_of_transformers(
    server: VllmServer, reference: Reference, ids: Any
) -> None:
    tokens = chat(ids, QUESTIONS[8])
    for wire in (None, at(15, [add("topk", 7, 60), clamp("topk", 9, 0)], {"kind": "generated"})):
        body: dict[str, object] = {"protocol": 1, "tokens": tokens, "promptTokens": 20}
        if wire is not None:
            body["intervention"] = wire
        for layer in (14, 15, 16):
            code, answer = server.post(
                "/countersteer/capture", {**body, "layer": layer, "what": {"kind": "rows"}}
            )
            assert code == 200, answer
            values = decode_floats(answer["values"]).reshape(answer["rows"], answer["columns"])
            truth = reference.rows(tokens, layer, wire, 20).numpy()
            assert relative(values, truth) < 1e-4
        rows = reference.rows(tokens, 15, wire, 20)
        for sae, latents in (("topk", [7, 9, 123]), ("jump", [1, 2]), ("jump", [])):
            what = {"kind": "latents", "sae": sae, "latents": latents}
            code, answer = server.post("/countersteer/capture", {**body, "layer": 15, "what": what})
            assert code == 200, answer
            values = decode_floats(answer["values"]).reshape(answer["rows"], answer["columns"])
            truth = reference.latents(rows, sae).numpy()
            truth = truth[:, latents] if latents else truth
            # a value at its threshold may fall on either side
            assert np.isclose(values, truth, rtol=1e-3, atol=0.05).mean() > 0.995
        assert (answer["receipt"] is None) == (wire is None)
        if wire is not None:
            assert answer["receipt"]["generatedRows"] == answer["receipt"]["rowsEdited"] == len(tokens) - 20


def test_score_and_divergence_equal_transformers(server: VllmServer, reference: Reference, ids: Any) -> None:
    tokens, first = chat(ids, QUESTIONS[9]), 6
    wire = at(15, [add("topk", 7, 60)])
    logs = [
        torch.log_softmax(reference.logits(tokens, each).double(), dim=1)[first - 1 : -1]
        for each in (None, wire)
    ]
    for each, log in zip((None, wire), logs, strict=True):
        body = {"protocol": 1, "tokens": tokens, "from": first} | (
            {} if each is None else {"intervention": each}
        )
        code, answer = server.post("/countersteer/score", body)
        assert code == 200, answer
        truth = log[torch.arange(len(log)), torch.tensor(tokens[first:])].numpy()
        assert np.abs(decode_floats(answer["logProbs"]) - truth).max() < 2e-3
        assert (answer["receipt"] or {}).get("rowsEdited") == (None if each is None else len(tokens) - 1)
    code, answer = server.post(
        "/countersteer/divergence", {"protocol": 1, "tokens": tokens, "from": first, "intervention": wire}
    )
    assert code == 200, answer
    unsteered, steered = logs
    kl = (steered.exp() * (steered - unsteered)).sum(dim=1).numpy()
    reverse = (unsteered.exp() * (unsteered - steered)).sum(dim=1).numpy()
    assert np.abs(decode_floats(answer["kl"]) - kl).max() < 2e-3
    assert np.abs(decode_floats(answer["reverse"]) - reverse).max() < 2e-3
    assert answer["receipt"]["rowsEdited"] == len(tokens) - 1


def test_the_receipt_measures_what_transformers_measures(
    server: VllmServer, reference: Reference, ids: Any
) -> None:
    tokens = chat(ids, QUESTIONS[1])
    wire = at(15, [add("jump", 3, 40), clamp("jump", 5, 2)])
    record = {"layer": 15, "sae": "jump", "latents": [3, 5, 8]}
    code, answer = server.post("/v1/completions", completion(tokens, wire, max_tokens=10, record=record))
    assert code == 200, answer
    extra = answer["countersteer"]
    fed = [*tokens, *extra["tokens"]][: extra["recorded"]["rows"]]
    before, after = reference.rows(fed, 15, None), reference.rows(fed, 15, wire)
    norms = [torch.linalg.vector_norm(each, dim=1) for each in (before, after, after - before)]
    receipt = extra["receipt"]
    assert receipt["meanNormBefore"] == pytest.approx(norms[0].mean().item(), rel=1e-4)
    assert receipt["meanNormAfter"] == pytest.approx(norms[1].mean().item(), rel=1e-4)
    assert receipt["meanDose"] == pytest.approx((norms[2] / norms[0]).mean().item(), rel=1e-3)
    for edit, latent in zip(receipt["edits"], (3, 5), strict=True):
        for name, rows in (("meanValueBefore", before), ("meanValueAfter", after)):
            truth = reference.latents(rows, "jump")[:, latent].mean().item()
            assert edit[name] == pytest.approx(truth, rel=1e-3, abs=0.05)
    values = decode_floats(extra["recorded"]["values"]).reshape(-1, 3)
    truth_values = reference.latents(after, "jump")[:, [3, 5, 8]].numpy()
    assert np.isclose(values, truth_values, rtol=1e-3, atol=0.05).mean() > 0.98


def test_until_phrase_ends_with_the_phrase(server: VllmServer, ids: Any) -> None:
    tokens = chat(ids, QUESTIONS[1])
    edits = [add("topk", 7, 40)]
    _, whole = server.post("/v1/completions", completion(tokens, at(15, edits), max_tokens=14))
    text = whole["countersteer"]["text"]
    phrase = text.split()[3]
    positions: dict[str, object] = {"kind": "until-phrase", "phrases": ["never to be found", phrase.upper()]}
    code, answer = server.post("/v1/completions", completion(tokens, at(15, edits, positions), max_tokens=14))
    assert code == 200, answer
    extra = answer["countersteer"]
    ends = [*extra["offsets"][1:], len(extra["text"])]
    complete = next(i for i, end in enumerate(ends) if phrase.lower() in extra["text"][:end].lower())
    assert extra["receipt"]["rowsEdited"] == len(tokens) + complete


def test_unsteered_requests_equal_a_server_without_the_plug_in(
    server: VllmServer, ids: Any, tmp_path: Path
) -> None:
    bodies = [
        {
            "model": "m",
            "prompt": chat(ids, question),
            "max_tokens": 16,
            "temperature": 0,
            "logprobs": 3,
            "return_token_ids": True,
        }
        for question in QUESTIONS
    ]
    with_plugin = [server.post("/v1/completions", body)[1]["choices"][0] for body in bodies]
    arguments = ["--max-num-seqs", "48", "--max-num-batched-tokens", "128", "--max-model-len", "512"]
    with VllmServer(MODEL, "--enforce-eager", *arguments, plugins="none") as plain:
        assert plain.get("/countersteer/health")[0] == 404
        without = [plain.post("/v1/completions", body)[1]["choices"][0] for body in bodies]
    assert [each["token_ids"] for each in with_plugin] == [each["token_ids"] for each in without]
    # one request at a time is computed by the same routines, so that the numbers are the same to the last digit
    assert [json.dumps(each["logprobs"]) for each in with_plugin] == [
        json.dumps(each["logprobs"]) for each in without
    ]


def relative(values: Any, truth: Any) -> float:
    return float(np.abs(values - truth).max() / np.abs(truth).max())
