"""What the hook does to rows equals the definition (METHOD.md 3.2), row by row, whoever else is in the batch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sae_data import SAE_DATA, encode, sae_rows

from countersteer_vllm.floats import Floats, encode_floats
from countersteer_vllm.parse_spec import intervention_of
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.spec import Clamp, Intervention, LatentDirection, Replace

torch = pytest.importorskip("torch")

from countersteer_vllm.worker.edit_table import EditTable  # noqa: E402
from countersteer_vllm.worker.latents import Library, Reader  # noqa: E402
from countersteer_vllm.worker.prepared import prepare  # noqa: E402
from countersteer_vllm.worker.receipt import ROW_COLUMNS  # noqa: E402

REGISTRY = SaeRegistry({}, str(SAE_DATA))
LIBRARY = Library(REGISTRY, torch.device("cpu"))
VECTOR = np.linspace(-1, 1, 24, dtype=np.float32)


def add(sae: str, latent: int, strength: float) -> dict[str, object]:
    return {"kind": "add", "direction": {"sae": sae, "latent": latent}, "strength": strength}


def clamp(sae: str, latent: int, value: float, **more: float) -> dict[str, object]:
    return {"kind": "clamp", "sae": sae, "latent": latent, "value": value, **more}


REQUESTS: list[list[dict[str, object]]] = [
    [add("jumprelu", 3, 7.5)],
    [clamp("jumprelu", 3, 0), clamp("jumprelu", 5, 2, share=0.5), add("jumprelu", 3, -1)],
    [{"kind": "add", "direction": {"vector": encode_floats(VECTOR)}, "strength": 3}],
    [clamp("topk", 10, 0), clamp("topk", 40, 1.5), add("topk", 10, 2)],
    [{"kind": "replace", "by": {"kind": "zero"}}],
    [{"kind": "replace", "by": {"kind": "vector", "vector": encode_floats(VECTOR)}}],
    [{"kind": "replace", "by": {"kind": "reconstruction", "sae": "topk"}}],
    [clamp("gated", 1, 0), add("standard", 2, 1), add("standard", 2, 1)],
    [add("jumprelu", 8, 0)],
]


def parsed(edits: list[dict[str, object]]) -> Intervention:
    return intervention_of({"layer": 0, "edits": edits, "positions": {"kind": "all"}})


def table_of(*requests: list[dict[str, object]]) -> EditTable:
    return EditTable([prepare(parsed(each), LIBRARY) for each in requests], LIBRARY)


def by_definition(edits: list[dict[str, object]], rows: Floats) -> Floats:
    """In float64, straight from the words of the specification."""
    edited = rows.astype(np.float64)
    for edit in parsed(edits).edits:
        if isinstance(edit, Replace):
            edited = replaced(edit, rows)
        elif isinstance(edit, Clamp):
            sae = REGISTRY.get(edit.sae)
            way = edit.share * (edit.value - encode(sae, rows)[:, edit.latent].astype(np.float64))
            edited = edited + way[:, None] * sae.latent_rows([edit.latent])[0].direction
        elif isinstance(edit.direction, LatentDirection):
            row = REGISTRY.get(edit.direction.sae).latent_rows([edit.direction.latent])[0]
            edited = edited + edit.strength * row.direction.astype(np.float64)
        else:
            edited = edited + edit.strength * edit.direction.vector.astype(np.float64)
    return edited.astype(np.float32)


def replaced(edit: Replace, rows: Floats) -> npt.NDArray[np.float64]:
    if edit.sae is not None:
        directions, bias = REGISTRY.get(edit.sae).decoder_matrix()
        return encode(REGISTRY.get(edit.sae), rows).astype(np.float64) @ directions + bias
    return np.zeros(rows.shape) + (0 if edit.vector is None else edit.vector)


@pytest.mark.parametrize("edits", REQUESTS)
def test_each_intervention_equals_its_definition(edits: list[dict[str, object]]) -> None:
    rows = sae_rows()
    edited = table_of(edits).apply(torch.from_numpy(rows), torch.zeros(len(rows), dtype=torch.int64))
    assert np.abs(edited.rows.numpy() - by_definition(edits, rows)).max() < 2e-5


def test_together_equals_alone() -> None:
    rows = torch.from_numpy(sae_rows())
    whose = torch.tensor([4, 0, 1, 2, 3, 5, 6, 7, 8, 1])
    together = table_of(*REQUESTS).apply(rows, whose).rows
    for i, request in enumerate(whose.tolist()):
        alone = table_of(REQUESTS[request]).apply(rows[i : i + 1], torch.zeros(1, dtype=torch.int64)).rows
        assert (together[i] - alone[0]).abs().max() < 2e-6
    # an add reads nothing of the row, so that it is the same to the bit
    alone = table_of(REQUESTS[0]).apply(rows, torch.zeros(len(rows), dtype=torch.int64)).rows
    assert torch.equal(together[1], alone[1])


def test_zero_is_nothing() -> None:
    rows = torch.from_numpy(sae_rows())
    edited = table_of(REQUESTS[8], REQUESTS[0]).apply(rows, torch.zeros(len(rows), dtype=torch.int64))
    assert torch.equal(edited.rows, rows)
    assert not edited.changed.any()


@pytest.mark.parametrize("sae", ["jumprelu", "standard", "gated", "topk"])
def test_clamping_a_silent_latent_to_zero_changes_nothing(sae: str) -> None:
    rows = sae_rows()
    silent = int(np.flatnonzero(encode(REGISTRY.get(sae), rows)[0] == 0)[0])
    table = table_of([clamp(sae, silent, 0)])
    edited = table.apply(torch.from_numpy(rows[:1]), torch.zeros(1, dtype=torch.int64))
    assert torch.equal(edited.rows, torch.from_numpy(rows[:1]))


def test_the_measure_reads_the_latent_back() -> None:
    rows = torch.from_numpy(sae_rows())
    request = torch.tensor([1] * 5 + [0] * 5)
    table = table_of(REQUESTS[0], REQUESTS[1])
    edited = table.apply(rows, request)
    measured = table.measure(rows, edited.rows, edited, request).numpy()
    before, after = rows.numpy(), edited.rows.numpy()
    assert np.allclose(measured[:, 0], np.linalg.norm(before, axis=1), rtol=1e-6)
    assert np.allclose(measured[:, 1], np.linalg.norm(after, axis=1), rtol=1e-6)
    assert np.allclose(measured[:, 2], np.linalg.norm(after - before, axis=1) / measured[:, 0], rtol=1e-4)
    sae = REGISTRY.get("jumprelu")
    for row in range(5):
        terms = measured[row, ROW_COLUMNS:].reshape(-1, 3)
        latents = [3, 5, 3]
        assert np.allclose(terms[:, 0], encode(sae, before[row : row + 1])[0, latents], atol=1e-5)
        assert np.allclose(terms[:, 1], encode(sae, after[row : row + 1])[0, latents], atol=1e-5)
    assert (measured[5:, ROW_COLUMNS + 2] == 1).all()


@pytest.mark.parametrize("name", ["standard", "jumprelu", "gated", "topk", "sparsify", "batchtopk"])
@pytest.mark.parametrize("latents", [(), (5,), (95, 0, 17)])
def test_reading_equals_the_encoder(name: str, latents: tuple[int, ...]) -> None:
    rows = sae_rows()
    values = Reader(LIBRARY, name, latents).read(torch.from_numpy(rows)).numpy()
    truth = encode(REGISTRY.get(name), rows)
    assert np.abs(values - (truth[:, list(latents)] if latents else truth)).max() < 1e-5
