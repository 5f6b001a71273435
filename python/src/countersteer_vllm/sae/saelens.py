"""Dictionaries as SAELens writes them: a folder with `cfg.json` and `sae_weights.safetensors`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from countersteer_vllm.errors import unreadable, unsupported
from countersteer_vllm.sae.dictionary import Architecture, Dictionary, Facts
from countersteer_vllm.sae.read_json import Config
from countersteer_vllm.sae.saelens_config import SaelensConfig, read_saelens_config
from countersteer_vllm.sae.safetensors_file import open_safetensors
from countersteer_vllm.sae.tensor import TensorFile
from countersteer_vllm.sae.weights import FoldedNorms, ScaledInput, StoredWeights, Weights

WEIGHTS = "sae_weights.safetensors"
# beside a checkpoint: the factor of `normalize_activations = "expected_average_only_in"`
SCALER = "activation_scaler.json"


def open_saelens(path: str) -> Dictionary:
    """Raises SAE_UNREADABLE, or SAE_UNSUPPORTED naming the setting that isn't supported."""
    folder = Path(path)
    config = read_saelens_config(str(folder / "cfg.json"))
    scale = _input_scale(folder, config)
    file = open_safetensors(str(folder / WEIGHTS))
    architecture = _inference_architecture(config, file)
    weights: Weights = _stored(file, config, architecture)
    if scale is not None:
        weights = ScaledInput(weights, scale)
    if config.rescales_by_decoder_norm:
        weights = FoldedNorms(weights, config.latents)
    facts = Facts(
        path=path,
        format="saelens",
        files=(config.path, file.path, *([] if scale is None else [str(folder / SCALER)])),
        architecture=architecture,
        d_model=config.d_model,
        latents=config.latents,
        k=config.k,
        layer=config.layer,
        hook_name=config.hook_name,
        model_name=config.model_name,
        apply_b_dec_to_input=config.apply_b_dec_to_input,
    )
    return Dictionary(facts, weights)


def _inference_architecture(config: SaelensConfig, file: TensorFile) -> Architecture:
    """What the tensors of a training checkpoint amount to when it is saved for inference."""
    for known in ("standard", "topk", "jumprelu", "gated"):
        if config.architecture == known:
            return known
    rescales = config.rescales_by_decoder_norm
    # with norms to fold nobody says whether the thresholds of single latents are of before or after
    if "threshold" in file.tensors and rescales is not True and not config.is_scaled:
        return "jumprelu"
    if "topk_threshold" in file.tensors and rescales is not None and not config.is_scaled:
        return "jumprelu"
    known_form = (
        f"{config.architecture} with the threshold that training estimated, as SAELens saves it for inference"
    )
    raise unsupported(config.path, "architecture", config.architecture, known_form)


def _stored(file: TensorFile, config: SaelensConfig, architecture: Architecture) -> StoredWeights:
    d_model, latents = config.d_model, config.latents
    has_one_threshold = config.is_batch_topk and "threshold" not in file.tensors
    has_thresholds = architecture == "jumprelu" and not has_one_threshold
    is_gated = architecture == "gated"
    biases = ("b_gate", "b_mag", "r_mag") if is_gated else ("b_enc",)
    shapes: dict[str, tuple[int, ...]] = {
        "W_enc": (d_model, latents),
        "W_dec": (latents, d_model),
        "b_dec": (d_model,),
    }
    shapes |= dict.fromkeys((*biases, *(("threshold",) if has_thresholds else ())), (latents,))
    for name, shape in shapes.items():
        file.check_shape(name, shape, "cfg.json")
    file.refuse_others([*shapes, "scaling_factor", *(["topk_threshold"] if has_one_threshold else [])])
    _refuse_scaling(file)
    stored = StoredWeights(
        encoder=file.tensor("W_enc").transposed(),
        decoder=file.tensor("W_dec"),
        encoder_bias=file.tensor(biases[0]),
        decoder_bias=file.tensor("b_dec"),
        threshold=file.tensor("threshold") if has_thresholds else None,
        b_mag=file.tensor("b_mag") if is_gated else None,
        r_mag=file.tensor("r_mag") if is_gated else None,
    )
    if not has_one_threshold:
        return stored
    threshold = file.tensor("topk_threshold").all()
    if threshold.size != 1:
        raise unreadable(file.path, f'Tensor "topk_threshold" holds {threshold.size} numbers.')
    return stored.with_one_threshold(float(threshold.reshape(())), latents)


def _refuse_scaling(file: TensorFile) -> None:
    """A factor that was stored for a time and is 1 in every dictionary that can be read."""
    if "scaling_factor" in file.tensors and np.abs(file.tensor("scaling_factor").all() - 1).max() > 1e-5:
        raise unsupported(file.path, "scaling_factor", "other than 1", "1")


def _input_scale(folder: Path, config: SaelensConfig) -> float | None:
    """The factor by which activations were multiplied before training; None where the weights already hold it."""
    if not config.is_scaled:
        return None
    path = folder / SCALER
    scale = Config.read(str(path)).number("scaling_factor") if path.exists() else None
    if scale is not None and scale > 0:
        return scale
    known = f'"none", and this one where {SCALER} lies beside it and gives the factor'
    raise unsupported(config.path, "normalize_activations", "expected_average_only_in", known)
