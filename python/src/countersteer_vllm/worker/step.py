"""One step of the model: which rows of the batch are edited and read at which layer, and the doing of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from countersteer_vllm.errors import Refusal, crashed
from countersteer_vllm.worker.edit_table import EditTable
from countersteer_vllm.worker.host_copy import HostCopy
from countersteer_vllm.worker.kept import Kept
from countersteer_vllm.worker.latents import Library
from countersteer_vllm.worker.tracked import HiddenRows, Reading, Tracked
from countersteer_vllm.worker.tracker import Tracker

# sets of requests whose table is kept; each step in which none begins or ends has the same set
TABLES_KEPT = 4


@dataclass(frozen=True)
class Scheduled:
    """A request's rows in the batch, in the batch's order."""

    request_id: str
    rows: int
    # position of the first of them in prompt and response
    start: int


@dataclass(frozen=True, eq=False)
class Span:
    tracked: Tracked
    first_row: int
    first_position: int
    count: int

    @property
    def end_row(self) -> int:
        return self.first_row + self.count


@dataclass(eq=False)
class LayerWork:
    edits: list[Span] = field(default_factory=list)
    reads: list[tuple[Span, Reading]] = field(default_factory=list)
    done: bool = False

    def requests(self) -> list[Tracked]:
        return [span.tracked for span in (*self.edits, *(span for span, _ in self.reads))]


class StepRunner:
    """`measures` is false on all but one of the workers that hold the same rows: they edit alike, and one of them keeps the log."""

    def __init__(self, tracker: Tracker, library: Library, *, layers: Sequence[int], measures: bool) -> None:
        self._tracker = tracker
        self._library = library
        self._layers = set(layers)
        self._measures = measures
        self._tables: Kept[tuple[str, ...], EditTable] = Kept(TABLES_KEPT)
        self._work: dict[int, LayerWork] = {}
        self._hidden: list[Span] = []

    def plan(self, batch: Sequence[Scheduled], tokens: Callable[[int, int], list[int]]) -> None:
        """Takes the batch that is about to run; `tokens(first, end)` reads the tokens of some of its rows."""
        self.clear()
        row = 0
        for scheduled in batch:
            tracked = self._tracker.get(scheduled.request_id)
            if tracked is not None and tracked.error is None:
                if tracked.phrases is not None:
                    tracked.watch(scheduled.start, tokens(row, row + scheduled.rows))
                self._plan_request(tracked, row, scheduled)
            row += scheduled.rows

    def _plan_request(self, tracked: Tracked, row: int, scheduled: Scheduled) -> None:
        whole = Span(tracked, row, scheduled.start, scheduled.rows)
        if tracked.edit is not None and tracked.edit.layer in self._layers:
            first, last = tracked.edited_range(scheduled.start, scheduled.start + scheduled.rows)
            if last > first:
                span = Span(tracked, row + first - scheduled.start, first, last - first)
                self._at(tracked.edit.layer).edits.append(span)
        if self._measures:
            for reading in tracked.readings:
                if reading.layer in self._layers:
                    self._at(reading.layer).reads.append((whole, reading))
        if tracked.job.hidden:
            self._hidden.append(whole)

    def _at(self, layer: int) -> LayerWork:
        return self._work.setdefault(layer, LayerWork())

    def clear(self) -> None:
        self._work = {}
        self._hidden = []

    def on_output(self, layer: int, output: object) -> None:
        """Edits and reads the output of a block in place: a pair (hidden, residual) whose sum is the residual stream."""
        work = self._work.get(layer)
        if work is None:
            return
        work.done = True
        try:
            hidden, residual = checked_pair(output)
            self._edit(work.edits, hidden, residual)
            self._read(work.reads, hidden, residual)
        except Exception as error:
            record = error.record if isinstance(error, Refusal) else crashed(error).record
            for tracked in work.requests():
                tracked.error = record

    def check_done(self) -> None:
        """After the forward pass: a hook that did not run would be an edit that was silently dropped."""
        for layer, work in self._work.items():
            for tracked in [] if work.done else work.requests():
                tracked.error = tracked.error or _not_run(layer).record

    def keep_hidden(self, output: object) -> None:
        if not self._hidden or not isinstance(output, torch.Tensor):
            return
        for span in self._hidden:
            rows = output[span.first_row : span.end_row].clone()
            span.tracked.hidden.append(HiddenRows(span.first_position, rows))

    def _edit(self, spans: Sequence[Span], hidden: torch.Tensor, residual: torch.Tensor) -> None:
        if not spans:
            return
        # the prepared edits live as long as the requests whose keys name them
        key = tuple(span.tracked.job.key for span in spans)
        edits = [span.tracked.edit for span in spans]
        table = self._tables.get(
            key, lambda: EditTable([edit for edit in edits if edit is not None], self._library)
        )
        index = self._row_index(spans)
        request = torch.repeat_interleave(
            torch.arange(len(spans)), torch.tensor([span.count for span in spans])
        ).to(self._library.device)
        # index_select copies, so that what is read stays the unedited row
        h, r = hidden.index_select(0, index), residual.index_select(0, index)
        before = h.float() + r.float()
        edited = table.apply(before, request)
        after = edited.rows.to(residual.dtype)
        # the whole stream goes into the residual, rounded once as one tensor of a block's output is; a row that is not changed keeps its bits
        residual.index_copy_(0, index, torch.where(edited.changed, after, r))
        hidden.index_copy_(0, index, torch.where(edited.changed, torch.zeros_like(h), h))
        if self._measures:
            self._log_edits(spans, HostCopy(table.measure(before, after.float(), edited, request)))

    def _log_edits(self, spans: Sequence[Span], measured: HostCopy) -> None:
        row = 0
        for span in spans:
            span.tracked.edits_log.add(
                measured, first_row=row, first_position=span.first_position, count=span.count
            )
            row += span.count

    def _read(
        self, reads: Sequence[tuple[Span, Reading]], hidden: torch.Tensor, residual: torch.Tensor
    ) -> None:
        groups: dict[object, list[tuple[Span, Reading]]] = {}
        for span, reading in reads:
            groups.setdefault(reading.reader.key, []).append((span, reading))
        for group in groups.values():
            index = self._row_index([span for span, _ in group])
            rows = hidden.index_select(0, index).float() + residual.index_select(0, index).float()
            values = HostCopy(group[0][1].reader.read(rows))
            row = 0
            for span, reading in group:
                reading.log.add(values, first_row=row, first_position=span.first_position, count=span.count)
                row += span.count

    def _row_index(self, spans: Sequence[Span]) -> torch.Tensor:
        rows = [row for span in spans for row in range(span.first_row, span.end_row)]
        return torch.tensor(rows, dtype=torch.int64).to(self._library.device)


def checked_pair(output: object) -> tuple[torch.Tensor, torch.Tensor]:
    """Raises MODEL_UNSUPPORTED for a block that returns anything but (hidden, residual)."""
    if isinstance(output, tuple) and len(output) == 2:
        hidden, residual = output
        if (
            isinstance(hidden, torch.Tensor)
            and isinstance(residual, torch.Tensor)
            and hidden.shape == residual.shape
        ):
            return hidden, residual
    raise Refusal(
        "MODEL_UNSUPPORTED",
        what="A block of the served model returns something else than (hidden, residual).",
        why="The residual stream is their sum in the blocks that are known.",
        todo="Use a model of the Llama, Gemma 2, Gemma 3, Qwen 2 or Qwen 3 family.",
    )


def _not_run(layer: int) -> Refusal:
    return Refusal(
        "EDIT_NOT_APPLIED",
        what=f"The hook of block {layer} did not run.",
        why="Something replaced the block's forward pass, as compiled graphs do.",
        todo="Start the server with --enforce-eager.",
        facts={"layer": layer},
    )
