"""Where tokens begin in a text, as the client counts: in UTF-16."""

from __future__ import annotations

import pytest

from countersteer_vllm.server.token_text import kept_tokens, offsets_of

PIECES = {1: "Hi", 2: " \U0001f600", 3: None, 4: "\u00e9", 5: "!", 6: None}


def test_offsets_are_utf16_and_a_character_in_parts_has_one() -> None:
    tokens = [1, 2, 3, 4, 5, 6]
    assert offsets_of(tokens, lambda token: PIECES[token]) == [0, 2, 5, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "is_cut", "kept"), [("Hi", True, 1), ("Hi \U0001f600", True, 2), ("", True, 0), ("Hi", False, 3)]
)
def test_tokens_that_a_stop_string_cut_off_go(text: str, is_cut: bool, kept: int) -> None:
    assert kept_tokens([0, 2, 5], text, is_cut=is_cut) == kept
