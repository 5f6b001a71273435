"""From the JSON text of a request to a `Spec`. The other side of `src/engine/vllm/protocol.ts`: strict, unknown fields are refused."""

from __future__ import annotations

import json

from countersteer_vllm.errors import Refusal, invalid
from countersteer_vllm.fields import (
    Fields,
    count_of,
    counts_of,
    list_of,
    malformed,
    name_of,
    number_of,
    object_of,
    only,
    optional,
    text_of,
    vector_of,
)
from countersteer_vllm.spec import (
    XARGS_KEY,
    Add,
    CaptureTarget,
    Clamp,
    Edit,
    Intervention,
    LatentDirection,
    Positions,
    Record,
    Replace,
    Spec,
    VectorDirection,
)
from countersteer_vllm.versions import PROTOCOL


def parse_spec(text: object) -> Spec:
    """Raises REQUEST_INVALID, or LIBRARY_MISMATCH for another protocol version."""
    if not isinstance(text, str):
        raise malformed(f"vllm_xargs.{XARGS_KEY} is no text")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise malformed(f"it is no JSON: {error}") from error
    return spec_of(data)


def spec_of(data: object) -> Spec:
    fields = object_of(data, "the spec")
    check_protocol(fields)
    only(fields, "the spec", "protocol", "intervention", "record")
    return Spec(
        intervention=optional(fields, "intervention", intervention_of),
        record=optional(fields, "record", _record_of),
    )


def check_protocol(fields: Fields) -> None:
    version = fields.get("protocol")
    if version != PROTOCOL:
        raise Refusal(
            "LIBRARY_MISMATCH",
            what=f"The request speaks protocol {version!r}.",
            why=f"This server speaks protocol {PROTOCOL}.",
            todo="Install versions of Countersteer and countersteer-vllm that belong together.",
            facts={"given": str(version), "known": PROTOCOL},
        )


def intervention_of(data: object) -> Intervention:
    fields = object_of(data, "intervention")
    only(fields, "intervention", "layer", "edits", "positions")
    edits = tuple(_edit_of(each) for each in list_of(fields, "edits"))
    if len(edits) > 1 and any(isinstance(edit, Replace) for edit in edits):
        raise invalid(
            "The request replaces rows and edits them in another way too.",
            "All edits of an intervention read the same row, and a replaced row leaves nothing of it.",
            "Give the replacement alone.",
        )
    return Intervention(count_of(fields, "layer"), edits, _positions_of(fields.get("positions")))


def _edit_of(data: object) -> Edit:
    fields = object_of(data, "an edit")
    kind = fields.get("kind")
    if kind == "add":
        only(fields, "an add", "kind", "direction", "strength")
        return Add(_direction_of(fields.get("direction")), number_of(fields, "strength"))
    if kind == "clamp":
        only(fields, "a clamp", "kind", "sae", "latent", "value", "share")
        share = number_of(fields, "share") if "share" in fields else 1.0
        if not 0 < share <= 1:
            raise invalid(
                f"A clamp goes {share} of its way.", "A share lies above 0 and up to 1.", share=share
            )
        return Clamp(name_of(fields, "sae"), count_of(fields, "latent"), number_of(fields, "value"), share)
    if kind == "replace":
        only(fields, "a replace", "kind", "by")
        return _replacement_of(fields.get("by"))
    raise malformed(f"an edit has the kind {kind!r}")


def _direction_of(data: object) -> LatentDirection | VectorDirection:
    fields = object_of(data, "a direction")
    if "vector" in fields:
        only(fields, "a direction", "vector")
        return VectorDirection(vector_of(fields))
    only(fields, "a direction", "sae", "latent")
    return LatentDirection(name_of(fields, "sae"), count_of(fields, "latent"))


def _replacement_of(data: object) -> Replace:
    fields = object_of(data, "by")
    kind = fields.get("kind")
    if kind == "reconstruction":
        only(fields, "by", "kind", "sae")
        return Replace(sae=name_of(fields, "sae"))
    if kind == "zero":
        only(fields, "by", "kind")
        return Replace()
    if kind == "vector":
        only(fields, "by", "kind", "vector")
        return Replace(vector=vector_of(fields))
    raise malformed(f"a replacement has the kind {kind!r}")


def _positions_of(data: object) -> Positions:
    fields = object_of(data, "positions")
    kind = fields.get("kind")
    if kind == "range":
        only(fields, "positions", "kind", "start", "end")
        return Positions("range", count_of(fields, "start"), count_of(fields, "end"))
    if kind == "until-phrase":
        only(fields, "positions", "kind", "phrases")
        phrases = [text_of(each, "a phrase") for each in list_of(fields, "phrases")]
        if not phrases:
            raise malformed("until-phrase has no phrases")
        return Positions("until-phrase", phrases=tuple(phrases))
    for known in ("all", "prompt", "generated"):
        if kind == known:
            only(fields, "positions", "kind")
            return Positions(known)
    raise malformed(f"positions have the kind {kind!r}")


def _record_of(data: object) -> Record:
    fields = object_of(data, "record")
    only(fields, "record", "layer", "sae", "latents")
    latents = counts_of(list_of(fields, "latents"), "latents")
    if not latents:
        raise malformed("record names no latents")
    return Record(count_of(fields, "layer"), name_of(fields, "sae"), tuple(latents))


def capture_target_of(layer: int, data: object) -> CaptureTarget:
    fields = object_of(data, "what")
    kind = fields.get("kind")
    if kind == "rows":
        only(fields, "what", "kind")
        return CaptureTarget(layer)
    if kind == "latents":
        only(fields, "what", "kind", "sae", "latents")
        return CaptureTarget(
            layer, name_of(fields, "sae"), tuple(counts_of(list_of(fields, "latents"), "latents"))
        )
    raise malformed(f"what has the kind {kind!r}")
