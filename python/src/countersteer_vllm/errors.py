"""Refusals, with the codes of Countersteer (`src/errors.ts`, `docs/errors/`). The text is in the order: what, why, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict, get_args

ErrorCode = Literal[
    "REQUEST_INVALID",
    "LIBRARY_MISMATCH",
    "MODEL_UNKNOWN",
    "MODEL_UNSUPPORTED",
    "LAYER_OUT_OF_RANGE",
    "LATENT_UNKNOWN",
    "SAE_MISMATCH",
    "SAE_UNREADABLE",
    "SAE_UNSUPPORTED",
    "CONTEXT_OVERFLOW",
    "PROMPT_EMPTY",
    "EDIT_NOT_APPLIED",
    "ENGINE_CRASHED",
]
CODES: tuple[ErrorCode, ...] = get_args(ErrorCode)


class ErrorRecord(TypedDict):
    """The plain form that crosses processes and HTTP."""

    code: ErrorCode
    what: str
    why: str
    todo: str
    facts: dict[str, object]


class Refusal(Exception):  # noqa: N818  it is what the house calls it
    """An error that a user can act on."""

    def __init__(
        self, code: ErrorCode, *, what: str, why: str, todo: str, facts: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{what} {why} {todo}")
        self.record: ErrorRecord = {
            "code": code,
            "what": what,
            "why": why,
            "todo": todo,
            "facts": dict(facts or {}),
        }

    @property
    def code(self) -> ErrorCode:
        return self.record["code"]

    @classmethod
    def of(cls, record: ErrorRecord) -> Refusal:
        return cls(
            record["code"], what=record["what"], why=record["why"], todo=record["todo"], facts=record["facts"]
        )


def crashed(error: BaseException) -> Refusal:
    """What was not foreseen, as a refusal of the request in which it happened."""
    return Refusal(
        "ENGINE_CRASHED",
        what=f"Steering failed on the server: {type(error).__name__}: {error}.",
        why="This error was not foreseen.",
        todo="Report it with the server's log.",
    )


def invalid(what: str, why: str, todo: str = "Correct the request.", **facts: object) -> Refusal:
    return Refusal("REQUEST_INVALID", what=what, why=why, todo=todo, facts=facts)


def unreadable(path: str, why: str, **facts: object) -> Refusal:
    return Refusal(
        "SAE_UNREADABLE",
        what=f"{path} can't be read.",
        why=why,
        todo="Put the file there again, and compare its size with the original.",
        facts={"path": path, **facts},
    )


def unsupported(path: str, field: str, value: object, known: str) -> Refusal:
    return Refusal(
        "SAE_UNSUPPORTED",
        what=f"{path} has {field} = {value!r}.",
        why=f"Supported: {known}.",
        todo="Use another SAE, or convert it with SAELens to a supported form (for example by folding the norms).",
        facts={"path": path, "field": field, "value": str(value)},
    )
