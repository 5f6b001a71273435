"""Reads the pickle of a torch file that holds a state dictionary, and nothing else.

A pickle is a program. `pickletools.genops` only lists its instructions; this machine knows the few that a dictionary of tensors
needs, calls nothing, and refuses every other instruction and every other name.
"""

from __future__ import annotations

import pickletools
from collections.abc import Mapping
from dataclasses import dataclass

from countersteer_vllm.errors import Refusal, unreadable
from countersteer_vllm.sae.tensor import FloatDtype

STORAGES: Mapping[str, FloatDtype] = {
    "torch DoubleStorage": "float64",
    "torch FloatStorage": "float32",
    "torch HalfStorage": "float16",
    "torch BFloat16Storage": "bfloat16",
}
DICT = "collections OrderedDict"
TENSOR = "torch._utils _rebuild_tensor_v2"
PARAMETER = "torch._utils _rebuild_parameter"
GLOBALS = {DICT, TENSOR, PARAMETER, *STORAGES}
CONSTANTS: Mapping[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
WITH_ARGUMENT = {"BININT", "BININT1", "BININT2", "LONG1", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


@dataclass(frozen=True)
class Global:
    name: str


@dataclass(frozen=True)
class Storage:
    dtype: FloatDtype
    # name of the member below `data/`
    key: str
    elements: int


@dataclass(frozen=True)
class PickledTensor:
    storage: Storage
    offset: int
    shape: tuple[int, ...]
    # in elements
    strides: tuple[int, ...]


class _Mark:
    pass


MARK = _Mark()


def unpickle_tensors(path: str, data: bytes) -> dict[str, PickledTensor]:
    """Raises SAE_UNSUPPORTED naming what is refused, SAE_UNREADABLE for a damaged pickle."""
    try:
        value = _Machine(path).run(data)
    except (ValueError, IndexError, KeyError, EOFError, UnicodeDecodeError, TypeError) as error:
        raise unreadable(path, f"Its pickle is damaged: {error}.") from error
    if not isinstance(value, dict):
        raise _forbidden(path, "something else than a dictionary")
    for name, entry in value.items():
        if not isinstance(entry, PickledTensor):
            raise _forbidden(path, f'an entry "{name}" that is no tensor')
    return value


class _Machine:
    def __init__(self, path: str) -> None:
        self._path = path
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}

    def run(self, data: bytes) -> object:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name == "STOP":
                return self._stack.pop()
            self._step(opcode.name, argument)
        raise ValueError("it has no end")

    def _step(self, name: str, argument: object) -> None:  # noqa: PLR0912  one branch for each instruction
        stack = self._stack
        if name in ("PROTO", "FRAME"):
            return
        if name in WITH_ARGUMENT:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            stack.append(MARK)
        elif name == "EMPTY_TUPLE":
            stack.append(())
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name in TUPLES:
            stack.append(self._pop_many(TUPLES[name]))
        elif name == "TUPLE":
            stack.append(tuple(self._pop_to_mark()))
        elif name in ("BINPUT", "LONG_BINPUT") and isinstance(argument, int):
            self._memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET") and isinstance(argument, int):
            stack.append(self._memo[argument])
        elif name == "GLOBAL":
            self._push_global(str(argument))
        elif name == "STACK_GLOBAL":
            module, attribute = self._pop_many(2)
            self._push_global(f"{module} {attribute}")
        elif name == "BINPERSID":
            stack.append(self._storage(stack.pop()))
        elif name == "REDUCE":
            self._reduce()
        elif name == "SETITEM":
            self._set_items(list(self._pop_many(2)))
        elif name == "SETITEMS":
            self._set_items(self._pop_to_mark())
        elif name == "BUILD":
            self._build()
        else:
            raise _forbidden(self._path, f"the instruction {name}")

    def _pop_many(self, count: int) -> tuple[object, ...]:
        items = tuple(self._stack[-count:])
        if len(items) != count:
            raise ValueError("its stack is empty")
        del self._stack[-count:]
        return items

    def _pop_to_mark(self) -> list[object]:
        items = []
        while (value := self._stack.pop()) is not MARK:
            items.append(value)
        return items[::-1]

    def _push_global(self, name: str) -> None:
        if name not in GLOBALS:
            raise _forbidden(self._path, f"the global {name.replace(' ', '.')}")
        self._stack.append(Global(name))

    def _storage(self, described: object) -> Storage:
        match described:
            case ("storage", Global(kind), str(key), str(), int(elements)) if kind in STORAGES:
                return Storage(STORAGES[kind], key, elements)
        raise ValueError("a storage is not described as torch does")

    def _reduce(self) -> None:
        match self._pop_many(2):
            case (Global(name), ()) if name == DICT:
                self._stack.append({})
            case (Global(name), (Storage() as storage, int(offset), tuple(shape), tuple(strides), *_)) if (
                name == TENSOR and _are_counts((offset, *shape, *strides)) and len(shape) == len(strides)
            ):
                self._stack.append(PickledTensor(storage, offset, shape, strides))
            case (Global(name), (PickledTensor() as tensor, *_)) if name == PARAMETER:
                self._stack.append(tensor)
            case _:
                raise ValueError("something is called with other things than torch gives it")

    def _set_items(self, items: list[object]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict):
            raise ValueError("items are set on no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str):
                raise ValueError("a key is no text")
            target[key] = value

    def _build(self) -> None:
        # torch hangs a `_metadata` on the dictionary that a module makes; it says nothing about the numbers
        state = self._stack.pop()
        if not isinstance(state, dict) or not isinstance(self._stack[-1], dict):
            raise _forbidden(self._path, "the instruction BUILD")


def _are_counts(values: tuple[object, ...]) -> bool:
    return all(isinstance(value, int) and value >= 0 for value in values)


def _forbidden(path: str, what: str) -> Refusal:
    return Refusal(
        "SAE_UNSUPPORTED",
        what=f"{path} contains {what}, which is refused; nothing of the file was run.",
        why="A torch file is a program. Only what a dictionary of tensors needs is understood, so that a file can't do anything.",
        todo="If you trust the file, open it in Python and save its tensors alone, best as safetensors.",
        facts={"path": path},
    )
