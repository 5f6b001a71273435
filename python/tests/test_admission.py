"""What can be known to be wrong is refused before anything is computed, with the codes of the in-process engine."""

from __future__ import annotations

import numpy as np
import pytest
from sae_data import SAE_DATA

from countersteer_vllm.admission import Admission, ModelFacts
from countersteer_vllm.errors import ErrorRecord, Refusal
from countersteer_vllm.floats import encode_floats
from countersteer_vllm.parse_spec import intervention_of
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.spec import CaptureTarget, Record, Spec

MODEL = ModelFacts("tiny", layers=4, d_model=24, vocabulary=100, max_model_len=16)
REFUSAL: ErrorRecord = {
    "code": "LIBRARY_MISMATCH",
    "what": "a.",
    "why": "b.",
    "todo": "--enforce-eager",
    "facts": {},
}


def admission(d_model: int = 24, refusal: ErrorRecord | None = None) -> Admission:
    model = ModelFacts("tiny", layers=4, d_model=d_model, vocabulary=100, max_model_len=16)
    return Admission(model, SaeRegistry({}, str(SAE_DATA)), refusal)


def intervention(edit: dict[str, object], layer: int = 1, positions: str = "all") -> Spec:
    kind: dict[str, object] = {"kind": positions} | (
        {"phrases": ["x"]} if positions == "until-phrase" else {}
    )
    return Spec(intervention_of({"layer": layer, "edits": [edit], "positions": kind}))


def clamp(latent: int, sae: str = "topk") -> dict[str, object]:
    return {"kind": "clamp", "sae": sae, "latent": latent, "value": 0}


VECTOR = {"kind": "add", "direction": {"vector": encode_floats(np.ones(23, np.float32))}, "strength": 1}


@pytest.mark.parametrize(
    ("spec", "d_model", "code"),
    [
        (intervention(clamp(95)), 24, None),
        (intervention(clamp(96)), 24, "LATENT_UNKNOWN"),
        (intervention(clamp(5), layer=4), 24, "LAYER_OUT_OF_RANGE"),
        (intervention(clamp(5, "nope")), 24, "SAE_UNREADABLE"),
        (intervention(clamp(5)), 32, "SAE_MISMATCH"),
        (
            intervention({"kind": "replace", "by": {"kind": "reconstruction", "sae": "topk"}}),
            32,
            "SAE_MISMATCH",
        ),
        (intervention(VECTOR), 24, "SAE_MISMATCH"),
        (Spec(record=Record(1, "topk", (96,))), 24, "LATENT_UNKNOWN"),
        (Spec(record=Record(9, "topk", (1,))), 24, "LAYER_OUT_OF_RANGE"),
    ],
)
def test_a_spec_is_held_against_the_model_and_its_dictionaries(
    spec: Spec, d_model: int, code: str | None
) -> None:
    if code is None:
        admission(d_model).check_spec(spec)
        return
    with pytest.raises(Refusal) as refusal:
        admission(d_model).check_spec(spec)
    assert refusal.value.code == code


def test_a_server_that_can_not_steer_refuses_all_but_plain_requests() -> None:
    unable = admission(refusal=REFUSAL)
    unable.check_spec(Spec())
    for spec in (intervention(clamp(1)), Spec(record=Record(1, "topk", (1,)))):
        with pytest.raises(Refusal, match="--enforce-eager"):
            unable.check_spec(spec)
    with pytest.raises(Refusal, match="--enforce-eager"):
        unable.check_capture(CaptureTarget(1))


@pytest.mark.parametrize(
    ("tokens", "positions", "code"),
    [
        ([1] * 15, "all", None),
        ([1] * 16, "all", "CONTEXT_OVERFLOW"),
        ([], "all", "PROMPT_EMPTY"),
        ([100], "all", "REQUEST_INVALID"),
        ([1], "until-phrase", "REQUEST_INVALID"),
    ],
)
def test_given_tokens_have_to_fit(tokens: list[int], positions: str, code: str | None) -> None:
    edits = intervention(clamp(1), positions=positions).intervention
    if code is None:
        admission().check_given_tokens(tokens, edits)
        return
    with pytest.raises(Refusal) as refusal:
        admission().check_given_tokens(tokens, edits)
    assert refusal.value.code == code
