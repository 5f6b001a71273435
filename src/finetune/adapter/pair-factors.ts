/** Puts the tensors of an adapter file together to factors. */
import type { LoraFactors } from "../types.ts";
import { adapterUnreadable, adapterUnsupported } from "./adapter-errors.ts";
import { type FactorName, ggufWeightName } from "./tensor-names.ts";

export interface FactorTensor {
  /** As the file names it. */
  name: string;
  /** Null for a tensor that is no factor of a known matrix. */
  at: FactorName | null;
  rows: number;
  columns: number;
  read: () => Float32Array | Promise<Float32Array>;
}

export interface PairedFactors {
  factors: LoraFactors[];
  rank: number;
}

/** Throws MODEL_UNSUPPORTED for any other tensor and for unequal ranks, MODEL_UNREADABLE for a factor without its partner. */
export async function pairFactors({
  path,
  tensors,
}: {
  path: string;
  tensors: readonly FactorTensor[];
}): Promise<PairedFactors> {
  const pairs = new Map<string, { a?: FactorTensor; b?: FactorTensor }>();
  for (const tensor of tensors) {
    if (tensor.at === null) {
      const why = `Its tensor ${tensor.name} is no LoRA factor of a matrix that can be adapted here.`;
      throw adapterUnsupported({ path, why, facts: { tensor: tensor.name } });
    }
    const key = ggufWeightName(tensor.at);
    const pair = pairs.get(key) ?? {};
    pairs.set(key, { ...pair, [tensor.at.factor]: tensor });
  }
  const factors: LoraFactors[] = [];
  let rank = 0;
  for (const [name, { a, b }] of pairs) {
    if (a === undefined || b === undefined || a.at === null) {
      throw adapterUnreadable({
        path,
        why: `Of ${name} it has only one of the two factors.`,
        facts: { name },
      });
    }
    if (a.rows !== b.columns) {
      const why = `The factors of ${name} have the ranks ${a.rows} and ${b.columns}.`;
      throw adapterUnreadable({ path, why, facts: { name } });
    }
    if (rank !== 0 && rank !== a.rows) {
      const why = `Its matrices have several ranks, ${rank} and ${a.rows}; one for all is supported.`;
      throw adapterUnsupported({ path, why, facts: { name } });
    }
    rank = a.rows;
    factors.push({ layer: a.at.layer, matrix: a.at.matrix, a: await a.read(), b: await b.read() });
  }
  return { factors, rank };
}
