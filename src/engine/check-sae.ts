/** Whether an SAE belongs to a model and a layer. */
import { CountersteerError } from "../errors.ts";
import type { DictionaryFacts } from "../sae/dictionary.ts";
import type { ModelInfo } from "./engine.ts";
import { checkLayer } from "./llama/validate-request.ts";

export interface CheckSaeOptions {
  dictionary: Pick<DictionaryFacts, "path" | "dModel" | "layer" | "modelName">;
  info: ModelInfo;
  /** The layer that is edited or read. */
  layer: number;
  /** Allow a layer that the SAE was not trained on. */
  allowLayerMismatch: boolean;
}

/**
 * Warnings that belong into the output, in words for a person; an empty list is a clean match.
 * Throws LAYER_OUT_OF_RANGE for a layer that the model lacks, and SAE_MISMATCH for an SAE of another width, or of another layer unless allowed.
 */
export function checkSae({ dictionary, info, layer, allowLayerMismatch }: CheckSaeOptions): string[] {
  const { path, dModel, layer: trainedOn, modelName } = dictionary;
  checkLayer({ layer, info });
  const facts = {
    sae: path,
    saeDModel: dModel,
    saeLayer: trainedOn,
    saeModel: modelName,
    dModel: info.dModel,
    layer,
  };
  if (dModel !== info.dModel) {
    throw new CountersteerError("SAE_MISMATCH", {
      what: `The SAE ${path} reads ${dModel} numbers, and the residual stream of ${info.name} has ${info.dModel}.`,
      why: `It was trained on another model${modelName === null ? "" : ` (${modelName})`}.`,
      todo: "Give an SAE of this model with `--sae`.",
      facts,
    });
  }
  if (trainedOn === null) {
    return [`The SAE ${path} does not say which layer it was trained on; layer ${layer} is taken.`];
  }
  if (trainedOn === layer) {
    return [];
  }
  if (!allowLayerMismatch) {
    throw new CountersteerError("SAE_MISMATCH", {
      what: `Layer ${layer} was asked for, and the SAE ${path} was trained on layer ${trainedOn}.`,
      why: "A latent's direction means something else, or nothing, at another layer.",
      todo: `Use \`--layer ${trainedOn}\`, another \`--sae\`, or \`--allow-layer-mismatch\` if this is what you study.`,
      facts,
    });
  }
  return [`The SAE was trained on layer ${trainedOn} and is used at layer ${layer}, as you allowed.`];
}
