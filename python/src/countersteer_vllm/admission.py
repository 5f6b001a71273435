"""What can be known to be wrong before anything is computed. Raises the same codes as the in-process engine (`validate-request.ts`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from countersteer_vllm.errors import ErrorRecord, Refusal, invalid
from countersteer_vllm.sae.registry import SaeRegistry
from countersteer_vllm.spec import Add, CaptureTarget, Clamp, Intervention, LatentDirection, Replace, Spec


@dataclass(frozen=True)
class ModelFacts:
    name: str
    layers: int
    d_model: int
    vocabulary: int
    max_model_len: int


class Admission:
    def __init__(self, model: ModelFacts, registry: SaeRegistry, refusal: ErrorRecord | None) -> None:
        self.model = model
        self.registry = registry
        # why this server refuses every intervention
        self.refusal = refusal

    def check_spec(self, spec: Spec) -> None:
        if spec.intervention is None and spec.record is None:
            return
        self.check_able()
        if spec.intervention is not None:
            self.check_intervention(spec.intervention)
        if spec.record is not None:
            self._check_layer(spec.record.layer)
            self._check_latents(spec.record.sae, spec.record.latents)

    def check_able(self) -> None:
        if self.refusal is not None:
            raise Refusal.of(self.refusal)

    def check_intervention(self, intervention: Intervention) -> None:
        self._check_layer(intervention.layer)
        for edit in intervention.edits:
            for sae, latents in _latents_of(edit):
                self._check_latents(sae, latents)
            vector = _vector_length(edit)
            if vector not in (None, self.model.d_model):
                raise Refusal(
                    "SAE_MISMATCH",
                    what=f"A vector of the request has {vector} numbers.",
                    why=f"The residual stream of {self.model.name} has {self.model.d_model}.",
                    todo="Give a vector of this model.",
                    facts={"length": vector, "dModel": self.model.d_model},
                )

    def check_given_tokens(self, tokens: Sequence[int], intervention: Intervention | None) -> None:
        """Of requests that generate nothing. One token is always sampled, so that the last place must stay free."""
        if not tokens:
            raise Refusal(
                "PROMPT_EMPTY",
                what="The request has no tokens.",
                why="A model can't continue nothing.",
                todo="Give at least one.",
            )
        if len(tokens) >= self.model.max_model_len:
            raise Refusal(
                "CONTEXT_OVERFLOW",
                what=f"The request has {len(tokens)} tokens.",
                why=f"The server's context holds {self.model.max_model_len}, one of which is sampled.",
                todo="Shorten it, or start the server with a larger --max-model-len.",
                facts={"tokens": len(tokens), "maxModelLen": self.model.max_model_len},
            )
        bad = next((token for token in tokens if token >= self.model.vocabulary), None)
        if bad is not None:
            raise invalid(
                f"The request holds token {bad}.",
                f"The vocabulary has {self.model.vocabulary}.",
                "Tokenize with this model.",
            )
        if intervention is not None and intervention.positions.kind == "until-phrase":
            raise invalid(
                "The request edits until a phrase in the response.",
                "Scoring and capture are given tokens without a word on where the response begins.",
                "Give the edited rows as a range.",
            )

    def check_capture(self, target: CaptureTarget) -> None:
        self.check_able()
        self._check_layer(target.layer)
        if target.sae is not None:
            self._check_latents(target.sae, target.latents)

    def _check_layer(self, layer: int) -> None:
        if layer >= self.model.layers:
            raise Refusal(
                "LAYER_OUT_OF_RANGE",
                what=f"Layer {layer} was asked for.",
                why=f"{self.model.name} has layers 0 to {self.model.layers - 1}.",
                todo="Give a layer in that range.",
                facts={"layer": layer, "layers": self.model.layers},
            )

    def _check_latents(self, sae: str, latents: Sequence[int]) -> None:
        dictionary = self.registry.get(sae)
        if dictionary.facts.d_model != self.model.d_model:
            raise Refusal(
                "SAE_MISMATCH",
                what=f"The SAE {sae} reads {dictionary.facts.d_model} numbers, and the residual stream of {self.model.name} has {self.model.d_model}.",
                why="It was trained on another model.",
                todo="Name an SAE of this model.",
                facts={"sae": sae, "saeDModel": dictionary.facts.d_model, "dModel": self.model.d_model},
            )
        for latent in latents:
            dictionary.check_latent(latent)


def _latents_of(edit: Add | Clamp | Replace) -> Iterator[tuple[str, tuple[int, ...]]]:
    if isinstance(edit, Clamp):
        yield edit.sae, (edit.latent,)
    elif isinstance(edit, Add) and isinstance(edit.direction, LatentDirection):
        yield edit.direction.sae, (edit.direction.latent,)
    elif isinstance(edit, Replace) and edit.sae is not None:
        yield edit.sae, ()


def _vector_length(edit: Add | Clamp | Replace) -> int | None:
    if isinstance(edit, Add) and not isinstance(edit.direction, LatentDirection):
        return len(edit.direction.vector)
    return len(edit.vector) if isinstance(edit, Replace) and edit.vector is not None else None
