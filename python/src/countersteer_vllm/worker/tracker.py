"""All requests that a worker steers or reads, from their first step until their results are taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypedDict

from countersteer_vllm.errors import Refusal, crashed
from countersteer_vllm.floats import Floats
from countersteer_vllm.job_wire import JOB_KEY, job_of
from countersteer_vllm.spec import XARGS_KEY, Job
from countersteer_vllm.worker.latents import Library
from countersteer_vllm.worker.receipt import Receipt, receipt_of
from countersteer_vllm.worker.row_log import RowLog
from countersteer_vllm.worker.tracked import Decode, Tracked, track

# results that nobody took for so long are of a client that went away
FORGOTTEN_SECONDS = 600.0


class Matrix(TypedDict):
    rows: int
    columns: int
    # float32, row-major
    values: bytes


class Result(TypedDict, total=False):
    """What crosses from a worker to the API server; every part is absent where this worker does not have it."""

    error: object
    receipt: Receipt
    recorded: Matrix
    captured: Matrix


class Tracker:
    """`logged` are the layers whose log this worker keeps: none where another one holds the same rows and keeps it."""

    def __init__(
        self,
        library: Library,
        *,
        logged: Iterable[int],
        d_model: int,
        decode: Decode,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._logged = frozenset(logged)
        self._d_model = d_model
        self._decode = decode
        self._now = now
        self._by_request: dict[str, Tracked] = {}
        self._by_key: dict[str, Tracked] = {}

    def start(self, request_id: str, extra_args: dict[str, object] | None, prompt_length: int) -> None:
        """Takes a request that begins; one without a job is not tracked. What goes wrong is the request's own error."""
        arguments = extra_args or {}
        text = arguments.get(JOB_KEY)
        if not isinstance(text, str):
            return
        job = job_of(arguments.get(XARGS_KEY), text)
        tracked = self._try_track(job, prompt_length)
        self._by_request[request_id] = tracked
        self._by_key[job.key] = tracked

    def _try_track(self, job: Job, prompt_length: int) -> Tracked:
        try:
            return track(job, prompt_length, self._library, self._decode)
        except Refusal as refusal:
            return Tracked(job, prompt_length, error=refusal.record)
        except Exception as error:
            return Tracked(job, prompt_length, error=crashed(error).record)

    def get(self, request_id: str) -> Tracked | None:
        return self._by_request.get(request_id)

    def by_key(self, key: str) -> Tracked | None:
        return self._by_key.get(key)

    def finish(self, request_ids: Iterable[str]) -> None:
        """Results stay until they are taken, or nobody came for them."""
        now = self._now()
        for request_id in request_ids:
            tracked = self._by_request.pop(request_id, None)
            if tracked is not None:
                tracked.finished_at = now
        old = [
            key
            for key, tracked in self._by_key.items()
            if tracked.finished_at is not None and now - tracked.finished_at > FORGOTTEN_SECONDS
        ]
        for key in old:
            del self._by_key[key]

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._by_key.pop(key, None)

    def result(self, key: str, rows: int) -> Result:
        """What was done to the first `rows` rows of a request."""
        tracked = self._by_key.get(key)
        if tracked is None:
            return {}
        if tracked.error is not None:
            return {"error": tracked.error}
        try:
            return self._result(tracked, rows)
        except Exception as error:
            return {"error": crashed(error).record}

    def _result(self, tracked: Tracked, rows: int) -> Result:
        found: Result = {}
        if tracked.edit is not None and tracked.edit.layer in self._logged:
            positions, measured = tracked.edits_log.rows(rows)
            found["receipt"] = receipt_of(
                layer=tracked.edit.layer,
                labels=tracked.edit.labels,
                positions=positions,
                rows=measured,
                prompt_tokens=tracked.prompt_tokens,
                d_model=self._d_model,
            )
        if tracked.recording is not None and tracked.recording.layer in self._logged:
            found["recorded"] = _matrix(tracked.recording.log, rows)
        if tracked.capture is not None and tracked.capture.layer in self._logged:
            found["captured"] = _matrix(tracked.capture.log, rows)
        return found


def _matrix(log: RowLog, limit: int) -> Matrix:
    _, values = log.rows(limit)
    return matrix_of(values)


def matrix_of(values: Floats) -> Matrix:
    rows, columns = values.shape
    return {"rows": rows, "columns": columns, "values": values.astype("<f4").tobytes()}
