/** Unequal arms do not compare (DESIGN.md, invariant 9), unless the caller names the difference; then the report must say so. */
import { CountersteerError } from "../errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Manifest } from "./manifest.ts";

const COMPARED = {
  decoding: ({ sampling }: Manifest) => sampling,
  template: ({ templateHash }: Manifest) => templateHash,
  layer: ({ layer }: Manifest) => layer,
  judge: ({ judge }: Manifest) => ({ id: judge.id, hash: judge.hash }),
  prompts: ({ prompts }: Manifest) => prompts.evaluation,
  target: ({ target }: Manifest) => target,
  model: ({ model }: Manifest) => model.fileHash,
  weights: ({ model }: Manifest) => ({ type: model.weightType, mode: model.weightMode }),
  sae: ({ sae }: Manifest) => sae?.hash ?? null,
} satisfies Record<string, (manifest: Manifest) => unknown>;

export type ComparedField = keyof typeof COMPARED;
// the keys of a literal object are exactly its declared fields
export const COMPARED_FIELDS = Object.keys(COMPARED) as ComparedField[];

export interface Difference {
  field: ComparedField;
  /** The field's value in each run. */
  values: { name: string; value: unknown }[];
}

export interface ComparableOptions {
  /** Each run's manifest and what to call it, its folder for example. */
  manifests: readonly { name: string; manifest: Manifest }[];
  /** Names of fields that may differ, or `true` for all. @default false */
  allow?: readonly string[] | boolean;
}

/**
 * Returns the differences that were allowed, for the report to print. Throws RUNS_UNEQUAL listing each other one with its values, and
 * CONFIG_INVALID for a name in `allow` that is no field.
 */
export function assertComparable({ manifests, allow = false }: ComparableOptions): Difference[] {
  const named: readonly string[] = typeof allow === "boolean" ? [] : allow;
  const unknown = named.filter((name) => !COMPARED_FIELDS.some((field) => field === name));
  if (unknown.length > 0) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${unknown.map((name) => `\`${name}\``).join(", ")} can't be allowed to differ.`,
      why: "Runs are not compared on such a field.",
      todo: `Choose from ${COMPARED_FIELDS.join(", ")}.`,
      facts: { unknown, fields: COMPARED_FIELDS },
    });
  }
  const differences = COMPARED_FIELDS.map((field) => ({
    field,
    values: manifests.map(({ name, manifest }) => ({ name, value: comparedValue(field, manifest) })),
  })).filter(({ values }) => new Set(values.map(({ value }) => canonicalJson(value))).size > 1);
  const refused = differences.filter(({ field }) => allow !== true && !named.includes(field));
  if (refused.length > 0) {
    throw new CountersteerError("RUNS_UNEQUAL", {
      what: `The runs differ in ${refused.map(describeDifference).join("; ")}.`,
      why: "A difference between their rates could come from that and not from the arms.",
      todo: "Repeat one run with the other's settings, or allow the difference; the report then prints it.",
      facts: { differences: refused },
    });
  }
  return differences;
}

/** For example `layer (15 in runs/a, 20 in runs/b)`. */
export function describeDifference({ field, values }: Difference): string {
  const shown = values.map(
    ({ name, value }) => `${typeof value === "string" ? value : canonicalJson(value)} in ${name}`,
  );
  return `${field} (${shown.join(", ")})`;
}

function comparedValue(field: ComparedField, manifest: Manifest): unknown {
  return COMPARED[field](manifest);
}
