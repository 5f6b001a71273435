"""Runs requests with a job through vLLM's engine, and brings back what was done to them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from countersteer_vllm.admission import Admission
from countersteer_vllm.errors import Refusal, invalid
from countersteer_vllm.floats import encode_floats
from countersteer_vllm.job_wire import JOB_KEY, job_text
from countersteer_vllm.server.token_text import decode_steps, kept_tokens, offsets_of
from countersteer_vllm.server.workers import Outcome, Workers
from countersteer_vllm.spec import XARGS_KEY, Job
from countersteer_vllm.versions import PROTOCOL

# the attribute of a finished output that carries the extra field of the answer
EXTRA = "countersteer"
Generate = Callable[..., AsyncGenerator[Any, None]]


@dataclass
class Finished:
    """What the outputs of a request add up to, however vLLM sent them."""

    prompt: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    last: Any = None

    def add(self, output: Any, *, is_delta: bool) -> None:
        (part,) = output.outputs
        if output.prompt_token_ids:
            self.prompt = list(output.prompt_token_ids)
        self.tokens = [*self.tokens, *part.token_ids] if is_delta else list(part.token_ids)
        self.text = self.text + part.text if is_delta else part.text
        self.last = output


class SteeredEngine:
    """One to an API server. `generate` is vLLM's own, not the patched one."""

    def __init__(
        self, engine_client: Any, generate: Generate, admission: Admission, *, instance: str
    ) -> None:
        self.client = engine_client
        self.admission = admission
        self.workers = Workers(engine_client)
        self.instance = instance
        # a request of a route that answers with receipts carries it; a client can't know it
        self.ticket = uuid.uuid4().hex
        self._generate = generate

    async def run(
        self, job: Job, spec_text: str, prompt: Any, sampling: Any, request_id: str, **named: Any
    ) -> AsyncGenerator[Any, None]:
        """Outputs as vLLM's `generate`. Raises REQUEST_INVALID for what can't be steered."""
        if sampling.n != 1:
            raise invalid(
                f"The request asks for {sampling.n} answers.",
                "A receipt is of one.",
                "Send a request for each.",
            )
        if not isinstance(prompt, dict):
            raise invalid("The prompt is of a kind that is not known.", "Its cache can't be kept apart.")
        params = sampling.clone()
        own = {
            name: value
            for name, value in (params.extra_args or {}).items()
            if name not in (XARGS_KEY, JOB_KEY)
        }
        if job.computes_own_rows:
            params.extra_args = {**own, XARGS_KEY: spec_text, JOB_KEY: job_text(job)}
            # what another request left in the cache did not pass this one's hooks, and this one's rows are for nobody else
            params.skip_reading_prefix_cache = True
            prompt = {**prompt, "cache_salt": f"{prompt.get('cache_salt') or ''}|countersteer:{job.key}"}
        else:
            params.extra_args = own or None
        finished = False
        try:
            async with aclosing(self._generate(self.client, prompt, params, request_id, **named)) as outputs:
                async for output in outputs:
                    finished = output.finished
                    yield output
        finally:
            if not finished and job.computes_own_rows:
                self.workers.forget(job.key)

    async def answer(
        self, spec_text: str, job: Job, prompt: Any, sampling: Any, request_id: str, **named: Any
    ) -> AsyncGenerator[Any, None]:
        """As `run`, with the extra field of the answer on the last output. Raises EDIT_NOT_APPLIED rather than answer without proof."""
        from vllm.sampling_params import RequestOutputKind

        is_delta = sampling.output_kind == RequestOutputKind.DELTA
        whole = Finished()
        async with aclosing(self.run(job, spec_text, prompt, sampling, request_id, **named)) as outputs:
            async for output in outputs:
                whole.add(output, is_delta=is_delta)
                if output.finished:
                    setattr(output, EXTRA, await self._extra(job, whole))
                yield output

    async def _extra(self, job: Job, whole: Finished) -> dict[str, Any]:
        (part,) = whole.last.outputs
        is_cut = part.finish_reason == "stop" and isinstance(part.stop_reason, str)
        ends = part.finish_reason == "stop" and not is_cut
        tokens = whole.tokens[:-1] if ends else whole.tokens
        offsets = offsets_of(tokens, decode_steps(self.client.get_tokenizer(), whole.prompt))
        kept = kept_tokens(offsets, whole.text, is_cut=is_cut)
        # the last sampled token was never fed
        fed = len(whole.prompt) + len(whole.tokens) - 1
        outcome = await self.outcome(job, fed)
        return {
            "protocol": PROTOCOL,
            "instance": self.instance,
            "promptTokens": len(whole.prompt),
            "tokens": tokens[:kept],
            "offsets": offsets[:kept],
            "text": whole.text,
            "finish": "stop-string" if is_cut else "stop" if ends else "length",
            "receipt": outcome.receipt,
            "recorded": recorded_of(outcome, min(fed, len(whole.prompt) + kept)),
        }

    async def outcome(self, job: Job, rows: int) -> Outcome:
        """Raises EDIT_NOT_APPLIED where there is no proof of an edit, or nothing to show of a reading."""
        if not job.computes_own_rows:
            return Outcome()
        outcome = await self.workers.take(job.key, rows)
        intervention = job.spec.intervention
        if intervention is not None and intervention.edits:
            check_receipt(outcome, intervention.layer)
        missing = (job.spec.record is not None and outcome.recorded is None) or (
            job.capture is not None and outcome.captured is None
        )
        if missing:
            raise not_proved("No worker of this server has what was to be read.")
        return outcome


def check_receipt(outcome: Outcome, layer: int) -> None:
    receipt = outcome.receipt
    if receipt is None:
        raise not_proved("No worker of this server has a receipt of the intervention.")
    if receipt["rowsEdited"] == 0:
        raise Refusal(
            "EDIT_NOT_APPLIED",
            what="The intervention of the request touched no row.",
            why="Its position policy selected none of the tokens that were fed.",
            todo="Use another position policy, or allow more tokens.",
            facts={"layer": layer},
        )


def not_proved(why: str) -> Refusal:
    return Refusal(
        "EDIT_NOT_APPLIED",
        what="The answer is withheld.",
        why=why,
        todo="Start the server again, and look at its log.",
    )


def recorded_of(outcome: Outcome, rows: int) -> dict[str, Any] | None:
    """The first rows of what was recorded, as they cross HTTP."""
    recorded = outcome.recorded
    if recorded is None:
        return None
    columns = recorded["columns"]
    values = np.frombuffer(recorded["values"], dtype="<f4")
    if recorded["rows"] < rows:
        raise not_proved(f"{recorded['rows']} rows were recorded where there should be {rows}.")
    return {"rows": rows, "columns": columns, "values": encode_floats(values[: rows * columns])}


def new_key() -> str:
    return uuid.uuid4().hex


def tokens_prompt(tokens: Sequence[int]) -> dict[str, Any]:
    return {"type": "token", "prompt_token_ids": list(tokens)}
