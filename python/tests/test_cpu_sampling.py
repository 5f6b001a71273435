"""Generators of requests whose token is thrown away are not drawn from, and are there again afterwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from countersteer_vllm.worker.cpu_sampling import patch_cpu_sampling


def make_runner(device: str, seen: list[dict[int, str]], *, fails: bool = False) -> Any:
    class Runner:
        def __init__(self) -> None:
            self.device = SimpleNamespace(type=device)
            self.discard_request_mask = SimpleNamespace(np=np.array([True, False, True, True]))
            self.input_batch = SimpleNamespace(num_reqs=3, generators={0: "a", 1: "b"})

        def sample_tokens(self, grammar: object) -> object:
            seen.append(dict(self.input_batch.generators))
            if fails:
                raise RuntimeError("no")
            return grammar

    patch_cpu_sampling(Runner)
    return Runner()


def test_on_the_cpu_they_are_put_aside_for_the_step() -> None:
    seen: list[dict[int, str]] = []
    runner = make_runner("cpu", seen)
    assert runner.sample_tokens("grammar") == "grammar"
    assert seen == [{1: "b"}]
    assert runner.input_batch.generators == {0: "a", 1: "b"}


def test_a_step_that_fails_gives_them_back_too() -> None:
    runner = make_runner("cpu", [], fails=True)
    with pytest.raises(RuntimeError):
        runner.sample_tokens(None)
    assert runner.input_batch.generators == {0: "a", 1: "b"}


def test_on_a_gpu_vllm_does_it_itself() -> None:
    seen: list[dict[int, str]] = []
    make_runner("cuda", seen).sample_tokens(None)
    assert seen == [{0: "a", 1: "b"}]
