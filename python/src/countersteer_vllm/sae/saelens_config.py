"""`cfg.json` of a SAELens dictionary. What changes the numbers and isn't implemented is refused by name, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.hook_name import KNOWN_HOOKS, layer_of_hook
from countersteer_vllm.sae.read_json import Config

INFERENCE = ("standard", "topk", "jumprelu", "gated")
# trained with a k for the whole batch, which is no function of one row; saved for inference they are JumpReLU with one threshold
BATCH_TOPK = ("batchtopk", "matryoshka_batchtopk")
DTYPES = ("float64", "float32", "float16", "bfloat16")


@dataclass(frozen=True)
class SaelensConfig:
    path: str
    architecture: str
    d_model: int
    latents: int
    k: int | None
    apply_b_dec_to_input: bool
    rescales_by_decoder_norm: bool | None
    # activations were multiplied by a factor that the weights do not hold
    is_scaled: bool
    layer: int | None
    hook_name: str | None
    model_name: str | None

    @property
    def is_batch_topk(self) -> bool:
        return self.architecture in BATCH_TOPK


def read_saelens_config(path: str) -> SaelensConfig:
    """Raises SAE_UNREADABLE or SAE_UNSUPPORTED."""
    config = _modernised(Config.read(path))
    architecture = config.text("architecture")
    if architecture not in (*INFERENCE, *BATCH_TOPK):
        raise unsupported(path, "architecture", architecture, ", ".join((*INFERENCE, *BATCH_TOPK)))
    _check_settings(config, architecture)
    applies = config.flag("apply_b_dec_to_input")
    if applies is None:
        raise unreadable(path, "It does not say apply_b_dec_to_input.")
    origin = config.part("metadata")
    hook_name = origin.text("hook_name") or config.text("hook_name")
    latents = config.size("d_sae")
    return SaelensConfig(
        path=path,
        architecture=architecture,
        d_model=config.size("d_in"),
        latents=latents,
        k=_k(config, architecture, latents),
        apply_b_dec_to_input=applies,
        rescales_by_decoder_norm=config.flag("rescale_acts_by_decoder_norm"),
        is_scaled=config.text("normalize_activations") == "expected_average_only_in",
        layer=_layer(config, hook_name),
        hook_name=hook_name,
        model_name=origin.text("model_name") or config.text("model_name"),
    )


def _modernised(config: Config) -> Config:
    """The names and defaults that SAELens 6 gives to a configuration written before it."""
    version = config.fields.get("sae_lens_version") or config.part("metadata").fields.get("sae_lens_version")
    major = re.match(r"\d+", version) if isinstance(version, str) else None
    if major is not None and int(major[0]) >= 6:
        return config
    fields: dict[str, object] = {"architecture": "standard", "apply_b_dec_to_input": True, **config.fields}
    if fields.get("hook_name") is None:
        fields["hook_name"] = fields.get("hook_point")
    if isinstance(fields.get("normalize_activations"), bool):
        fields["normalize_activations"] = (
            "expected_average_only_in" if fields["normalize_activations"] else "none"
        )
    if (config.fields.get("activation_fn") or config.fields.get("activation_fn_str")) == "topk":
        fields["architecture"] = "topk"
        if fields.get("k") is None:
            fields["k"] = config.part("activation_fn_kwargs").fields.get("k")
    return Config(config.path, fields)


def _check_settings(config: Config, architecture: str) -> None:
    """Refuses every setting that would change the numbers."""
    activations = ("relu", architecture, None)
    settings: list[tuple[str, tuple[object, ...], str]] = [
        (
            "normalize_activations",
            ("none", "expected_average_only_in", None),
            '"none", and "expected_average_only_in" with its factor',
        ),
        ("reshape_activations", ("none", None), '"none"'),
        ("finetuning_scaling_factor", (False, None), "false"),
        ("activation_fn", activations, '"relu"'),
        ("activation_fn_str", activations, '"relu"'),
    ]
    for field, fine, known in settings:
        value = config.fields.get(field)
        if value not in fine:
            raise unsupported(config.path, field, value, known)
    if config.flag("rescale_acts_by_decoder_norm") and architecture not in ("topk", *BATCH_TOPK):
        known = "false, and true for TopK and BatchTopK"
        raise unsupported(config.path, "rescale_acts_by_decoder_norm", True, known)
    dtype = (config.text("dtype") or "").removeprefix("torch.")
    if dtype not in DTYPES:
        raise unsupported(config.path, "dtype", dtype, ", ".join(DTYPES))


def _layer(config: Config, hook_name: str | None) -> int | None:
    hook_layer = config.part("metadata").count("hook_layer")
    if hook_layer is None:
        hook_layer = config.count("hook_layer")
    if hook_name is None:
        return hook_layer
    layer = layer_of_hook(hook_name)
    if layer is None:
        raise unsupported(config.path, "hook_name", hook_name, KNOWN_HOOKS)
    block = re.match(r"blocks\.(\d+)\.", hook_name)
    if hook_layer not in (None, layer if block is None else int(block[1])):
        raise unreadable(config.path, f"hook_layer {hook_layer} contradicts hook_name {hook_name}.")
    return layer


def _k(config: Config, architecture: str, latents: int) -> int | None:
    if architecture != "topk":
        return None
    k = config.count("k")
    if not k or k > latents:
        raise unreadable(config.path, f"A TopK SAE of {latents} latents needs k from 1 to that; it says {k}.")
    return k
