"""A tensor where it lies in a file: nothing is read until rows are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.floats import Floats

FloatDtype = Literal["float64", "float32", "float16", "bfloat16"]
# bfloat16 is no type of numpy, so its bits are kept
STORAGE: Mapping[FloatDtype, str] = {"float64": "<f8", "float32": "<f4", "float16": "<f2", "bfloat16": "<u2"}


@dataclass(frozen=True, eq=False)
class Tensor:
    name: str
    dtype: FloatDtype
    # a view of the mapped file
    array: npt.NDArray[np.generic]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def transposed(self) -> Tensor:
        return Tensor(self.name, self.dtype, self.array.T)

    def rows(self, indexes: Sequence[int]) -> Floats:
        """Those rows of a matrix, `[indexes, columns]`, fresh."""
        return self._floats(self.array[np.asarray(indexes, dtype=np.int64)])

    def all(self) -> Floats:
        """Every element, fresh."""
        return self._floats(self.array)

    def _floats(self, part: npt.NDArray[np.generic]) -> Floats:
        if self.dtype == "bfloat16":
            return (np.ascontiguousarray(part).astype(np.uint32) << np.uint32(16)).view(np.float32)
        return np.array(part, dtype=np.float32)


@dataclass(frozen=True)
class TensorFile:
    path: str
    tensors: Mapping[str, Tensor]

    def tensor(self, name: str) -> Tensor:
        found = self.tensors.get(name)
        if found is None:
            raise unreadable(
                self.path, f'It has no tensor "{name}"; it has {", ".join(self.tensors) or "none"}.'
            )
        return found

    def check_shape(self, name: str, expected: tuple[int, ...], source: str) -> None:
        shape = self.tensor(name).shape
        if shape != expected:
            raise unreadable(
                self.path,
                f'Tensor "{name}" has the shape {list(shape)}; {source} asks for {list(expected)}.',
                tensor=name,
            )

    def matrix_sizes(self, name: str) -> tuple[int, int]:
        shape = self.tensor(name).shape
        if len(shape) != 2 or 0 in shape:
            raise unreadable(
                self.path, f'Tensor "{name}" has the shape {list(shape)}, which is no matrix.', tensor=name
            )
        return shape[0], shape[1]

    def refuse_others(self, names: Sequence[str]) -> None:
        """A tensor whose meaning nobody knows here may change the numbers."""
        other = next((name for name in self.tensors if name not in names), None)
        if other is not None:
            raise unsupported(self.path, "tensor", other, ", ".join(names))
