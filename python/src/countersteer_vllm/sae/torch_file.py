"""A file of `torch.save`: a zip with a pickle that describes tensors, and a member of raw numbers for each storage."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import as_strided

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.tensor import STORAGE, Tensor, TensorFile
from countersteer_vllm.sae.unpickle import PickledTensor, unpickle_tensors
from countersteer_vllm.sae.zip_members import member_bytes, zip_members

PICKLE = "/data.pkl"
# a state dictionary's pickle has some 100 bytes a tensor
LONGEST_PICKLE = 2**20


def open_torch(path: str) -> TensorFile:
    """Runs nothing. Raises SAE_UNREADABLE, or SAE_UNSUPPORTED for all but a dictionary of tensors."""
    if not zipfile.is_zipfile(path):
        raise unsupported(
            path, "container", "other than zip", "the zip files that torch.save writes since version 1.6"
        )
    members = zip_members(path)
    pickle = next((name for name in members if name.endswith(PICKLE) and name.count("/") == 1), None)
    if pickle is None or members[pickle].file_size > LONGEST_PICKLE:
        raise unreadable(path, "It has no data.pkl as torch writes it.")
    prefix = pickle.removesuffix(PICKLE)
    order = members.get(f"{prefix}/byteorder")
    if order is not None and member_bytes(path, order)[:16].tobytes() != b"little":
        raise unsupported(path, "byteorder", "big", '"little"')
    described = unpickle_tensors(path, member_bytes(path, members[pickle]).tobytes())
    return TensorFile(
        path, {name: _tensor(path, members, prefix, name, each) for name, each in described.items()}
    )


def _tensor(
    path: str, members: Mapping[str, zipfile.ZipInfo], prefix: str, name: str, tensor: PickledTensor
) -> Tensor:
    storage = tensor.storage
    width = np.dtype(STORAGE[storage.dtype]).itemsize
    member = members.get(f"{prefix}/data/{storage.key}")
    if member is None or member.file_size != storage.elements * width:
        raise unreadable(
            path, f'Tensor "{name}" needs a storage "{storage.key}" of {storage.elements * width} bytes.'
        )
    last = tensor.offset + sum(
        (size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True)
    )
    if math.prod(tensor.shape) > storage.elements or last >= storage.elements:
        raise unreadable(path, f'Tensor "{name}" lies outside of its storage.')
    flat = member_bytes(path, member).view(STORAGE[storage.dtype])
    steps = [step * width for step in tensor.strides]
    return Tensor(
        name, storage.dtype, as_strided(flat[tensor.offset :], tensor.shape, steps, writeable=False)
    )
