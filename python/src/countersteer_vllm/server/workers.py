"""Calls into the workers of every engine behind this API server. They run between two steps, so that what is ready at once goes in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from countersteer_vllm.errors import Refusal


@dataclass
class Outcome:
    """A request's results, joined from the workers that have parts of them."""

    receipt: dict[str, Any] | None = None
    recorded: dict[str, Any] | None = None
    captured: dict[str, Any] | None = None


@dataclass
class _Pending:
    wanted: tuple[str, int]
    future: asyncio.Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Workers:
    def __init__(self, engine_client: Any) -> None:
        self._core = engine_client.engine_core
        self._pending: list[_Pending] = []
        self._taking: asyncio.Task[None] | None = None
        # a task that nobody holds may be collected before it ran
        self._background: set[asyncio.Task[Any]] = set()

    async def describe(self) -> list[Mapping[str, Any] | None]:
        return await self._call("countersteer_describe")

    async def take(self, key: str, rows: int) -> Outcome:
        """What was done to the first `rows` rows of a finished request. Raises what went wrong with it on a worker."""
        pending = _Pending((key, rows))
        self._pending.append(pending)
        if self._taking is None or self._taking.done():
            self._taking = asyncio.create_task(self._take_all())
        return await pending.future

    def forget(self, key: str) -> None:
        """Of a request whose client went away."""
        task = asyncio.create_task(self._call("countersteer_forget", [key]))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def divergence(
        self, steered: str, unsteered: str, first: int, count: int
    ) -> Mapping[str, bytes] | None:
        found = await self._call("countersteer_divergence", steered, unsteered, first, count)
        return next((each for each in found if each is not None), None)

    async def _take_all(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            try:
                answers = await self._call("countersteer_take", [list(each.wanted) for each in batch])
            except Exception as error:
                for each in batch:
                    if not each.future.done():
                        each.future.set_exception(error)
                continue
            for each in batch:
                if not each.future.done():
                    _settle(each, [answer.get(each.wanted[0]) or {} for answer in answers if answer])

    async def _call(self, method: str, *arguments: object) -> list[Any]:
        """One answer from each worker of each engine."""
        engines = await self._core.call_utility_all_async("collective_rpc", method, None, arguments, None)
        return [answer for workers in engines for answer in workers]


def _settle(pending: _Pending, parts: Sequence[Mapping[str, Any]]) -> None:
    error = next((part["error"] for part in parts if "error" in part), None)
    if error is not None:
        pending.future.set_exception(Refusal.of(error))
        return
    outcome = Outcome()
    for part in parts:
        outcome.receipt = part.get("receipt", outcome.receipt)
        outcome.recorded = part.get("recorded", outcome.recorded)
        outcome.captured = part.get("captured", outcome.captured)
    pending.future.set_result(outcome)
