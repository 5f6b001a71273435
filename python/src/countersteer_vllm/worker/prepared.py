"""An intervention made ready for the hook: every row of the dictionaries looked up, so that a step reads no file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from countersteer_vllm.sae.dictionary import LatentRow
from countersteer_vllm.spec import Add, Clamp, Intervention, LatentDirection, Positions, Replace
from countersteer_vllm.worker.latents import Library
from countersteer_vllm.worker.receipt import EditLabel


@dataclass(frozen=True, eq=False)
class Term:
    """One add or clamp. Terms that share a `column` write along the same direction and read the same latent."""

    # (dictionary, latent), or a number of its own for a plain vector
    column: tuple[str, int] | int
    row: LatentRow
    is_clamp: bool
    # strength of an add, value of a clamp
    amount: float
    share: float = 1.0

    @property
    def sae(self) -> str | None:
        return self.column[0] if isinstance(self.column, tuple) else None


@dataclass(frozen=True, eq=False)
class Replacement:
    """The dictionary's own reconstruction (`sae`), one vector `[D]`, or 0."""

    sae: str | None
    vector: torch.Tensor | None


@dataclass(frozen=True, eq=False)
class Prepared:
    layer: int
    positions: Positions
    terms: tuple[Term, ...]
    replacement: Replacement | None
    labels: tuple[EditLabel, ...]


def prepare(intervention: Intervention, library: Library) -> Prepared:
    """Raises LATENT_UNKNOWN, SAE_UNREADABLE, SAE_UNSUPPORTED."""
    edits = intervention.edits
    _prefetch(edits, library)
    replace = next((edit for edit in edits if isinstance(edit, Replace)), None)
    terms = tuple(_term(edit, library) for edit in edits if not isinstance(edit, Replace))
    for sae in {term.sae for term in terms if term.is_clamp and term.sae is not None}:
        if library.competes(sae):
            library.dense(sae)
    return Prepared(
        layer=intervention.layer,
        positions=intervention.positions,
        terms=terms,
        replacement=None if replace is None else _replacement(replace, library),
        labels=tuple(_label(edit) for edit in edits),
    )


def _prefetch(edits: Sequence[Add | Clamp | Replace], library: Library) -> None:
    wanted: dict[str, list[int]] = {}
    for edit in edits:
        if isinstance(edit, Clamp):
            wanted.setdefault(edit.sae, []).append(edit.latent)
        elif isinstance(edit, Add) and isinstance(edit.direction, LatentDirection):
            wanted.setdefault(edit.direction.sae, []).append(edit.direction.latent)
    for sae, latents in wanted.items():
        library.prefetch(sae, sorted(set(latents)))


def _term(edit: Add | Clamp, library: Library) -> Term:
    if isinstance(edit, Clamp):
        row = library.row(edit.sae, edit.latent)
        return Term((edit.sae, edit.latent), row, True, edit.value, edit.share)
    direction = edit.direction
    if isinstance(direction, LatentDirection):
        row = library.row(direction.sae, direction.latent)
        return Term((direction.sae, direction.latent), row, False, edit.strength)
    vector = direction.vector
    # an encoder of zeros reads 0
    row = LatentRow(vector, vector * 0, bias=0.0, threshold=0.0, scale=1.0, offset=0.0)
    return Term(id(row), row, False, edit.strength)


def _replacement(replace: Replace, library: Library) -> Replacement:
    if replace.sae is not None:
        library.dense(replace.sae)
    vector = None if replace.vector is None else torch.from_numpy(replace.vector).to(library.device)
    return Replacement(replace.sae, vector)


def _label(edit: Add | Clamp | Replace) -> EditLabel:
    if isinstance(edit, Clamp):
        return EditLabel("clamp", edit.latent)
    if isinstance(edit, Replace):
        return EditLabel("replace", None)
    latent = edit.direction.latent if isinstance(edit.direction, LatentDirection) else None
    return EditLabel("add", latent)
