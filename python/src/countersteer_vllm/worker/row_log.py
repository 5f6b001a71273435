"""Rows of numbers that a request's hooks left behind, by position: a row that is computed again after a preemption replaces the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from countersteer_vllm.floats import Floats


class Readable(Protocol):
    def numpy(self) -> Floats: ...


@dataclass(frozen=True)
class _Part:
    # numbers of one step, `[rows of several requests, columns]`
    step: Readable
    first_row: int
    first_position: int
    count: int


class RowLog:
    """`columns` are those that a request has of its own: a step's numbers are as wide as the widest request in it. None is all."""

    def __init__(self, columns: int | None = None) -> None:
        self._columns = columns
        self._parts: list[_Part] = []

    def add(self, step: Readable, *, first_row: int, first_position: int, count: int) -> None:
        self._parts.append(_Part(step, first_row, first_position, count))

    def rows(self, limit: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Positions below `limit`, ascending, and their rows `[positions, columns]`. What was computed beyond is no part of the answer."""
        found: dict[int, Floats] = {}
        for part in self._parts:
            values = part.step.numpy()[:, : self._columns]
            for i in range(part.count):
                if part.first_position + i < limit:
                    found[part.first_position + i] = values[part.first_row + i]
        positions = np.asarray(sorted(found), dtype=np.int64)
        if not found:
            return positions, np.zeros((0, 0), dtype=np.float32)
        return positions, np.stack([found[int(position)] for position in positions])
