"""The proof of an intervention, from the numbers that were measured at each edited row. Means as in `src/engine/llama/row-tally.ts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from countersteer_vllm.floats import Floats

# columns of a measured row: norms of h and h', `||h' - h|| / ||h||`, `||h' - h||^2`; then three for each edit
NORM_BEFORE, NORM_AFTER, DOSE, MOVED = range(4)
ROW_COLUMNS = 4
# value before, value after, 1 where the edit changed the stream
BEFORE, AFTER, CHANGED = range(3)
EDIT_COLUMNS = 3


class EditReceipt(TypedDict, total=False):
    kind: str
    latent: int | None
    rowsChanged: int
    meanValueBefore: float | None
    meanValueAfter: float | None
    meanSquaredError: float


class Receipt(TypedDict):
    layer: int
    rowsEdited: int
    promptRows: int
    generatedRows: int
    meanDose: float
    meanNormBefore: float
    meanNormAfter: float
    edits: list[EditReceipt]


@dataclass(frozen=True)
class EditLabel:
    kind: str
    latent: int | None


def columns_of(labels: Sequence[EditLabel]) -> int:
    """Of a measured row."""
    return ROW_COLUMNS + EDIT_COLUMNS * len(labels)


def receipt_of(
    *,
    layer: int,
    labels: Sequence[EditLabel],
    positions: npt.NDArray[np.int64],
    rows: Floats,
    prompt_tokens: int,
    d_model: int,
) -> Receipt:
    """`rows` are `[positions, columns_of(labels)]`."""
    count = len(positions)
    means = rows.mean(axis=0, dtype=np.float64) if count else np.zeros(columns_of(labels))
    prompt_rows = int((positions < prompt_tokens).sum())
    return {
        "layer": layer,
        "rowsEdited": count,
        "promptRows": prompt_rows,
        "generatedRows": count - prompt_rows,
        "meanDose": float(means[DOSE]),
        "meanNormBefore": float(means[NORM_BEFORE]),
        "meanNormAfter": float(means[NORM_AFTER]),
        "edits": [_edit_receipt(label, i, means, rows, d_model) for i, label in enumerate(labels)],
    }


def _edit_receipt(
    label: EditLabel, index: int, means: npt.NDArray[np.float64], rows: Floats, d_model: int
) -> EditReceipt:
    at = ROW_COLUMNS + EDIT_COLUMNS * index
    found: EditReceipt = {
        "kind": label.kind,
        "latent": label.latent,
        "rowsChanged": int(rows[:, at + CHANGED].sum()) if len(rows) else 0,
        "meanValueBefore": None if label.latent is None else float(means[at + BEFORE]),
        "meanValueAfter": None if label.latent is None else float(means[at + AFTER]),
    }
    if label.kind == "replace":
        found["meanSquaredError"] = float(means[MOVED]) / d_model
    return found
