"""Vectors and matrices as they cross HTTP: base64 of little-endian float32."""

from __future__ import annotations

import base64
import binascii

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def encode_floats(values: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def decode_floats(text: str) -> Floats:
    """Raises ValueError for text that is no base64 of whole float32s."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"it is no base64: {error}") from error
    if len(raw) % 4 != 0:
        raise ValueError(f"{len(raw)} bytes are no whole float32s")
    return np.frombuffer(raw, dtype="<f4").astype(np.float32)
