"""Each family whose blocks are known is steered as transformers steers it; and with two workers that share a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("vllm")
torch = pytest.importorskip("torch")

from countersteer_vllm.floats import decode_floats  # noqa: E402
from countersteer_vllm.sae.open_dictionary import open_dictionary  # noqa: E402
from live.reference import END, Reference, departure  # noqa: E402
from live.tiny_models import families, write_adapter, write_tiny  # noqa: E402
from live.vllm_server import Answer, VllmServer, completion  # noqa: E402
from live.write_safetensors import write_jumprelu  # noqa: E402

pytestmark = pytest.mark.live

LAYER = 2
NEAR_TIE = 0.005
RANDOM = np.random.default_rng(1)
PROMPTS = [RANDOM.integers(100, 40000, size=size).tolist() for size in (3, 17, 40, 90)]
ARGUMENTS = [
    "--max-num-seqs",
    "16",
    "--max-num-batched-tokens",
    "64",
    "--max-model-len",
    "256",
    "--enforce-eager",
]


def wires(strength: float) -> list[dict[str, object] | None]:
    """None, and several that change answers where the strength is that of the rows."""

    def at(layer: int, *edits: dict[str, object], kind: str = "all") -> dict[str, object]:
        return {"layer": layer, "edits": list(edits), "positions": {"kind": kind}}

    add = {"kind": "add", "direction": {"sae": "jump", "latent": 3}, "strength": strength}
    clamps = [{"kind": "clamp", "sae": "jump", "latent": latent, "value": 0} for latent in range(12)]
    return [
        None,
        at(LAYER, add),
        at(LAYER, *clamps),
        at(LAYER, add, *clamps, kind="generated"),
        at(0, add, kind="prompt"),
        at(3, add),
        at(LAYER, {"kind": "replace", "by": {"kind": "reconstruction", "sae": "jump"}}),
    ]


def strength_of(reference: Reference) -> float:
    """As long as the rows are: families differ in that by two orders of magnitude."""
    return float(torch.linalg.vector_norm(reference.rows(PROMPTS[2], LAYER, None)[1:], dim=1).mean())


def check(server: VllmServer, reference: Reference, *, model: str = "m") -> str:
    """Every intervention on every prompt, all at once."""
    steered = wires(strength_of(reference))
    jobs = [(tokens, wire) for tokens in PROMPTS for wire in steered]
    bodies: list[dict[str, object]] = [
        completion(tokens, wire, max_tokens=10) | {"model": model} for tokens, wire in jobs
    ]
    answers = server.complete_all(bodies)
    ties, total, changed = [], 0, 0
    plain = {
        str(tokens): answer_of(answer)
        for (tokens, wire), answer in zip(jobs, answers, strict=True)
        if wire is None
    }
    for (tokens, wire), answer in zip(jobs, answers, strict=True):
        found = answer_of(answer)
        total += len(found)
        changed += found != plain[str(tokens)]
        left = departure(found, reference.generate(tokens, wire, 10))
        if left is not None:
            ties.append(left)
        assert (answer["countersteer"]["receipt"] is None) == (wire is None)
    assert all(gap < NEAR_TIE for _, gap in ties), ties
    assert len(ties) <= 2
    # steering that changes nothing would prove nothing
    assert changed > len(jobs) / 3
    rows = capture(server, model, steered[1])
    truth = reference.rows(PROMPTS[2], LAYER, steered[1]).numpy()
    assert np.abs(rows - truth).max() / np.abs(truth).max() < 1e-4
    return f"{len(jobs)} requests, {total} tokens, {changed} answers changed by steering, near ties {ties}"


def answer_of(answer: Answer) -> list[int]:
    extra = answer["countersteer"]
    return [*extra["tokens"], *([END] if extra["finish"] == "stop" else [])]


def capture(
    server: VllmServer, model: str, wire: object
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    body = {
        "protocol": 1,
        "model": model,
        "tokens": PROMPTS[2],
        "layer": LAYER,
        "intervention": wire,
        "what": {"kind": "rows"},
    }
    code, answer = server.post("/countersteer/capture", body)
    assert code == 200, answer
    return decode_floats(answer["values"]).reshape(answer["rows"], answer["columns"])


def tiny(folder: Path, family: str) -> tuple[str, dict[str, str], Reference]:
    model = write_tiny(folder / "model", family)
    plain = Reference(model, {})
    rows = torch.cat([plain.rows(tokens, LAYER, None)[1:] for tokens in PROMPTS])
    saes = {"jump": write_jumprelu(folder / "sae", rows.numpy(), 32, LAYER)}
    return model, saes, Reference(model, {name: open_dictionary(path) for name, path in saes.items()})


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gemma2", "gemma3"])
def test_a_family_is_steered_as_transformers_steers_it(tmp_path: Path, family: str) -> None:
    assert family in families()
    model, saes, reference = tiny(tmp_path, family)
    with VllmServer(model, *ARGUMENTS, saes=saes) as server:
        print(f"\n{family}: {check(server, reference)}")


# one core for each of two workers, which vLLM can't choose by itself on a small machine
TWO_CORES = {"VLLM_CPU_OMP_THREADS_BIND": "0|1"}


def check_divergence(server: VllmServer, reference: Reference, model: str) -> None:
    wire = wires(strength_of(reference))[1]
    body = {"protocol": 1, "model": model, "tokens": PROMPTS[2], "from": 3, "intervention": wire}
    code, answer = server.post("/countersteer/divergence", body)
    assert code == 200, answer
    logs = [torch.log_softmax(reference.logits(PROMPTS[2], each).double(), 1)[2:-1] for each in (wire, None)]
    truth = (logs[0].exp() * (logs[0] - logs[1])).sum(1).numpy()
    assert np.abs(decode_floats(answer["kl"]) - truth).max() < 1e-3 * max(1.0, truth.max())


def test_two_workers_that_share_the_model_edit_alike(tmp_path: Path) -> None:
    model, saes, reference = tiny(tmp_path, "llama")
    arguments = [*ARGUMENTS, "--tensor-parallel-size", "2"]
    with VllmServer(model, *arguments, saes=saes, environment=TWO_CORES) as server:
        assert server.get("/countersteer/health")[1]["engine"]["tensorParallel"] == 2
        print(f"\ntwo workers: {check(server, reference)}")
        check_divergence(server, reference, "m")


def test_two_engines_and_two_api_servers_answer_alike(tmp_path: Path) -> None:
    model, saes, reference = tiny(tmp_path, "llama")
    arguments = [*ARGUMENTS, "--data-parallel-size", "2", "--api-server-count", "2"]
    with VllmServer(model, *arguments, saes=saes, environment=TWO_CORES) as server:
        print(f"\ntwo engines: {check(server, reference)}")
        instances = {server.get("/countersteer/health")[1]["instance"] for _ in range(12)}
        assert len(instances) == 1


def test_an_adapter_and_an_intervention_go_together(tmp_path: Path) -> None:
    model, saes, reference = tiny(tmp_path, "llama")
    added = write_adapter(tmp_path / "adapter", reference.model.config, 4)
    lora = ["--enable-lora", "--max-lora-rank", "8", "--lora-modules", f"mine={tmp_path / 'adapter'}"]
    with VllmServer(model, *ARGUMENTS, *lora, saes=saes) as server:
        plain = check(server, reference)
        weights = dict(reference.model.named_parameters())
        with torch.no_grad():
            for name, change in added.items():
                weights[name] += change
        print(f"\nbase: {plain}; adapter: {check(server, reference, model='mine')}")
        (adapter,) = server.get("/countersteer/health")[1]["adapters"]
        assert adapter["name"] == "mine"
        check_divergence(server, reference, "mine")
