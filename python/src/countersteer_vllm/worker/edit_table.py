"""The edits of all requests that run together at one layer, as matrices.

`h' = h + sum_j s_j d_j + sum_k share_k (v_k - f_k(h)) d_k`: every edit reads the same unedited `h` (METHOD.md 3.2). With one column for each
direction in use that is `h' = h + (A - B f(h)) D`, where a request's row of `A` holds its strengths and `share v`, and its row of `B` its
shares. A column that a request does not use has 0 in both, which adds exactly nothing. Letters: N rows, R requests, U columns, D d_model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from countersteer_vllm.worker.latents import Library, Table, table_of
from countersteer_vllm.worker.prepared import Prepared, Replacement, Term


@dataclass(frozen=True, eq=False)
class Edited:
    # float32 rows after the edit, `[N, D]`
    rows: torch.Tensor
    # rows that are not exactly what they were, `[N, 1]`
    changed: torch.Tensor
    # latent values that the edits read, `[N, U]`
    clamped: torch.Tensor
    own: torch.Tensor
    # `h' - h`, `[N, D]`
    delta: torch.Tensor


class EditTable:
    """Made once for a set of requests, used at each step in which exactly these are edited."""

    def __init__(self, requests: Sequence[Prepared], library: Library) -> None:
        self._library = library
        self._device = library.device
        self._requests = requests
        terms = [term for request in requests for term in request.terms]
        columns: dict[tuple[str, int] | int, int] = {}
        first: list[Term] = []
        for term in terms:
            if term.column not in columns:
                columns[term.column] = len(columns)
                first.append(term)
        self._table: Table | None = None
        if first:
            self._table = table_of([term.row for term in first], self._device)
            self._directions = torch.stack([torch.from_numpy(term.row.direction) for term in first]).to(
                self._device
            )
        self._strengths, self._shares = self._amounts(columns)
        self._competing = self._competitions(terms, columns)
        self._replacements = [
            (i, each.replacement) for i, each in enumerate(requests) if each.replacement is not None
        ]
        self._describe_terms(columns)

    def apply(self, rows: torch.Tensor, request: torch.Tensor) -> Edited:
        """Edits float32 rows `[N, D]`; `request` `[N]` says whose they are."""
        own = rows.new_zeros(len(rows), 0) if self._table is None else self._table.values(rows)
        clamped = own
        for sae, columns, latents in self._competing:
            clamped = clamped.clone() if clamped is own else clamped
            clamped[:, columns] = self._library.dense(sae).values(rows, latents)
        if self._table is None:
            delta = torch.zeros_like(rows)
        else:
            delta = (self._strengths[request] - self._shares[request] * clamped) @ self._directions
        edited = rows + delta
        for index, replacement in self._replacements:
            mine = request == index
            edited[mine] = self._replaced(replacement, rows[mine])
            delta[mine] = edited[mine] - rows[mine]
        changed = (delta != 0).any(dim=1, keepdim=True)
        return Edited(edited, changed, clamped, own, delta)

    def measure(
        self, before: torch.Tensor, after: torch.Tensor, edited: Edited, request: torch.Tensor
    ) -> torch.Tensor:
        """What a receipt is made of, `[N, ROW_COLUMNS + EDIT_COLUMNS * terms]`. `after` are the rows as the model goes on with them."""
        norms = [torch.linalg.vector_norm(each, dim=1) for each in (before, after, edited.delta)]
        dose = torch.where(norms[0] > 0, norms[2] / norms[0], torch.zeros_like(norms[0]))
        row_part = torch.stack([norms[0], norms[1], dose, norms[2].square()], dim=1)
        if self._table is None:
            # only replacements: their one edit has no value
            changed = edited.changed.to(torch.float32)
            return torch.cat([row_part, torch.zeros_like(changed), torch.zeros_like(changed), changed], dim=1)
        column, is_clamp = self._term_column[request], self._term_is_clamp[request]
        read = torch.where(is_clamp, edited.clamped.gather(1, column), edited.own.gather(1, column))
        factor = torch.where(
            is_clamp,
            self._term_share[request] * (self._term_amount[request] - read),
            self._term_amount[request],
        )
        moved = torch.where(self._is_replaced[request][:, None], edited.changed, factor != 0)
        read_back = self._table.values(after).gather(1, column)
        edit_part = torch.stack([read, read_back, moved.to(torch.float32)], dim=2)
        return torch.cat([row_part, edit_part.reshape(len(before), -1)], dim=1)

    def _amounts(self, columns: dict[tuple[str, int] | int, int]) -> tuple[torch.Tensor, torch.Tensor]:
        strengths = torch.zeros(len(self._requests), len(columns))
        shares = torch.zeros_like(strengths)
        for i, request in enumerate(self._requests):
            for term in request.terms:
                at = columns[term.column]
                strengths[i, at] += term.share * term.amount if term.is_clamp else term.amount
                shares[i, at] += term.share if term.is_clamp else 0.0
        return strengths.to(self._device), shares.to(self._device)

    def _competitions(
        self, terms: Sequence[Term], columns: dict[tuple[str, int] | int, int]
    ) -> list[tuple[str, torch.Tensor, torch.Tensor]]:
        """Clamped latents whose value depends on the other latents of their dictionary: dictionary, columns, latents."""
        found: dict[str, dict[int, int]] = {}
        for term in terms:
            if term.is_clamp and isinstance(term.column, tuple) and self._library.competes(term.column[0]):
                found.setdefault(term.column[0], {})[columns[term.column]] = term.column[1]
        return [
            (
                sae,
                torch.tensor(list(each), device=self._device),
                torch.tensor(list(each.values()), device=self._device),
            )
            for sae, each in found.items()
        ]

    def _describe_terms(self, columns: dict[tuple[str, int] | int, int]) -> None:
        """Each request's terms side by side, `[R, terms]`, padded by adds of nothing."""
        self._most_terms = max(len(request.terms) for request in self._requests)
        shape = (len(self._requests), max(1, self._most_terms))
        column, is_clamp = torch.zeros(shape, dtype=torch.int64), torch.zeros(shape, dtype=torch.bool)
        amount, share = torch.zeros(shape), torch.zeros(shape)
        for i, request in enumerate(self._requests):
            for j, term in enumerate(request.terms):
                column[i, j] = columns[term.column]
                is_clamp[i, j] = term.is_clamp
                amount[i, j], share[i, j] = term.amount, term.share
        self._term_column, self._term_is_clamp = column.to(self._device), is_clamp.to(self._device)
        self._term_amount, self._term_share = amount.to(self._device), share.to(self._device)
        replaced = [request.replacement is not None for request in self._requests]
        self._is_replaced = torch.tensor(replaced, device=self._device)

    def _replaced(self, replacement: Replacement, rows: torch.Tensor) -> torch.Tensor:
        if replacement.sae is not None:
            return self._library.dense(replacement.sae).reconstruct(rows)
        return torch.zeros_like(rows) if replacement.vector is None else replacement.vector.expand_as(rows)
