"""The routes below `/countersteer/`, as an endpoint plug-in of vLLM: it is loaded where VLLM_PLUGINS names it."""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace
from typing import Any, TypeVar

from fastapi import FastAPI, Request

from countersteer_vllm.admission import Admission, ModelFacts
from countersteer_vllm.fields import malformed
from countersteer_vllm.fitness import startup_refusal
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.server.given_tokens import GivenTokens
from countersteer_vllm.server.health import Health, described_sae, refusal_of
from countersteer_vllm.server.openai_patch import ENGINE, plain_generate
from countersteer_vllm.server.refused import add_handlers
from countersteer_vllm.server.steered import SteeredEngine
from countersteer_vllm.server.workers import Workers
from countersteer_vllm.versions import PROTOCOL

INSTANCE = "COUNTERSTEER_INSTANCE"
T = TypeVar("T")


class CountersteerEndpoint:
    name = "countersteer"
    required_tasks = ("generate",)

    def __init__(self) -> None:
        self._health: Health | None = None
        self._given: GivenTokens | None = None
        self._registry: SaeRegistry | None = None

    def attach_router(self, app: FastAPI) -> None:
        add_handlers(app)
        app.get("/countersteer/health")(self.health)
        app.get("/countersteer/saes")(self.saes)
        app.get("/countersteer/saes/{name:path}")(self.sae)
        app.post("/countersteer/capture")(self.capture)
        app.post("/countersteer/score")(self.score)
        app.post("/countersteer/divergence")(self.divergence)

    async def init_state(self, engine_client: Any, state: Any, args: Namespace) -> None:
        config = engine_client.vllm_config
        described = await Workers(engine_client).describe()
        registry = SaeRegistry.from_environment(os.environ)
        admission = Admission(facts_of(config), registry, refusal_of(startup_refusal(config), described))
        engine = SteeredEngine(engine_client, plain_generate(), admission, instance=os.environ[INSTANCE])
        setattr(engine_client, ENGINE, engine)
        models = state.openai_serving_models
        self._registry = registry
        self._given = GivenTokens(engine, models)
        self._health = Health(
            config=config,
            tokenizer=engine_client.get_tokenizer(),
            models=models,
            admission=admission,
            described=described,
            instance=engine.instance,
        )

    async def health(self) -> dict[str, Any]:
        return _ready(self._health).report()

    async def saes(self) -> dict[str, Any]:
        return {"protocol": PROTOCOL, "saes": _ready(self._health).saes()}

    async def sae(self, name: str) -> dict[str, Any]:
        registry = _ready(self._registry)
        return await asyncio.to_thread(lambda: described_sae(name, registry.get(name), with_hash=True))

    async def capture(self, request: Request) -> dict[str, Any]:
        return await _ready(self._given).capture(await _body(request))

    async def score(self, request: Request) -> dict[str, Any]:
        return await _ready(self._given).score(await _body(request))

    async def divergence(self, request: Request) -> dict[str, Any]:
        return await _ready(self._given).divergence(await _body(request))


def facts_of(config: Any) -> ModelFacts:
    model = config.model_config
    return ModelFacts(
        name=str(model.served_model_name if isinstance(model.served_model_name, str) else model.model),
        layers=model.get_total_num_hidden_layers(),
        d_model=model.get_hidden_size(),
        vocabulary=model.get_vocab_size(),
        max_model_len=model.max_model_len,
    )


async def _body(request: Request) -> object:
    try:
        return await request.json()
    except ValueError as error:
        raise malformed(f"the body is no JSON: {error}") from error


def _ready(part: T | None) -> T:
    if part is None:
        raise RuntimeError("the server has not finished starting")
    return part
