/** Whether an adapter is sound, and fits a model. */

import { adapterMismatch, adapterUnreadable } from "./adapter-errors.ts";
import type { BaseModel } from "./base-model.ts";
import { inputsOf, type LoraAdapter, outputsOf } from "./lora-adapter.ts";
import { ggufWeightName } from "./tensor-names.ts";

/** Throws MODEL_UNREADABLE for an adapter of nothing, and for numbers that are not finite. */
export function checkSound({ adapter, path }: { adapter: LoraAdapter; path: string }): void {
  if (adapter.factors.length === 0) throw adapterUnreadable({ path, why: "It adapts no matrix." });
  for (const { layer, matrix, a, b } of adapter.factors) {
    if (a.every(Number.isFinite) && b.every(Number.isFinite)) continue;
    const why = `Its factors of ${ggufWeightName({ layer, matrix })} hold numbers that are not finite.`;
    throw adapterUnreadable({ path, why, facts: { layer, matrix } });
  }
}

/** Throws ADAPTER_MISMATCH where the model lacks an adapted matrix, or has it in another size. */
export function checkFits({
  adapter,
  path,
  model,
  architecture = model.architecture,
}: {
  adapter: LoraAdapter;
  path: string;
  model: BaseModel;
  /** What the adapter says of its model, where it does. */
  architecture?: string;
}): void {
  if (architecture !== model.architecture) {
    const why = `It was made for a model of the architecture "${architecture}", and ${model.path} is "${model.architecture}".`;
    throw adapterMismatch({ path, why, facts: { architecture, model: model.path } });
  }
  for (const each of adapter.factors) {
    const there = model.matrix(each);
    const name = ggufWeightName(each);
    const [inputs, outputs] = [inputsOf(each, adapter.shape), outputsOf(each, adapter.shape)];
    if (there?.inputs === inputs && there.outputs === outputs) continue;
    const has = there === undefined ? "has no such matrix" : `has it as ${there.outputs} x ${there.inputs}`;
    throw adapterMismatch({
      path,
      why: `It adapts ${name} as ${outputs} x ${inputs}, and ${model.path} ${has}.`,
      facts: { tensor: name, adapter: { outputs, inputs }, model: there ?? null },
    });
  }
}
