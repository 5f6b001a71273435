"""Which dictionaries a server knows, by name. Names come from the environment, so that every process of a server knows the same ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from countersteer_vllm.errors import Refusal
from countersteer_vllm.sae.dictionary import Dictionary
from countersteer_vllm.sae.open_dictionary import open_dictionary

NAMES = "COUNTERSTEER_SAES"
ROOT = "COUNTERSTEER_SAE_ROOT"


def parse_names(text: str) -> dict[str, str]:
    """`name=path` pairs separated by commas or line ends. Raises ValueError."""
    names = {}
    for part in re.split(r"[,\n]", text):
        if not part.strip():
            continue
        name, separator, path = part.partition("=")
        if not separator or not name.strip() or not path.strip():
            raise ValueError(f"{NAMES} has {part.strip()!r}, which is no name=path")
        names[name.strip()] = path.strip()
    return names


class SaeRegistry:
    """Opens each dictionary once."""

    def __init__(self, names: Mapping[str, str], root: str | None = None) -> None:
        self._names = dict(names)
        self._root = None if root is None else Path(root).resolve()
        self._open = lru_cache(maxsize=None)(open_dictionary)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> SaeRegistry:
        return cls(parse_names(environment.get(NAMES, "")), environment.get(ROOT) or None)

    @property
    def names(self) -> list[str]:
        """Names that were given; what lies below the root is not listed."""
        return list(self._names)

    def get(self, name: str) -> Dictionary:
        """Raises SAE_UNREADABLE for an unknown name, and what opening raises."""
        return self._open(self.path_of(name))

    def path_of(self, name: str) -> str:
        given = self._names.get(name)
        if given is not None:
            return given
        parts = PurePosixPath(name).parts
        if self._root is not None and parts and not name.startswith("/") and ".." not in parts:
            path = self._root / name
            if path.exists():
                return str(path)
        raise Refusal(
            "SAE_UNREADABLE",
            what=f'This server has no SAE "{name}".',
            why=f"It knows {', '.join(self._names) or 'none'}{'' if self._root is None else f', and what lies below {self._root}'}.",
            todo=f"Start it with {NAMES}=name=path, or put the SAE below {ROOT}.",
            facts={"sae": name, "known": list(self._names)},
        )
