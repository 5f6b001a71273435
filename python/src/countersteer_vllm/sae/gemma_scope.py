"""Gemma Scope (npz, arXiv 2408.05147) and Gemma Scope 2 (safetensors with a configuration)."""

from __future__ import annotations

from pathlib import Path

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.dictionary import Dictionary, Facts, Format
from countersteer_vllm.sae.hook_name import Place, gemma_place, hook_of_layer, layer_of_hook
from countersteer_vllm.sae.jumprelu import JumpRelu, jumprelu_weights
from countersteer_vllm.sae.npz_file import open_npz
from countersteer_vllm.sae.read_json import Config
from countersteer_vllm.sae.safetensors_file import open_safetensors


def open_gemma_scope(path: str, weights: str) -> Dictionary:
    place = gemma_place(weights)
    return _dictionary(
        path, "gemma-scope", (weights,), place, jumprelu_weights(open_npz(weights), "W_enc", "W_dec")
    )


def open_gemma_scope_2(path: str, weights: str) -> Dictionary:
    config_path = Path(weights).parent / "config.json"
    config = Config.read(str(config_path)) if config_path.exists() else None
    place = gemma_place(weights) if config is None else _place(config)
    found = jumprelu_weights(open_safetensors(weights), "w_enc", "w_dec")
    width = None if config is None else config.count("width")
    if width not in (None, found.latents):
        raise unreadable(
            str(config_path), f"It says width {width}, and the tensors have {found.latents} latents."
        )
    files = (weights,) if config is None else (str(config_path), weights)
    return _dictionary(path, "gemma-scope-2", files, place, found)


def _dictionary(path: str, form: Format, files: tuple[str, ...], place: Place, found: JumpRelu) -> Dictionary:
    facts = Facts(
        path=path,
        format=form,
        files=files,
        architecture="jumprelu",
        d_model=found.d_model,
        latents=found.latents,
        k=None,
        layer=place.layer,
        hook_name=place.hook_name,
        model_name=place.model_name,
        apply_b_dec_to_input=False,
    )
    return Dictionary(facts, found.weights)


def _place(config: Config) -> Place:
    hook = config.text("hf_hook_point_in") or ""
    kind = config.text("type") or "sae"
    settings = [
        (
            "architecture",
            config.text("architecture"),
            config.text("architecture") == "jump_relu",
            '"jump_relu"',
        ),
        ("type", kind, kind == "sae", '"sae"'),
        ("affine_connection", True, config.flag("affine_connection") is not True, "false"),
        (
            "hf_hook_point_out",
            config.text("hf_hook_point_out"),
            config.text("hf_hook_point_out") == hook,
            "what is read (an SAE, no transcoder)",
        ),
    ]
    for field, value, is_fine, known in settings:
        if not is_fine:
            raise unsupported(config.path, field, value, known)
    layer = layer_of_hook(hook)
    if layer is None:
        raise unsupported(config.path, "hf_hook_point_in", hook, "model.layers.N.output (a block's output)")
    model = config.text("model_name")
    # some of the published files say "gemma-v3"
    return Place(layer, hook_of_layer(layer), None if model is None else model.replace("gemma-v3", "gemma-3"))
