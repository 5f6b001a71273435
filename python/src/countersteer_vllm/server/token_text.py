"""Where in a response's text each of its tokens begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

# what one more token adds to the text; None as long as a character is not complete
Step = Callable[[int], str | None]


def offsets_of(tokens: Sequence[int], step: Step) -> list[int]:
    """UTF-16 offsets; a token that continues a character begins where that character begins."""
    offsets, at = [], 0
    for token in tokens:
        offsets.append(at)
        at += utf16_length(step(token) or "")
    return offsets


def utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def kept_tokens(offsets: Sequence[int], text: str, *, is_cut: bool) -> int:
    """How many tokens begin within a text; one that a stop string cut off entirely goes."""
    if not is_cut:
        return len(offsets)
    end = utf16_length(text)
    return sum(offset < end for offset in offsets)


def decode_steps(tokenizer: object, prompt: Sequence[int]) -> Step:
    """Decodes as vLLM's own detokenizer does: after the prompt, without control tokens."""
    from tokenizers.decoders import DecodeStream

    backend = getattr(tokenizer, "_tokenizer", None)
    if backend is None:
        return _slow_steps(tokenizer)
    stream = DecodeStream(ids=list(prompt), skip_special_tokens=True)

    def step(token: int) -> str | None:
        found: str | None = stream.step(backend, token)
        return found

    return step


def _slow_steps(tokenizer: object) -> Step:
    """Of a tokenizer that is written in Python: decodes from the start each time."""
    decode = getattr(tokenizer, "decode")  # noqa: B009  its type is not known here
    tokens: list[int] = []
    length = 0

    def step(token: int) -> str | None:
        nonlocal length
        tokens.append(token)
        text = str(decode(tokens, skip_special_tokens=True))
        if text.endswith("\ufffd"):
            return None
        added = text[length:]
        length = len(text)
        return added

    return step
