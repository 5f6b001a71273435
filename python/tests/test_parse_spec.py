"""A spec is understood wholly or refused: a setting that is ignored would be an edit that was not applied."""

from __future__ import annotations

import json

import numpy as np
import pytest

from countersteer_vllm.errors import Refusal
from countersteer_vllm.floats import decode_floats, encode_floats
from countersteer_vllm.parse_spec import parse_spec
from countersteer_vllm.spec import Add, Clamp, LatentDirection, Positions, Replace, VectorDirection

ADD = {"kind": "add", "direction": {"sae": "s", "latent": 3}, "strength": 2.5}


def text_of(edits: object, positions: object = None, **more: object) -> str:
    intervention = {"layer": 1, "edits": edits, "positions": positions or {"kind": "all"}}
    return json.dumps({"protocol": 1, "intervention": intervention, **more})


def test_every_edit_is_parsed_as_it_was_sent() -> None:
    vector = np.asarray([1.5, -2, 0.1], dtype=np.float32)
    edits = [
        ADD,
        {"kind": "add", "direction": {"vector": encode_floats(vector)}, "strength": -1},
        {"kind": "clamp", "sae": "s", "latent": 4, "value": 0},
        {"kind": "clamp", "sae": "s", "latent": 4, "value": 7, "share": 0.25},
    ]
    intervention = parse_spec(text_of(edits)).intervention
    assert intervention is not None
    first, second, third, fourth = intervention.edits
    assert first == Add(LatentDirection("s", 3), 2.5)
    assert isinstance(second, Add) and isinstance(second.direction, VectorDirection)
    np.testing.assert_array_equal(second.direction.vector, vector)
    assert third == Clamp("s", 4, 0.0)
    assert fourth == Clamp("s", 4, 7.0, 0.25)


@pytest.mark.parametrize("by", [{"kind": "zero"}, {"kind": "reconstruction", "sae": "s"}])
def test_a_replacement_stands_alone(by: object) -> None:
    replace = {"kind": "replace", "by": by}
    intervention = parse_spec(text_of([replace])).intervention
    assert intervention is not None and isinstance(intervention.edits[0], Replace)
    with pytest.raises(Refusal, match="Give the replacement alone"):
        parse_spec(text_of([replace, ADD]))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"kind": "generated"}, Positions("generated")),
        ({"kind": "range", "start": 2, "end": 9}, Positions("range", 2, 9)),
        (
            {"kind": "until-phrase", "phrases": ["Wait,", "let me"]},
            Positions("until-phrase", phrases=("Wait,", "let me")),
        ),
    ],
)
def test_positions_are_parsed_as_they_were_sent(sent: object, meant: Positions) -> None:
    intervention = parse_spec(text_of([ADD], sent)).intervention
    assert intervention is not None and intervention.positions == meant


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        text_of([{**ADD, "stength": 3}]),
        text_of([{**ADD, "strength": "3"}]),
        text_of([{**ADD, "strength": True}]),
        text_of([ADD], {"kind": "all", "start": 3}),
        text_of([ADD], {"kind": "some"}),
        text_of([ADD], {"kind": "until-phrase", "phrases": []}),
        text_of([ADD], {"kind": "range", "start": -1, "end": 3}),
        text_of([{"kind": "scale", "sae": "s", "latent": 1, "value": 2}]),
        text_of([{"kind": "clamp", "sae": "s", "latent": 1.5, "value": 2}]),
        text_of([{"kind": "clamp", "sae": "s", "latent": 1, "value": 2, "share": 0}]),
        text_of([{"kind": "add", "direction": {"vector": "!"}, "strength": 1}]),
        text_of([{"kind": "add", "direction": {"vector": "AAA="}, "strength": 1}]),
        text_of([{"kind": "add", "direction": {"sae": "s", "latent": 1, "vector": "AAAA"}, "strength": 1}]),
        text_of([ADD]).replace("2.5", "NaN"),
        text_of([ADD]).replace("2.5", "1e999"),
        text_of([ADD]).replace("2.5", "1" + "0" * 400),
        text_of([ADD], record={"layer": 1, "sae": "s", "latents": []}),
        text_of([ADD], recrod={"layer": 1, "sae": "s", "latents": [1]}),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parse_spec(text)
    assert refusal.value.code == "REQUEST_INVALID"


def test_another_protocol_is_refused_as_such() -> None:
    with pytest.raises(Refusal) as refusal:
        parse_spec('{"protocol": 2}')
    assert refusal.value.code == "LIBRARY_MISMATCH"


def test_floats_cross_without_a_change() -> None:
    values = np.asarray([0, -0.0, 1e-45, 3.4e38, np.pi], dtype=np.float32)
    back = decode_floats(encode_floats(values))
    assert back.tobytes() == values.tobytes()
