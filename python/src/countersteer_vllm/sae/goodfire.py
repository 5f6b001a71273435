"""Goodfire's SAEs: a torch file of two linear layers around a ReLU, `f = ReLU(W_enc h + b_enc)` and `h_hat = W_dec f + b_dec`."""

from __future__ import annotations

import re
from pathlib import Path

from countersteer_vllm.sae.dictionary import Dictionary, Facts
from countersteer_vllm.sae.hook_name import hook_of_layer
from countersteer_vllm.sae.torch_file import open_torch
from countersteer_vllm.sae.weights import StoredWeights

ENCODER, B_ENC = "encoder_linear.weight", "encoder_linear.bias"
DECODER, B_DEC = "decoder_linear.weight", "decoder_linear.bias"
# as in `Llama-3.3-70B-Instruct-SAE-l50`, a file or a repository
NAME = re.compile(r"([\w.-]+?)-SAE-l(\d+)(?:\.pth?)?$")


def open_goodfire(path: str, weights: str) -> Dictionary:
    """Raises SAE_UNREADABLE or SAE_UNSUPPORTED."""
    found = next((match for part in Path(weights).parts[::-1] if (match := NAME.search(part))), None)
    layer = None if found is None else int(found[2])
    file = open_torch(weights)
    latents, d_model = file.matrix_sizes(ENCODER)
    for name, shape in {DECODER: (d_model, latents), B_ENC: (latents,), B_DEC: (d_model,)}.items():
        file.check_shape(name, shape, ENCODER)
    file.refuse_others([ENCODER, DECODER, B_ENC, B_DEC])
    facts = Facts(
        path=path,
        format="goodfire",
        files=(weights,),
        architecture="standard",
        d_model=d_model,
        latents=latents,
        k=None,
        layer=layer,
        hook_name=None if layer is None else hook_of_layer(layer),
        # in the hub's own cache a repository's folder begins with its owner
        model_name=None if found is None else found[1].removeprefix("models--Goodfire--"),
        apply_b_dec_to_input=False,
    )
    return Dictionary(
        facts,
        StoredWeights(
            encoder=file.tensor(ENCODER),
            decoder=file.tensor(DECODER).transposed(),
            encoder_bias=file.tensor(B_ENC),
            decoder_bias=file.tensor(B_DEC),
        ),
    )
