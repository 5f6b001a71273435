"""Every format gives the numbers that SAELens gives, row by row and as a whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sae_data import FIXTURES, SAE_DATA, encode, sae_rows, sae_truth

from countersteer_vllm.errors import Refusal
from countersteer_vllm.sae.open_dictionary import open_dictionary

ROOT = SAE_DATA.parents[2]
NODE = ROOT / "node_modules" / ".bin" / "node"


@pytest.mark.parametrize("name", FIXTURES)
def test_latent_values_and_reconstructions_equal_saelens(name: str) -> None:
    dictionary = open_dictionary(str(SAE_DATA / FIXTURES[name]))
    acts, recon = sae_truth(name)
    assert np.abs(encode(dictionary, sae_rows()) - acts).max() < 1e-5
    directions, b_dec = dictionary.decoder_matrix()
    assert np.abs(acts @ directions + b_dec - recon).max() < 1e-5


@pytest.mark.parametrize("name", FIXTURES)
def test_rows_of_a_few_latents_are_those_of_the_whole(name: str) -> None:
    dictionary = open_dictionary(str(SAE_DATA / FIXTURES[name]))
    matrix, bias = dictionary.encoder_matrix()
    directions, _ = dictionary.decoder_matrix()
    for latent, row in zip([95, 0, 17], dictionary.latent_rows([95, 0, 17]), strict=True):
        np.testing.assert_array_equal(row.encoder, matrix[latent])
        np.testing.assert_array_equal(row.direction, directions[latent])
        assert np.float32(row.bias) == bias[latent]


@pytest.mark.parametrize("latent", [96, -1])
def test_a_latent_outside_is_refused(latent: int) -> None:
    with pytest.raises(Refusal) as refusal:
        open_dictionary(str(SAE_DATA / "topk")).latent_rows([latent])
    assert refusal.value.code == "LATENT_UNKNOWN"


@pytest.mark.skipif(not NODE.exists(), reason="the repository's Node is not installed")
def test_hash_is_the_one_of_the_typescript_side() -> None:
    names = ["topk", "gemma-scope", "goodfire/sae.pt", "topk-scaled"]
    script = (
        'import { openDictionary } from "./src/sae/open-dictionary.ts";'
        f"console.log(JSON.stringify({json.dumps(names)}.map((n) => openDictionary({{ path: `test/data/sae/${{n}}` }}).hash())));"
    )
    run = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert [open_dictionary(str(SAE_DATA / name)).hash for name in names] == json.loads(run.stdout)


def test_what_a_torch_file_would_run_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        open_dictionary(str(SAE_DATA / "goodfire" / "evil.pt"))
    assert refusal.value.code == "SAE_UNSUPPORTED"
    assert "nothing of the file was run" in str(refusal.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("architecture", "crosscoder"),
        ("normalize_activations", "layer_norm"),
        ("rescale_acts_by_decoder_norm", True),
        ("dtype", "int8"),
        ("reshape_activations", "hook_z"),
    ],
)
def test_a_setting_that_changes_the_numbers_is_refused_by_name(
    tmp_path: Path, field: str, value: object
) -> None:
    folder = shutil.copytree(SAE_DATA / "standard", tmp_path / "sae")
    config = json.loads((folder / "cfg.json").read_text())
    (folder / "cfg.json").write_text(json.dumps({**config, field: value}))
    with pytest.raises(Refusal) as refusal:
        open_dictionary(str(folder))
    assert refusal.value.code == "SAE_UNSUPPORTED"
    assert field in str(refusal.value)


@pytest.mark.parametrize("cut", [0, 5, 100, 3000, -1])
@pytest.mark.parametrize(
    "name", ["standard/sae_weights.safetensors", "gemma-scope/params.npz", "goodfire/sae.pt"]
)
def test_a_file_cut_short_is_refused(tmp_path: Path, name: str, cut: int) -> None:
    source = SAE_DATA / name
    folder = shutil.copytree(source.parent, tmp_path / "sae")
    (folder / source.name).write_bytes(source.read_bytes()[:cut])
    with pytest.raises(Refusal) as refusal:
        open_dictionary(str(folder / source.name)).decoder_matrix()
    assert refusal.value.code in ("SAE_UNREADABLE", "SAE_UNSUPPORTED")


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    folder = shutil.copytree(SAE_DATA / "standard", tmp_path / "sae")
    path = folder / "sae_weights.safetensors"
    data = bytearray(path.read_bytes())
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    at = begin + header["W_dec"]["data_offsets"][0]
    data[at : at + 4] = np.float32("nan").tobytes()
    path.write_bytes(data)
    with pytest.raises(Refusal) as refusal:
        open_dictionary(str(folder)).latent_rows([0])
    assert refusal.value.code == "SAE_UNREADABLE"
