"""Seeded sampling on vLLM's CPU build (0.32).

A prompt that is computed in chunks has its sampled token thrown away after every chunk but the last. vLLM then takes the draw back by setting the
request's generator back by 4, which generators on a GPU can do; on the CPU that ends the server ("CPU Generator does not use offset"). Here the
generators of such requests are put aside while a step samples: nothing is drawn from them, so nothing has to be taken back.
"""

from __future__ import annotations

from typing import Any


def patch_cpu_sampling(runner: Any) -> None:
    sample_tokens = runner.sample_tokens

    def sample_with_kept_generators(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.device.type != "cpu":
            return sample_tokens(self, *args, **kwargs)
        batch = self.input_batch
        thrown_away = self.discard_request_mask.np[: batch.num_reqs]
        # the sampler holds the same mapping, so that what is taken out here is not drawn from there
        aside = {row: batch.generators.pop(row) for row in list(batch.generators) if thrown_away[row]}
        try:
            return sample_tokens(self, *args, **kwargs)
        finally:
            batch.generators.update(aside)

    runner.sample_tokens = sample_with_kept_generators
