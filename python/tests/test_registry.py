"""A server's names lead only to what its operator named."""

from __future__ import annotations

from pathlib import Path

import pytest
from sae_data import SAE_DATA

from countersteer_vllm.errors import Refusal
from countersteer_vllm.sae.registry import SaeRegistry, parse_names


def test_names_are_parsed_from_one_variable() -> None:
    assert parse_names("a=/x, b = /y\nc=/z=1\n") == {"a": "/x", "b": "/y", "c": "/z=1"}
    with pytest.raises(ValueError, match="no name=path"):
        parse_names("a=/x,b")


def test_given_names_and_paths_below_the_root_are_known() -> None:
    registry = SaeRegistry({"l15": str(SAE_DATA / "topk")}, str(SAE_DATA))
    assert registry.get("l15").facts.k == 8
    assert registry.get("goodfire/sae.pt").facts.format == "goodfire"
    assert registry.get("l15") is registry.get("l15")


@pytest.mark.parametrize("name", ["other", "../sae/topk", "topk/../topk", str(SAE_DATA / "topk"), ""])
def test_every_other_name_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        SaeRegistry({"l15": "/nowhere"}, str(SAE_DATA)).get(name)
    assert refusal.value.code == "SAE_UNREADABLE"


def test_without_a_root_no_path_is_a_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        SaeRegistry({}).get(str(tmp_path))
