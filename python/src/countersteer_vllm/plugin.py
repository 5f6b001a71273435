"""The entry point: takes hold of vLLM in each of its processes, or refuses a vLLM that is not known."""

from __future__ import annotations

import os
import uuid

from countersteer_vllm.versions import check_vllm

# one text for all processes of a server: they inherit the environment of the first
INSTANCE = "COUNTERSTEER_INSTANCE"


def register() -> None:
    """`vllm.general_plugins`: runs in the API server, the engine and every worker. Raises UnsupportedVllmError."""
    import vllm

    check_vllm(str(vllm.__version__))
    os.environ.setdefault(INSTANCE, uuid.uuid4().hex)
    # the second model runner has no place where a batch's rows are known before they run
    os.environ.setdefault("VLLM_USE_V2_MODEL_RUNNER", "0")

    from countersteer_vllm.server.openai_patch import patch_server
    from countersteer_vllm.worker.patch import patch_worker

    patch_worker()
    patch_server()
