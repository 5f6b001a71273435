"""A refusal as vLLM passes it on, and as HTTP answers it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from vllm.exceptions import VLLMValidationError

from countersteer_vllm.errors import ErrorRecord, Refusal

STATUS = 400
PARAMETER = "vllm_xargs.countersteer"


class SteeringRefusedError(VLLMValidationError):
    """vLLM lets its own validation errors through to the client unchanged."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal), parameter=PARAMETER)
        self.record = refusal.record


def refusal_body(record: ErrorRecord) -> dict[str, Any]:
    return {
        "error": {
            "message": f"{record['what']} {record['why']} {record['todo']}",
            "type": "CountersteerError",
            "param": PARAMETER,
            "code": STATUS,
        },
        "countersteer": record,
    }


def refusal_event(record: ErrorRecord) -> str:
    """As the event of a stream."""
    return f"data: {json.dumps(refusal_body(record))}\n\n"


def add_handlers(app: FastAPI) -> None:
    async def answer_refused(_request: Request, error: SteeringRefusedError) -> JSONResponse:
        return JSONResponse(refusal_body(error.record), status_code=STATUS)

    async def answer_refusal(_request: Request, error: Refusal) -> JSONResponse:
        return JSONResponse(refusal_body(error.record), status_code=STATUS)

    app.add_exception_handler(SteeringRefusedError, answer_refused)
    app.add_exception_handler(Refusal, answer_refusal)
