"""What a request asks for, as types. They mean what `src/engine/engine.ts` says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from countersteer_vllm.floats import Floats

XARGS_KEY = "countersteer"


@dataclass(frozen=True)
class LatentDirection:
    """A latent's decoder direction; `sae` is the server's name of a dictionary."""

    sae: str
    latent: int


@dataclass(frozen=True, eq=False)
class VectorDirection:
    """Any vector, `[d_model]`."""

    vector: Floats


@dataclass(frozen=True)
class Add:
    """`h' = h + strength * direction`."""

    direction: LatentDirection | VectorDirection
    strength: float


@dataclass(frozen=True)
class Clamp:
    """`h' = h + share * (value - f_k(h)) * d_k`."""

    sae: str
    latent: int
    value: float
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class Replace:
    """`h' = decode(encode(h))`, 0, or one vector: `sae`, neither, or `vector`."""

    sae: str | None = None
    vector: Floats | None = None


Edit = Add | Clamp | Replace
PositionKind = Literal["all", "prompt", "generated", "range", "until-phrase"]


@dataclass(frozen=True)
class Positions:
    kind: PositionKind
    start: int = 0
    end: int = 0
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intervention:
    layer: int
    edits: tuple[Edit, ...]
    positions: Positions


@dataclass(frozen=True)
class Record:
    layer: int
    sae: str
    latents: tuple[int, ...]


@dataclass(frozen=True)
class Spec:
    intervention: Intervention | None = None
    record: Record | None = None


@dataclass(frozen=True)
class CaptureTarget:
    """Rows of a layer (`sae` is None), or latent values; no latents means all of the dictionary."""

    layer: int
    sae: str | None = None
    latents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Job:
    """A spec, and what the server adds to it on the way to the workers."""

    key: str
    spec: Spec = field(default_factory=Spec)
    # where the response begins in given tokens; None is the prompt's own length
    prompt_tokens: int | None = None
    capture: CaptureTarget | None = None
    # keep the final hidden rows, from which logits can be computed
    hidden: bool = False

    @property
    def computes_own_rows(self) -> bool:
        """Whether every row has to pass the hooks, so that the prefix cache must not be read."""
        return bool(self.spec.intervention or self.spec.record or self.capture or self.hidden)
