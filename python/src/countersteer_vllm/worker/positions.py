"""Which rows of a request a position policy selects, by the position of the row in prompt and response."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countersteer_vllm.spec import Positions

# a token has at least one byte, and a character at most four
BYTES_PER_CHARACTER = 4
# more tokens than a phrase can take, so that the first characters of the window are never cut
SLACK = 8


def selected(
    positions: Positions, *, start: int, end: int, prompt_tokens: int, off: int | None = None
) -> tuple[int, int]:
    """The part of `[start, end)` that is edited, as `[first, last)`. `off` is where an until-phrase policy ended."""
    match positions.kind:
        case "all":
            return start, end
        case "prompt":
            return start, max(start, min(end, prompt_tokens))
        case "generated":
            return min(end, max(start, prompt_tokens)), end
        case "range":
            first = min(end, max(start, positions.start))
            return first, max(first, min(end, positions.end))
        case "until-phrase":
            return start, end if off is None else max(start, min(end, off))


class PhraseWatch:
    """Finds the first generated token with which the response contains one of the phrases, without regard to case."""

    def __init__(self, phrases: Sequence[str], decode: Callable[[list[int]], str]) -> None:
        self._phrases = [phrase.lower() for phrase in phrases]
        self._decode = decode
        self._window = BYTES_PER_CHARACTER * max(len(phrase) for phrase in self._phrases) + SLACK
        self._tokens: list[int] = []
        # index of that token in the response
        self.found: int | None = None

    @property
    def seen(self) -> int:
        return len(self._tokens)

    def feed(self, token: int) -> None:
        self._tokens.append(token)
        if self.found is None:
            # a phrase that is complete only now ends in the newest token
            text = self._decode(self._tokens[-self._window :]).lower()
            if any(phrase in text for phrase in self._phrases):
                self.found = len(self._tokens) - 1
