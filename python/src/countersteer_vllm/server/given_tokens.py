"""The routes that generate nothing: capture, score and divergence of given tokens. Each runs them as a prompt, with one token sampled and thrown away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from countersteer_vllm.errors import Refusal, invalid
from countersteer_vllm.fields import (
    Fields,
    count_of,
    counts_of,
    list_of,
    malformed,
    object_of,
    only,
    optional,
    text_of,
)
from countersteer_vllm.floats import encode_floats
from countersteer_vllm.parse_spec import capture_target_of, check_protocol, intervention_of
from countersteer_vllm.server.steered import SteeredEngine, new_key, not_proved, tokens_prompt
from countersteer_vllm.spec import Intervention, Job, Spec
from countersteer_vllm.versions import PROTOCOL


@dataclass(frozen=True)
class Given:
    """What the bodies have in common."""

    tokens: list[int]
    intervention: Intervention | None
    spec_text: str
    # vLLM's request for an adapter, or None
    adapter: Any


class GivenTokens:
    def __init__(self, engine: SteeredEngine, models: Any) -> None:
        self._engine = engine
        self._models = models

    async def capture(self, body: object) -> dict[str, Any]:
        fields = self._fields(body, "promptTokens", "layer", "what", "intervention")
        given = self._given(fields)
        target = capture_target_of(count_of(fields, "layer"), fields.get("what"))
        self._engine.admission.check_capture(target)
        prompt_tokens = optional(
            fields, "promptTokens", lambda value: count_of({"promptTokens": value}, "promptTokens")
        )
        if prompt_tokens is not None and not 1 <= prompt_tokens <= len(given.tokens):
            raise invalid(
                f"The request says that {prompt_tokens} of its tokens are prompt.",
                f"It has {len(given.tokens)} tokens, and at least one of them is prompt.",
            )
        job = Job(new_key(), Spec(given.intervention), prompt_tokens=prompt_tokens, capture=target)
        await self._run(job, given)
        outcome = await self._engine.outcome(job, len(given.tokens))
        captured = outcome.captured or {}
        if captured.get("rows") != len(given.tokens):
            raise not_proved(
                f"{captured.get('rows')} rows were read where there should be {len(given.tokens)}."
            )
        values = encode_floats(np.frombuffer(captured["values"], dtype="<f4"))
        return self._answer(
            rows=captured["rows"], columns=captured["columns"], values=values, receipt=outcome.receipt
        )

    async def score(self, body: object) -> dict[str, Any]:
        fields = self._fields(body, "from", "intervention")
        given = self._given(fields)
        first = self._from(fields, given)
        job = Job(new_key(), Spec(given.intervention))
        output = await self._run(job, given, prompt_logprobs=0)
        scores = output.prompt_logprobs or []
        if len(scores) != len(given.tokens):
            raise not_proved(f"vLLM scored {len(scores)} of {len(given.tokens)} tokens.")
        values = [scores[i][given.tokens[i]].logprob for i in range(first, len(given.tokens))]
        outcome = await self._engine.outcome(job, len(given.tokens) - 1)
        log_probs = encode_floats(np.asarray(values, dtype=np.float32))
        return self._answer(logProbs=log_probs, receipt=outcome.receipt)

    async def divergence(self, body: object) -> dict[str, Any]:
        fields = self._fields(body, "from", "intervention")
        given = self._given(fields)
        first = self._from(fields, given)
        if given.intervention is None:
            raise malformed("a divergence needs an intervention")
        refuse_head_adapter(given.adapter)
        count = len(given.tokens) - first
        steered = Job(new_key(), Spec(given.intervention), hidden=True)
        unsteered = Job(new_key(), hidden=True)
        try:
            await self._run(steered, given)
            await self._run(unsteered, Given(given.tokens, None, spec_text_of(None), given.adapter))
            # the row before a token's own is the one that predicts it
            found = await self._engine.workers.divergence(steered.key, unsteered.key, first - 1, count)
            outcome = await self._engine.outcome(steered, len(given.tokens) - 1)
        finally:
            self._engine.workers.forget(unsteered.key)
        if found is None:
            raise not_proved("No worker of this server has the logits.")
        kl, reverse = (encode_floats(np.frombuffer(found[name], dtype="<f4")) for name in ("kl", "reverse"))
        return self._answer(kl=kl, reverse=reverse, receipt=outcome.receipt)

    def _fields(self, body: object, *own: str) -> Fields:
        fields = object_of(body, "the body")
        check_protocol(fields)
        only(fields, "the body", "protocol", "model", "tokens", *own)
        return fields

    def _given(self, fields: Fields) -> Given:
        tokens = counts_of(list_of(fields, "tokens"), "tokens")
        intervention = optional(fields, "intervention", intervention_of)
        admission = self._engine.admission
        admission.check_given_tokens(tokens, intervention)
        if intervention is not None:
            admission.check_able()
            admission.check_intervention(intervention)
        return Given(tokens, intervention, spec_text_of(fields.get("intervention")), self._adapter(fields))

    def _adapter(self, fields: Fields) -> Any:
        """vLLM's request for the adapter that is served under a name. Raises MODEL_UNKNOWN."""
        if "model" not in fields:
            return None
        name = text_of(fields["model"], "model")
        if self._models.is_base_model(name):
            return None
        found = self._models.lora_requests.get(name)
        if found is None:
            known = [each.name for each in self._models.base_model_paths] + list(self._models.lora_requests)
            raise Refusal(
                "MODEL_UNKNOWN",
                what=f'This server serves nothing as "{name}".',
                why=f"It serves {', '.join(known)}.",
                todo="Use one of these names, or start the server with --lora-modules.",
                facts={"model": name, "known": known},
            )
        return found

    def _from(self, fields: Fields, given: Given) -> int:
        first = count_of(fields, "from")
        if not 1 <= first < len(given.tokens):
            raise invalid(
                f"The request begins at token {first}.",
                f"It has {len(given.tokens)} tokens, and the first can't be predicted.",
                "Give an index from 1 to the last token.",
            )
        return first

    async def _run(self, job: Job, given: Given, **sampling: Any) -> Any:
        """The last output of a request of these tokens."""
        from vllm.sampling_params import RequestOutputKind, SamplingParams

        params = SamplingParams(
            max_tokens=1,
            temperature=0.0,
            detokenize=False,
            output_kind=RequestOutputKind.FINAL_ONLY,
            **sampling,
        )
        last = None
        running = self._engine.run(
            job,
            given.spec_text,
            tokens_prompt(given.tokens),
            params,
            f"countersteer-{job.key}",
            lora_request=given.adapter,
        )
        async with aclosing(running) as outputs:
            async for output in outputs:
                last = output
        if last is None or not last.finished:
            raise not_proved("vLLM ended the request before it was done.")
        return last

    def _answer(self, **fields: Any) -> dict[str, Any]:
        return {"protocol": PROTOCOL, "instance": self._engine.instance, **fields}


def spec_text_of(intervention: object) -> str:
    """The text that workers parse; what the client sent was checked before."""
    spec: dict[str, object] = {"protocol": PROTOCOL}
    return json.dumps(spec if intervention is None else {**spec, "intervention": intervention})


def refuse_head_adapter(adapter: Any) -> None:
    """Both distributions are computed by the model's own head, without adapters."""
    if adapter is None:
        return
    path = Path(adapter.lora_path) / "adapter_config.json"
    config: Mapping[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    touched: Sequence[str] = [*(config.get("target_modules") or []), *(config.get("modules_to_save") or [])]
    if not config or "lm_head" in touched or config.get("target_modules") == "all-linear":
        raise invalid(
            f"The adapter {adapter.lora_name} may change the model's head.",
            "A divergence is computed by the head of the model itself.",
            "Use an adapter that leaves lm_head alone.",
        )
