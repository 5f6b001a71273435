"""EleutherAI's sparsify: a folder named after a module (`layers.15`), with `cfg.json` and `sae.safetensors`.

`f = TopK(ReLU(W_enc (h - b_dec) + b_enc))`, `h_hat = W_dec f + b_dec`.
"""

from __future__ import annotations

import re
from pathlib import Path

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.dictionary import Dictionary, Facts
from countersteer_vllm.sae.hook_name import hook_of_layer
from countersteer_vllm.sae.read_json import Config
from countersteer_vllm.sae.safetensors_file import open_safetensors
from countersteer_vllm.sae.weights import StoredWeights

WEIGHTS = "sae.safetensors"
# a module whose output is a block's: `layers.15`, `h.5`, `model.layers.15`
BLOCK = re.compile(r"(?:[a-z_]+\.)*(?:layers|h)\.(\d+)")
OTHER_MODULE = re.compile(r"(?:^|\.)(?:(?:layers|h)\.\d+\.|embed_)")


def open_sparsify(path: str) -> Dictionary:
    """Raises SAE_UNREADABLE, or SAE_UNSUPPORTED naming the setting that isn't supported."""
    folder = Path(path)
    config = Config.read(str(folder / "cfg.json"))
    _check(config)
    if OTHER_MODULE.search(folder.name):
        raise unsupported(path, "hookpoint", folder.name, "layers.N and h.N (a block's output)")
    block = BLOCK.fullmatch(folder.name)
    layer = None if block is None else int(block[1])
    d_model, k = config.size("d_in"), config.size("k")
    # 0 stands for "as the expansion factor says"
    latents = config.count("num_latents") or d_model * (config.count("expansion_factor") or 0)
    if k > latents:
        raise unreadable(config.path, f"It says k {k} of {latents} latents.")
    file = open_safetensors(str(folder / WEIGHTS))
    shapes = {
        "encoder.weight": (latents, d_model),
        "encoder.bias": (latents,),
        "W_dec": (latents, d_model),
        "b_dec": (d_model,),
    }
    file.refuse_others(list(shapes))
    for name, shape in shapes.items():
        file.check_shape(name, shape, "cfg.json")
    repository = folder.parent / "config.json"
    facts = Facts(
        path=path,
        format="sparsify",
        files=(config.path, file.path),
        architecture="topk",
        d_model=d_model,
        latents=latents,
        k=k,
        layer=layer,
        hook_name=None if layer is None else hook_of_layer(layer),
        model_name=Config.read(str(repository)).text("model") if repository.exists() else None,
        apply_b_dec_to_input=True,
    )
    return Dictionary(
        facts,
        StoredWeights(
            encoder=file.tensor("encoder.weight"),
            decoder=file.tensor("W_dec"),
            encoder_bias=file.tensor("encoder.bias"),
            decoder_bias=file.tensor("b_dec"),
        ),
    )


def _check(config: Config) -> None:
    for field in ("transcode", "skip_connection", "signed"):
        if config.flag(field) is True:
            raise unsupported(config.path, field, True, "false")
    activation = config.text("activation") or "topk"
    if activation != "topk":
        raise unsupported(config.path, "activation", activation, '"topk"')
