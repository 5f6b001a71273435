"""The handshake: what this server is, and whether it can steer."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from countersteer_vllm.admission import Admission
from countersteer_vllm.errors import ErrorRecord
from countersteer_vllm.sae.dictionary import Dictionary
from countersteer_vllm.server.file_hash import BackgroundHash, adapter_hash, model_hash
from countersteer_vllm.versions import PLUGIN_VERSION, PROTOCOL

LIBRARIES = ("torch", "transformers", "tokenizers", "numpy")


class Health:
    def __init__(
        self,
        *,
        config: Any,
        tokenizer: Any,
        models: Any,
        admission: Admission,
        described: Sequence[Mapping[str, Any] | None],
        instance: str,
    ) -> None:
        import vllm

        self._config = config
        self._tokenizer = tokenizer
        self._models = models
        self._admission = admission
        self._block = next((each["block"] for each in described if each is not None), None)
        self._instance = instance
        self._vllm = str(vllm.__version__)
        self._model_hash = BackgroundHash(lambda: model_hash(config.model_config.model))
        self._adapter_hashes: dict[str, BackgroundHash] = {}

    def report(self) -> dict[str, Any]:
        return {
            "protocol": PROTOCOL,
            "instance": self._instance,
            "plugin": PLUGIN_VERSION,
            "vllm": self._vllm,
            "refusal": self._admission.refusal,
            "model": self._model(),
            "engine": self._engine(),
            "build": self._build(),
            "saes": self.saes(),
            "adapters": self._adapters(),
        }

    def saes(self) -> list[dict[str, Any]]:
        """The dictionaries that were named; one that can't be opened is missing, and asking for it says why."""
        registry = self._admission.registry
        found = []
        for name in registry.names:
            try:
                found.append(described_sae(name, registry.get(name), with_hash=False))
            except Exception:
                continue
        return found

    def _model(self) -> dict[str, Any]:
        config = self._config.model_config
        dtype = str(config.dtype).removeprefix("torch.")
        cache = self._config.cache_config.cache_dtype
        return {
            "served": [each.name for each in self._models.base_model_paths],
            "path": config.model,
            "hash": self._model_hash.value,
            "architecture": config.architecture,
            "block": self._block,
            "layers": self._admission.model.layers,
            "dModel": self._admission.model.d_model,
            "vocabulary": self._admission.model.vocabulary,
            "maxModelLen": config.max_model_len,
            "dtype": dtype,
            "quantization": config.quantization,
            "weightType": config.quantization or dtype,
            "cacheType": dtype if cache == "auto" else str(cache),
            "addsBos": adds_bos(self._tokenizer),
            "bosText": getattr(self._tokenizer, "bos_token", None) or "",
            "eosText": getattr(self._tokenizer, "eos_token", None) or "",
            "chatTemplate": template_of(self._tokenizer),
        }

    def _engine(self) -> dict[str, Any]:
        parallel, scheduler = self._config.parallel_config, self._config.scheduler_config
        return {
            "device": str(self._config.device_config.device_type),
            "tensorParallel": parallel.tensor_parallel_size,
            "pipelineParallel": parallel.pipeline_parallel_size,
            "dataParallel": parallel.data_parallel_size,
            "maxSequences": scheduler.max_num_seqs,
            "maxBatchedTokens": scheduler.max_num_batched_tokens,
            "chunkedPrefill": bool(scheduler.enable_chunked_prefill),
            "prefixCaching": bool(self._config.cache_config.enable_prefix_caching),
            "eager": bool(self._config.model_config.enforce_eager),
            "asyncScheduling": bool(scheduler.async_scheduling),
        }

    def _build(self) -> dict[str, str]:
        found = {"python": platform.python_version(), "machine": platform.machine()}
        for name in LIBRARIES:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
        return found

    def _adapters(self) -> list[dict[str, Any]]:
        return [self._adapter(name, each.lora_path) for name, each in self._models.lora_requests.items()]

    def _adapter(self, name: str, path: str) -> dict[str, Any]:
        if path not in self._adapter_hashes:
            self._adapter_hashes[path] = BackgroundHash(lambda: adapter_hash(path))
        return {"name": name, "path": path, "hash": self._adapter_hashes[path].value}


def described_sae(name: str, dictionary: Dictionary, *, with_hash: bool) -> dict[str, Any]:
    facts = dictionary.facts
    return {
        "name": name,
        "path": facts.path,
        "hash": dictionary.hash if with_hash else None,
        "format": facts.format,
        "architecture": facts.architecture,
        "dModel": facts.d_model,
        "latents": facts.latents,
        "k": facts.k,
        "layer": facts.layer,
        "hookName": facts.hook_name,
        "modelName": facts.model_name,
    }


def refusal_of(
    config: ErrorRecord | None, described: Sequence[Mapping[str, Any] | None]
) -> ErrorRecord | None:
    """Why a server refuses every intervention: what its configuration says, or one of its workers."""
    if config is not None:
        return config
    if not described or any(each is None for each in described):
        return {
            "code": "LIBRARY_MISMATCH",
            "what": "This server can't steer exactly.",
            "why": "A worker of it runs without the plug-in.",
            "todo": "Install countersteer-vllm where every worker runs.",
            "facts": {},
        }
    return next(
        (each["refusal"] for each in described if each is not None and each["refusal"] is not None), None
    )


def adds_bos(tokenizer: Any) -> bool:
    """Whether plain text begins with the BOS token."""
    bos = getattr(tokenizer, "bos_token_id", None)
    ids = tokenizer.encode("a", add_special_tokens=True)
    return bos is not None and bool(ids) and ids[0] == bos


def template_of(tokenizer: Any) -> str | None:
    template = getattr(tokenizer, "chat_template", None)
    if isinstance(template, dict):
        template = template.get("default")
    return template if isinstance(template, str) else None
