"""Checked reading of JSON objects that came from outside. Everything here raises REQUEST_INVALID."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np

from countersteer_vllm.errors import Refusal, invalid
from countersteer_vllm.floats import Floats, decode_floats

Fields = Mapping[str, object]
T = TypeVar("T")


def counts_of(values: list[object], name: str) -> list[int]:
    return [as_count(each, name) for each in values]


def malformed(why: str) -> Refusal:
    return invalid(
        "The request's countersteer spec is malformed.",
        f"{why[0].upper()}{why[1:]}.",
        "See docs/vllm-protocol.md.",
    )


def object_of(data: object, name: str) -> Fields:
    if not isinstance(data, dict):
        raise malformed(f"{name} is no object")
    return data


def only(fields: Fields, name: str, *known: str) -> None:
    other = next((key for key in fields if key not in known), None)
    if other is not None:
        raise malformed(f"{name} has the unknown field {other!r}")


def optional(fields: Fields, key: str, make: Callable[[object], T]) -> T | None:
    return make(fields[key]) if key in fields else None


def list_of(fields: Fields, key: str) -> list[object]:
    value = fields.get(key)
    if not isinstance(value, list):
        raise malformed(f"{key} is no list")
    return value


def as_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise malformed(f"{name} holds {value!r}, which is no whole number from 0")
    return value


def count_of(fields: Fields, key: str) -> int:
    return as_count(fields.get(key), key)


def number_of(fields: Fields, key: str) -> float:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed(f"{key} is no number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise invalid(f"An edit has {key} {number}.", "It is no finite number.", "Give a finite one.")
    return number


def text_of(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise malformed(f"{name} is no text")
    return value


def name_of(fields: Fields, key: str) -> str:
    return text_of(fields.get(key), key)


def vector_of(fields: Fields) -> Floats:
    try:
        vector = decode_floats(name_of(fields, "vector"))
    except ValueError as error:
        raise malformed(f"a vector can't be decoded: {error}") from error
    if not np.isfinite(vector).all():
        raise invalid("A vector is not finite.", "The model would go on with NaN.", "Give finite numbers.")
    return vector
