"""Where the plug-in takes hold of vLLM's worker and model runner (0.32). Each wrapped method does what it did, and tells `Steering`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from countersteer_vllm.worker.cpu_sampling import patch_cpu_sampling
from countersteer_vllm.worker.steering import Description, Steering

MARK = "_countersteer"


def patch_worker() -> None:
    """Loaded in every process, more than once: the second time does nothing."""
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner
    from vllm.v1.worker.gpu_worker import Worker

    if hasattr(Worker, MARK):
        return
    setattr(Worker, MARK, True)
    _patch_loading(Worker)
    _patch_steps(GPUModelRunner)
    patch_cpu_sampling(GPUModelRunner)
    _add_calls(Worker)


def _patch_loading(worker: Any) -> None:
    load_model = worker.load_model

    def load_and_attach(self: Any, *args: Any, **kwargs: Any) -> Any:
        loaded = load_model(self, *args, **kwargs)
        setattr(self.model_runner, MARK, Steering(self))
        return loaded

    worker.load_model = load_and_attach


def _patch_steps(runner: Any) -> None:
    update_states, prepare_inputs = runner._update_states, runner._prepare_inputs
    model_forward, execute_model = runner._model_forward, runner.execute_model

    def update_and_begin(self: Any, scheduler_output: Any, *args: Any, **kwargs: Any) -> Any:
        steering = getattr(self, MARK, None)
        if steering is not None:
            steering.begin_step(scheduler_output)
        return update_states(self, scheduler_output, *args, **kwargs)

    def prepare_and_plan(self: Any, scheduler_output: Any, counts: Any, *args: Any, **kwargs: Any) -> Any:
        prepared = prepare_inputs(self, scheduler_output, counts, *args, **kwargs)
        steering = getattr(self, MARK, None)
        if steering is not None:
            steering.plan_step(counts)
        return prepared

    def forward_and_check(self: Any, *args: Any, **kwargs: Any) -> Any:
        output = model_forward(self, *args, **kwargs)
        steering = getattr(self, MARK, None)
        if steering is not None:
            steering.end_forward(output)
        return output

    def execute_and_clear(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return execute_model(self, *args, **kwargs)
        finally:
            # no plan outlives its step: dummy runs pass the hooks too
            steering = getattr(self, MARK, None)
            if steering is not None:
                steering.steps.clear()

    runner._update_states, runner._prepare_inputs = update_and_begin, prepare_and_plan
    runner._model_forward, runner.execute_model = forward_and_check, execute_and_clear


def _add_calls(worker: Any) -> None:
    """What the API server calls by `collective_rpc`."""

    def steering_of(self: Any) -> Steering | None:
        return getattr(self.model_runner, MARK, None)

    def describe(self: Any) -> Description | None:
        steering = steering_of(self)
        return None if steering is None else steering.description

    def take(self: Any, wanted: Sequence[tuple[str, int]]) -> Any:
        steering = steering_of(self)
        return {} if steering is None else steering.take(wanted)

    def forget(self: Any, keys: Sequence[str]) -> None:
        steering = steering_of(self)
        if steering is not None:
            steering.tracker.forget(keys)

    def divergence(self: Any, steered: str, unsteered: str, first: int, count: int) -> Any:
        steering = steering_of(self)
        return None if steering is None else steering.divergence(steered, unsteered, first, count)

    worker.countersteer_describe, worker.countersteer_take = describe, take
    worker.countersteer_forget, worker.countersteer_divergence = forget, divergence
