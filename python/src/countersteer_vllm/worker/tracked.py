"""One request while it runs: what is to be done to its rows, and the log of what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from countersteer_vllm.errors import ErrorRecord
from countersteer_vllm.spec import CaptureTarget, Job, Record
from countersteer_vllm.worker.latents import Library, Reader
from countersteer_vllm.worker.positions import PhraseWatch, selected
from countersteer_vllm.worker.prepared import Prepared, prepare
from countersteer_vllm.worker.receipt import columns_of
from countersteer_vllm.worker.row_log import RowLog

Decode = Callable[[list[int]], str]


@dataclass(eq=False)
class Reading:
    """Something that is read at a layer after its edits; the log's columns are the reader's."""

    layer: int
    reader: Reader
    log: RowLog = field(default_factory=RowLog)


@dataclass(eq=False)
class HiddenRows:
    """Final hidden rows of a run of positions, on the device."""

    first_position: int
    rows: torch.Tensor


@dataclass(eq=False)
class Tracked:
    job: Job
    # tokens that count as prompt to policy and receipt
    prompt_tokens: int
    edit: Prepared | None = None
    edits_log: RowLog = field(default_factory=RowLog)
    recording: Reading | None = None
    capture: Reading | None = None
    hidden: list[HiddenRows] = field(default_factory=list)
    phrases: PhraseWatch | None = None
    # why the request can't be answered; its rows are left alone from then on
    error: ErrorRecord | None = None
    finished_at: float | None = None

    @property
    def readings(self) -> list[Reading]:
        return [each for each in (self.recording, self.capture) if each is not None]

    def edited_range(self, start: int, end: int) -> tuple[int, int]:
        """Positions of `[start, end)` that are edited now."""
        if self.edit is None or self.error is not None:
            return start, start
        found = None if self.phrases is None else self.phrases.found
        off = None if found is None else self.prompt_tokens + found
        return selected(self.edit.positions, start=start, end=end, prompt_tokens=self.prompt_tokens, off=off)

    def watch(self, start: int, tokens: Sequence[int]) -> None:
        """Takes the tokens at the positions from `start` on; those that were seen before are passed over."""
        if self.phrases is None:
            return
        for position, token in enumerate(tokens, start):
            if position - self.prompt_tokens == self.phrases.seen:
                self.phrases.feed(token)


def track(job: Job, prompt_length: int, library: Library, decode: Decode) -> Tracked:
    """Raises what reading the dictionaries raises."""
    tracked = Tracked(job, prompt_length if job.prompt_tokens is None else job.prompt_tokens)
    intervention = job.spec.intervention
    if intervention is not None and intervention.edits:
        tracked.edit = prepare(intervention, library)
        tracked.edits_log = RowLog(columns_of(tracked.edit.labels))
        if intervention.positions.kind == "until-phrase":
            tracked.phrases = PhraseWatch(intervention.positions.phrases, decode)
    tracked.recording = _reading(job.spec.record, library)
    tracked.capture = _reading(job.capture, library)
    return tracked


def _reading(what: Record | CaptureTarget | None, library: Library) -> Reading | None:
    return None if what is None else Reading(what.layer, Reader(library, what.sae, what.latents))
