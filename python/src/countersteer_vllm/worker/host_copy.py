"""A small tensor on its way to the host: copied while the device goes on, waited for when it is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from countersteer_vllm.floats import Floats


class HostCopy:
    def __init__(self, tensor: torch.Tensor) -> None:
        self._event: Any = None
        if tensor.device.type == "cuda":
            self._host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._host.copy_(tensor, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record()
        else:
            self._host = tensor.cpu()

    def numpy(self) -> Floats:
        if self._event is not None:
            self._event.synchronize()
            self._event = None
        values: Floats = np.asarray(self._host.numpy(), dtype=np.float32)
        return values
