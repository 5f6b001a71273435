/** What an adapter was trained on: what its recipe file says of it, and what must be the same when the training goes on. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import { canonicalHash } from "../../store/canonical-json.ts";
import type { Recipe } from "./recipe.ts";

export const provenanceSchema = z.object({
  /** Version of this package. */
  package: z.string(),
  llamaCpp: z.string(),
  /** Of the training: gradients of as many examples are summed apart, and sums of floats depend on their order. */
  threads: z.int().positive(),
  model: z.object({ file: z.string(), name: z.string(), architecture: z.string(), sha256: z.string() }),
  data: z.object({ file: z.string(), sha256: z.string(), examples: z.number() }),
  /** null where nothing is steered. */
  sae: z.object({ path: z.string(), sha256: z.string(), layer: z.number() }).nullable(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/** What decides the weights besides the settings. Files may have moved. */
function decisive({ llamaCpp, threads, model, data, sae }: Provenance): Record<string, unknown> {
  return {
    "the version of llama.cpp": llamaCpp,
    "the number of threads": threads,
    "the model's file": model.sha256,
    "the data": data.sha256,
    "the SAE": sae === null ? null : [sae.sha256, sae.layer],
  };
}

/** Settings without names of files, which the provenance replaces by hashes. */
function settingsOf({ model: _model, data: _data, steer, ...rest }: Recipe): Record<string, unknown> {
  const { sae: _sae, layer: _layer, ...steering } = steer;
  return { ...rest, steer: steering };
}

/** Names a training: two with the same fingerprint end with the same weights. */
export function fingerprintOf({ recipe, provenance }: { recipe: Recipe; provenance: Provenance }): string {
  return canonicalHash({ settings: settingsOf(recipe), of: decisive(provenance) });
}

/** Throws RUNS_UNEQUAL where the settings now are not those with which the training began. */
export function checkSameSettings({ before, now }: { before: Recipe; now: Recipe }): void {
  const [old, current] = [flat(settingsOf(before)), flat(settingsOf(now))];
  const different = [...new Set([...Object.keys(old), ...Object.keys(current)])].filter(
    (key) => !isDeepStrictEqual(old[key], current[key]),
  );
  if (different.length === 0) return;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: "The folder holds a training with other settings.",
    why: different.map((key) => `${key}: ${text(old[key])} there, ${text(current[key])} here`).join("; "),
    todo: "Give the settings with which it was begun (or --out alone), or another folder.",
    facts: { different },
  });
}

/** Throws RUNS_UNEQUAL where model, data or SAE now are not those with which the training began. */
export function checkSameOrigin({ before, now }: { before: Provenance; now: Provenance }): void {
  const [old, current] = [decisive(before), decisive(now)];
  const different = Object.keys(old).filter((key) => !isDeepStrictEqual(old[key], current[key]));
  if (different.length === 0) return;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: "The training can't go on: what it learns from is no longer the same.",
    why: `Changed since it began: ${different.join(", ")}.`,
    todo: "Bring back the old files, or train in a new folder.",
    facts: { different, before: old, now: current },
  });
}

function flat(tree: Record<string, unknown>, prefix = ""): Record<string, unknown> {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, unknown][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(flat({ ...value }, `${prefix}${key}.`))
      : [[`${prefix}${key}`, value]],
  );
  return Object.fromEntries(entries);
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
