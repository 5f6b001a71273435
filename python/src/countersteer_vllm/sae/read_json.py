"""Configuration files, checked field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from countersteer_vllm.errors import unreadable


class Config:
    """A JSON object; what a field holds is asked for by type. Raises SAE_UNREADABLE."""

    def __init__(self, path: str, fields: Mapping[str, object]) -> None:
        self.path = path
        self.fields = fields

    @classmethod
    def read(cls, path: str) -> Config:
        try:
            data = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise unreadable(path, f"It is no readable JSON: {error}.") from error
        if not isinstance(data, dict):
            raise unreadable(path, "It is no JSON object.")
        return cls(path, data)

    def part(self, name: str) -> Config:
        value = self.fields.get(name)
        return Config(self.path, value if isinstance(value, dict) else {})

    def text(self, name: str) -> str | None:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def flag(self, name: str) -> bool | None:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def count(self, name: str) -> int | None:
        value = self.fields.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self._wrong(name, "a whole number")
        return value

    def size(self, name: str) -> int:
        value = self.count(name)
        if not value:
            raise self._wrong(name, "a whole number above 0")
        return value

    def number(self, name: str) -> float | None:
        value = self.fields.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self._wrong(name, "a number")
        return None if value is None else float(value)

    def _wrong(self, name: str, expected: str) -> Exception:
        return unreadable(
            self.path, f"Its field {name} is {self.fields.get(name)!r}, not {expected}.", field=name
        )
