"""The plug-in's part of one worker: hooks on the blocks it holds, and what its model runner tells at each step."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, TypedDict

import torch

from countersteer_vllm.errors import ErrorRecord
from countersteer_vllm.fitness import block_refusal, precision_refusal, startup_refusal
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.worker.divergence import Divergence, divergence_of
from countersteer_vllm.worker.latents import Library
from countersteer_vllm.worker.step import Scheduled, StepRunner
from countersteer_vllm.worker.tracker import Result, Tracker

BLOCK = re.compile(r"(?:^|\.)layers\.(\d+)$")
# parts of a model that read no text
OTHER_TOWERS = re.compile(r"vision|visual|audio|encoder")


class Description(TypedDict):
    block: str | None
    layers: list[int]
    refusal: ErrorRecord | None


class Steering:
    def __init__(self, worker: Any) -> None:
        from vllm.distributed.parallel_state import get_tp_group

        runner, config = worker.model_runner, worker.vllm_config
        self._runner = runner
        blocks = find_blocks(runner.get_model())
        kind = type(next(iter(blocks.values()))) if blocks else None
        refusal = (
            startup_refusal(config)
            or block_refusal(kind)
            or precision_refusal(torch.get_float32_matmul_precision())
        )
        self.description: Description = {
            "block": None if kind is None else kind.__name__,
            "layers": sorted(blocks),
            "refusal": refusal,
        }
        library = Library(SaeRegistry.from_environment(os.environ), runner.device)
        measures = get_tp_group().rank_in_group == 0
        self.tracker = Tracker(
            library,
            logged=blocks if measures else (),
            d_model=config.model_config.get_hidden_size(),
            decode=_decoder(config),
        )
        self.steps = StepRunner(self.tracker, library, layers=list(blocks), measures=measures)
        # a model that can't be steered is served as it is
        for layer, block in blocks.items() if refusal is None else ():
            block.register_forward_hook(self._hook(layer))

    def _hook(self, layer: int) -> Any:
        def on_output(_block: Any, _arguments: Any, output: Any) -> None:
            self.steps.on_output(layer, output)

        return on_output

    def begin_step(self, scheduler_output: Any) -> None:
        """Before the runner takes in a step's requests."""
        self.tracker.finish(scheduler_output.finished_req_ids)
        for new in scheduler_output.scheduled_new_reqs:
            if new.sampling_params is not None:
                self.tracker.start(
                    new.req_id, new.sampling_params.extra_args, len(new.prompt_token_ids or ())
                )

    def plan_step(self, counts: Sequence[int]) -> None:
        """After the runner laid out the batch: rows lie in the order of its requests, `counts[i]` of each."""
        batch = self._runner.input_batch
        starts = batch.num_computed_tokens_cpu
        scheduled = [
            Scheduled(request_id, int(count), int(starts[i]))
            for i, (request_id, count) in enumerate(zip(batch.req_ids, counts, strict=True))
        ]
        self.steps.plan(scheduled, lambda first, end: self._runner.input_ids.gpu[first:end].tolist())

    def end_forward(self, output: object) -> None:
        self.steps.check_done()
        self.steps.keep_hidden(output)

    def take(self, wanted: Sequence[tuple[str, int]]) -> dict[str, Result]:
        """Results of finished requests by key, of their first rows; they are gone afterwards."""
        found = {key: self.tracker.result(key, rows) for key, rows in wanted}
        self.tracker.forget(found)
        return found

    def divergence(self, steered: str, unsteered: str, first: int, count: int) -> Divergence | None:
        """Of the rows `[first, first + count)` of two requests whose hidden rows were kept; None where this worker has none."""
        requests = [self.tracker.by_key(key) for key in (steered, unsteered)]
        self.tracker.forget([unsteered])
        rows = [_hidden(request.hidden, first, count) for request in requests if request is not None]
        if len(rows) < 2 or any(each is None for each in rows):
            return None
        return divergence_of(self._runner.get_model(), *[each for each in rows if each is not None])


def find_blocks(model: Any) -> dict[int, Any]:
    """The blocks that this worker holds, by their number in the whole model."""
    found: dict[int, Any] = {}
    for name, module in model.named_modules():
        match = BLOCK.search(name)
        # another worker of the pipeline holds what is missing here
        if match is not None and not OTHER_TOWERS.search(name) and type(module).__name__ != "PPMissingLayer":
            found[int(match[1])] = module
    return found


def _hidden(parts: Sequence[Any], first: int, count: int) -> torch.Tensor | None:
    rows: dict[int, torch.Tensor] = {}
    for part in parts:
        rows |= {part.first_position + i: row for i, row in enumerate(part.rows)}
    wanted = range(first, first + count)
    return torch.stack([rows[position] for position in wanted]) if all(p in rows for p in wanted) else None


def _decoder(config: Any) -> Any:
    """Text of tokens without control tokens; the tokenizer is loaded when it is first needed."""

    def decode(tokens: list[int]) -> str:
        from vllm.tokenizers.registry import cached_tokenizer_from_config

        return str(cached_tokenizer_from_config(config.model_config).decode(tokens, skip_special_tokens=True))

    return decode
