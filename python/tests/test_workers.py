"""Results come from whichever worker has them; what went wrong on one is not answered by another."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from countersteer_vllm.errors import Refusal
from countersteer_vllm.server.workers import Outcome, Workers

RECEIPT = {"rowsEdited": 3}
ERROR = {"code": "SAE_UNREADABLE", "what": "a.", "why": "b.", "todo": "c.", "facts": {}}


class Core:
    """Two engines of two workers: the first engine ran `a`, the second `b`; the last worker failed at `c`."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    async def call_utility_all_async(
        self, method: str, call: str, _timeout: None, arguments: Any, _named: None
    ) -> Any:
        assert (method, call) == ("collective_rpc", "countersteer_take")
        self.calls.append([key for key, _ in arguments[0]])
        await asyncio.sleep(0)
        return [
            [{"a": {"receipt": RECEIPT}, "c": {"receipt": RECEIPT}}, {"a": {}}],
            [{"b": {"recorded": {"rows": 1}}}, {"b": {"receipt": RECEIPT}, "c": {"error": ERROR}}],
        ]


class DeadCore:
    async def call_utility_all_async(self, *_: object) -> Any:
        raise ConnectionError("gone")


class HearingCore:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def call_utility_all_async(
        self, _method: str, call: str, _timeout: None, arguments: Any, _: None
    ) -> Any:
        self.heard.append((call, *arguments[0]))
        return []


def workers_of(core: object) -> Workers:
    return Workers(SimpleNamespace(engine_core=core))


def test_parts_are_joined_and_errors_win() -> None:
    async def run() -> list[Outcome | BaseException]:
        workers = workers_of(Core())
        return await asyncio.gather(*[workers.take(key, 9) for key in "abcd"], return_exceptions=True)

    a, b, c, d = asyncio.run(run())
    assert a == Outcome(receipt=RECEIPT)
    assert b == Outcome(receipt=RECEIPT, recorded={"rows": 1})
    assert isinstance(c, Refusal) and c.code == "SAE_UNREADABLE"
    assert d == Outcome()


def test_what_finishes_at_once_goes_in_one_call() -> None:
    core = Core()

    async def run() -> None:
        workers = workers_of(core)
        await asyncio.gather(*[workers.take(f"key{i}", 1) for i in range(50)])

    asyncio.run(run())
    assert len(core.calls) == 1


def test_a_call_that_fails_is_heard_by_all_who_wait() -> None:
    async def run() -> list[Outcome | BaseException]:
        workers = workers_of(DeadCore())
        return await asyncio.gather(*[workers.take(key, 1) for key in "ab"], return_exceptions=True)

    assert all(isinstance(each, ConnectionError) for each in asyncio.run(run()))


def test_a_job_crosses_to_the_workers_unchanged() -> None:
    from countersteer_vllm.job_wire import job_of, job_text
    from countersteer_vllm.spec import CaptureTarget, Job, Record, Spec

    text = '{"protocol": 1, "record": {"layer": 2, "sae": "s", "latents": [4, 1]}}'
    job = Job(
        "k",
        Spec(record=Record(2, "s", (4, 1))),
        prompt_tokens=3,
        capture=CaptureTarget(1, "s", (9,)),
        hidden=True,
    )
    assert job_of(text, job_text(job)) == job
    plain = Job("k", Spec(record=Record(2, "s", (4, 1))))
    assert job_of(text, job_text(plain)) == plain


def test_forgetting_is_passed_on() -> None:
    core = HearingCore()

    async def run() -> None:
        workers = workers_of(core)
        for key in "xy":
            workers.forget(key)
        await asyncio.sleep(0.01)

    asyncio.run(run())
    assert core.heard == [("countersteer_forget", "x"), ("countersteer_forget", "y")]
