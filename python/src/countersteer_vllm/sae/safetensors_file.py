"""Safetensors: eight bytes of length, a JSON header, and the numbers (the format's README)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TypeGuard

import numpy as np

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.tensor import STORAGE, FloatDtype, Tensor, TensorFile

DTYPES: dict[str, FloatDtype] = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
LONGEST_HEADER = 100_000_000


def open_safetensors(path: str) -> TensorFile:
    """Raises SAE_UNREADABLE, or SAE_UNSUPPORTED for a tensor that holds no floats."""
    file = Path(path)
    size = file.stat().st_size
    with file.open("rb") as handle:
        length = int.from_bytes(handle.read(8), "little")
        if size < 8 or length > min(LONGEST_HEADER, size - 8):
            raise unreadable(path, f"Its header is said to have {length} bytes of {size}.", size=size)
        try:
            header = json.loads(handle.read(length))
        except ValueError as error:
            raise unreadable(path, f"Its header is no JSON: {error}.") from error
    if not isinstance(header, dict):
        raise unreadable(path, "Its header is no object.")
    if size == 8 + length:
        return TensorFile(path, {})
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)
    return TensorFile(
        path,
        {name: _tensor(path, name, entry, data) for name, entry in header.items() if name != "__metadata__"},
    )


def _tensor(path: str, name: str, entry: object, data: np.memmap[tuple[int], np.dtype[np.uint8]]) -> Tensor:
    if not isinstance(entry, dict):
        raise unreadable(path, f'Tensor "{name}" is described by no object.')
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(dtype, str) or not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2:
        raise unreadable(path, f'Tensor "{name}" is described wrongly.')
    known = DTYPES.get(dtype)
    if known is None:
        raise unsupported(path, f"dtype of {name}", dtype, ", ".join(DTYPES))
    begin, end = offsets
    width = np.dtype(STORAGE[known]).itemsize
    if end > data.size or end - begin != math.prod(shape) * width:
        raise unreadable(
            path,
            f'Tensor "{name}" needs {math.prod(shape) * width} bytes at {begin} to {end} of {data.size}.',
        )
    return Tensor(name, known, data[begin:end].view(STORAGE[known]).reshape(shape))


def _are_counts(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(isinstance(each, int) and each >= 0 for each in value)
