"""The right rows of the right request at every step: chunks, other orders, preemption, rows beyond the end."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from sae_data import SAE_DATA

from countersteer_vllm.floats import Floats
from countersteer_vllm.job_wire import JOB_KEY, job_text
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.spec import XARGS_KEY, CaptureTarget, Job

torch = pytest.importorskip("torch")

from countersteer_vllm.worker.latents import Library  # noqa: E402
from countersteer_vllm.worker.receipt import Receipt  # noqa: E402
from countersteer_vllm.worker.step import Scheduled, StepRunner  # noqa: E402
from countersteer_vllm.worker.tracker import Tracker  # noqa: E402

D = 24
LAYER = 3
ADD = {"kind": "add", "direction": {"sae": "jumprelu", "latent": 3}, "strength": 5.0}
DIRECTION = SaeRegistry({}, str(SAE_DATA)).get("jumprelu").latent_rows([3])[0].direction


class World:
    """A tracker and its step runner, and a stream of which each row tells whose it is and where."""

    def __init__(self) -> None:
        library = Library(SaeRegistry({}, str(SAE_DATA)), torch.device("cpu"))
        self.time = 0.0
        self.tracker = Tracker(
            library,
            logged=range(8),
            d_model=D,
            decode=lambda ids: "".join(map(chr, ids)),
            now=lambda: self.time,
        )
        self.runner = StepRunner(self.tracker, library, layers=range(8), measures=True)

    def start(self, request: str, prompt: int, positions: object = None, **spec: object) -> None:
        intervention = {"layer": LAYER, "edits": [ADD], "positions": positions or {"kind": "all"}}
        text = json.dumps({"protocol": 1, "intervention": intervention, **spec})
        self.begin(Job(key=f"key-{request}"), request, prompt, text)

    def begin(self, job: Job, request: str, prompt: int, text: str) -> None:
        self.tracker.start(request, {XARGS_KEY: text, JOB_KEY: job_text(job)}, prompt)

    def step(
        self, batch: Sequence[tuple[str, int, int]], tokens: Sequence[int] = (), hook: bool = True
    ) -> Floats:
        """Runs requests' rows; answers how far each was moved along the direction."""
        rows, after = self.run(batch, tokens, hook)
        moved = after - rows
        amount = moved @ DIRECTION / (DIRECTION @ DIRECTION)
        assert np.abs(moved - amount[:, None] * DIRECTION).max() < 1e-4
        return np.asarray(np.round(amount, 3), dtype=np.float32)

    def run(
        self, batch: Sequence[tuple[str, int, int]], tokens: Sequence[int] = (), hook: bool = True
    ) -> tuple[Floats, Floats]:
        """Rows `(name, start, count)` of several requests before and after the step."""
        scheduled = [Scheduled(name, count, start) for name, start, count in batch]
        self.runner.plan(scheduled, lambda first, end: list(tokens[first:end]))
        rows = np.concatenate([stream(name, start, count) for name, start, count in batch])
        hidden, residual = torch.from_numpy(rows * 0.25), torch.from_numpy(rows * 0.75)
        if hook:
            self.runner.on_output(LAYER, (hidden, residual))
        self.runner.check_done()
        return rows, (hidden + residual).numpy()

    def receipt(self, request: str, rows: int) -> Receipt:
        return self.tracker.result(f"key-{request}", rows)["receipt"]


def stream(name: str, start: int, count: int) -> Floats:
    return np.stack(
        [np.random.default_rng([ord(name[0]), start + i]).normal(size=D) for i in range(count)]
    ).astype(np.float32)


def test_rows_of_others_are_left_alone_to_the_bit() -> None:
    world = World()
    world.start("a", 4)
    assert world.step([("x", 0, 3), ("a", 0, 2), ("y", 7, 1)]).tolist() == [0, 0, 0, 5, 5, 0]
    # the batch in another order, the prompt's second chunk
    assert world.step([("a", 2, 2), ("y", 8, 1)]).tolist() == [5, 5, 0]


@pytest.mark.parametrize(
    ("positions", "edited"),
    [
        ({"kind": "all"}, [0, 1, 2, 3, 4, 5, 6]),
        ({"kind": "prompt"}, [0, 1, 2, 3]),
        ({"kind": "generated"}, [4, 5, 6]),
        ({"kind": "range", "start": 3, "end": 6}, [3, 4, 5]),
        ({"kind": "range", "start": 6, "end": 99}, [6]),
        ({"kind": "range", "start": 5, "end": 2}, []),
    ],
)
@pytest.mark.parametrize(
    "chunks", [[(0, 4), (4, 1), (5, 1), (6, 1)], [(0, 1), (1, 2), (3, 3), (6, 1)], [(0, 7)]]
)
def test_positions_do_not_depend_on_chunks(
    positions: object, edited: list[int], chunks: list[tuple[int, int]]
) -> None:
    world = World()
    world.start("a", 4, positions)
    moved = np.concatenate([world.step([("a", start, count)]) for start, count in chunks])
    assert np.flatnonzero(moved == 5).tolist() == edited
    assert (moved[[i for i in range(7) if i not in edited]] == 0).all()
    receipt = world.receipt("a", 7)
    assert receipt["rowsEdited"] == len(edited)
    assert receipt["promptRows"] == len([each for each in edited if each < 4])
    assert receipt["generatedRows"] == len([each for each in edited if each >= 4])


def test_until_phrase_ends_before_the_token_that_completes_it() -> None:
    world = World()
    world.start("a", 2, {"kind": "until-phrase", "phrases": ["wait"]})
    text = "..No, WAIT a"
    tokens = [ord(c) for c in text]
    moved = [world.step([("a", 0, 2)], tokens[:2])]
    moved += [world.step([("a", at, 1)], [tokens[at]]) for at in range(2, len(tokens))]
    edited = np.flatnonzero(np.concatenate(moved) == 5).tolist()
    assert edited == list(range(text.index("T")))
    # computed again in one chunk, as after a preemption
    again = world.step([("a", 0, len(tokens))], tokens)
    assert np.flatnonzero(again == 5).tolist() == edited


def test_rows_computed_again_are_steered_again_and_counted_once() -> None:
    world = World()
    world.start("a", 3, record={"layer": LAYER, "sae": "jumprelu", "latents": [3, 5]})
    world.step([("a", 0, 3)])
    world.step([("a", 3, 1)])
    first = world.tracker.result("key-a", 4)
    assert world.step([("a", 0, 4)]).tolist() == [5, 5, 5, 5]
    again = world.tracker.result("key-a", 4)
    assert again["receipt"]["rowsEdited"] == first["receipt"]["rowsEdited"] == 4
    assert again["receipt"]["edits"][0]["rowsChanged"] == 4
    assert np.isclose(again["receipt"]["meanDose"], first["receipt"]["meanDose"], rtol=1e-6)
    assert again["recorded"]["rows"] == 4
    values = [np.frombuffer(each["recorded"]["values"], dtype="<f4") for each in (first, again)]
    np.testing.assert_allclose(values[0], values[1], rtol=1e-5)


def test_rows_beyond_the_answer_are_in_no_receipt() -> None:
    world = World()
    world.start("a", 2, record={"layer": LAYER, "sae": "jumprelu", "latents": [3]})
    world.step([("a", 0, 2)])
    world.step([("a", 2, 1)])
    assert world.receipt("a", 2)["rowsEdited"] == 2
    assert world.tracker.result("key-a", 2)["recorded"]["rows"] == 2


def test_a_receipt_does_not_depend_on_who_else_was_edited() -> None:
    clamps = [{"kind": "clamp", "sae": "jumprelu", "latent": latent, "value": 0} for latent in range(9)]
    world, alone = World(), World()
    for each in (world, alone):
        each.start("a", 2)
    many = {"layer": LAYER, "edits": clamps, "positions": {"kind": "all"}}
    world.begin(Job(key="key-b"), "b", 2, json.dumps({"protocol": 1, "intervention": many}))
    # together with a request of nine edits, then alone
    world.run([("b", 0, 2), ("a", 0, 2)])
    for each in (world, alone):
        each.step([("a", 2, 1)])
    alone.step([("a", 0, 2)])
    mine, truth = world.receipt("a", 3), alone.receipt("a", 3)
    assert mine["rowsEdited"] == truth["rowsEdited"] == 3
    assert mine["edits"] == [pytest.approx(truth["edits"][0])]
    assert len(world.receipt("b", 2)["edits"]) == 9


def test_recording_reads_after_the_edit() -> None:
    world = World()
    world.start("a", 2, record={"layer": LAYER, "sae": "jumprelu", "latents": [3]})
    world.step([("a", 0, 2)])
    recorded = np.frombuffer(world.tracker.result("key-a", 2)["recorded"]["values"], dtype="<f4")
    edits = world.receipt("a", 2)["edits"]
    assert edits[0]["meanValueAfter"] == pytest.approx(recorded.mean())
    assert edits[0]["meanValueAfter"] != edits[0]["meanValueBefore"]


def test_a_capture_takes_the_rows_themselves() -> None:
    world = World()
    job = Job(key="key-b", capture=CaptureTarget(LAYER))
    world.begin(job, "b", 5, '{"protocol": 1}')
    world.step([("x", 0, 2), ("b", 0, 3)])
    world.step([("b", 3, 3), ("x", 2, 1)])
    captured = world.tracker.result("key-b", 5)["captured"]
    values = np.frombuffer(captured["values"], dtype="<f4").reshape(captured["rows"], captured["columns"])
    np.testing.assert_allclose(values, stream("b", 0, 5), rtol=1e-6)


def test_a_hook_that_does_not_run_is_an_error_and_no_answer() -> None:
    world = World()
    world.start("a", 2)
    world.step([("a", 0, 2)], hook=False)
    result = world.tracker.result("key-a", 2)
    error = result["error"]
    assert isinstance(error, dict) and error["code"] == "EDIT_NOT_APPLIED"


def test_a_block_of_another_shape_is_an_error_of_its_requests_only() -> None:
    world = World()
    world.start("a", 2)
    world.runner.plan([Scheduled("a", 2, 0)], lambda first, end: [])
    world.runner.on_output(LAYER, torch.zeros(2, D))
    error = world.tracker.result("key-a", 2)["error"]
    assert isinstance(error, dict) and error["code"] == "MODEL_UNSUPPORTED"


def test_an_unknown_latent_fails_its_own_request() -> None:
    world = World()
    world.start("a", 2)
    world.start("b", 2, record={"layer": LAYER, "sae": "jumprelu", "latents": [96]})
    world.step([("b", 0, 2), ("a", 0, 2)])
    error = world.tracker.result("key-b", 2)["error"]
    assert isinstance(error, dict) and error["code"] == "LATENT_UNKNOWN"
    assert world.receipt("a", 2)["rowsEdited"] == 2


def test_results_nobody_takes_are_forgotten() -> None:
    world = World()
    for name in ("a", "b"):
        world.start(name, 2)
    world.step([("a", 0, 2), ("b", 0, 2)])
    world.tracker.finish(["a"])
    assert world.receipt("a", 2)["rowsEdited"] == 2
    world.time = 1000.0
    world.tracker.finish(["b"])
    assert world.tracker.result("key-a", 2) == {}
    assert world.receipt("b", 2)["rowsEdited"] == 2
    world.tracker.forget(["key-b"])
    assert world.tracker.result("key-b", 2) == {}
