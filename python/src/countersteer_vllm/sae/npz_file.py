"""NumPy's npz: a zip of `.npy` files, each a short header in Python's notation and then the numbers. Format: NEP 1."""

from __future__ import annotations

import math
import re

import numpy as np

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.tensor import STORAGE, FloatDtype, Tensor, TensorFile
from countersteer_vllm.sae.zip_members import Bytes, member_bytes, zip_members

HEADER = re.compile(
    r"\{\s*'descr':\s*'([^']{1,16})',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d\s,]*)\),?\s*\}\s*"
)
FLOATS: dict[str, FloatDtype] = {"<f8": "float64", "<f4": "float32", "<f2": "float16"}


def open_npz(path: str) -> TensorFile:
    """Raises SAE_UNREADABLE, or SAE_UNSUPPORTED for an array of another type. Objects are never unpickled."""
    tensors = {}
    for member, info in zip_members(path).items():
        name = member.removesuffix(".npy")
        tensors[name] = _tensor(path, name, member_bytes(path, info))
    return TensorFile(path, tensors)


def _tensor(path: str, name: str, data: Bytes) -> Tensor:
    start = data[:12].tobytes()
    if len(start) < 12 or start[:6] != b"\x93NUMPY":
        raise unreadable(path, f"Its array {name} is not in NumPy's format.")
    # version 1 has a length of two bytes
    begin, width = (10, 2) if start[6] == 1 else (12, 4)
    end = begin + int.from_bytes(start[8 : 8 + width], "little")
    found = HEADER.fullmatch(data[begin:end].tobytes().decode("latin-1"))
    if found is None:
        raise unreadable(path, f"Its array {name} has a damaged header.")
    descr, fortran, dimensions = found.groups()
    dtype = FLOATS.get(descr)
    if dtype is None:
        raise unsupported(path, f"type of {name}", descr, "little-endian float64, float32 and float16")
    shape = tuple(int(part) for part in dimensions.split(",") if part.strip())
    numbers = data[end:]
    if numbers.size != math.prod(shape) * np.dtype(STORAGE[dtype]).itemsize:
        raise unreadable(path, f"Its array {name} {list(shape)} has {numbers.size} bytes.")
    flat = numbers.view(STORAGE[dtype])
    return Tensor(name, dtype, flat.reshape(shape, order="F" if fortran == "True" else "C"))
