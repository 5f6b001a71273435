/** Two arms side by side: the verdict, and the units in which they came out differently. */
import { compareArms } from "../../report/compare.ts";
import { storedFacts } from "../../report/outcomes.ts";
import type { RunStore } from "../../store/run-store.ts";
import { type Outcome, outcomeOfFact } from "../../store/trial-outcome.ts";
import type { ComparePage, compareQuerySchema } from "./api/compare.ts";

/** What is compared, and whether unequal runs may be. */
export type ComparisonChoice = Pick<ReturnType<typeof compareQuerySchema.parse>, "outcome" | "allow">;

export interface ComparePageOptions extends ComparisonChoice {
  reference: { store: RunStore; arm: string };
  treatment: { store: RunStore; arm: string };
}

const MOST = 200;
const MULTI: readonly Outcome[] = ["improved", "not-improved"];
const SCORED: readonly Outcome[] = ["single-attempt", ...MULTI];

interface Side {
  key: string;
  latent: number | null;
  outcome: Outcome;
}

/** Throws what `compareArms` throws. */
export function comparePage({ reference, treatment, outcome, allow }: ComparePageOptions): ComparePage {
  const comparison = compareArms({ reference, treatment, outcome, allow: allow === "all" });
  const isSuccess = (each: Outcome) =>
    outcome === "multi-attempt" ? MULTI.includes(each) : each === "improved";
  const labels = new Map(
    [...treatment.store.latents(), ...reference.store.latents()].map(({ latent, label }) => [latent, label]),
  );
  const others = sidesOf({ ...treatment, margin: comparison.margin });
  const discordant: ComparePage["discordant"] = [];
  for (const [unit, first] of sidesOf({ ...reference, margin: comparison.margin })) {
    const second = others.get(unit);
    if (second === undefined || isSuccess(first.outcome) === isSuccess(second.outcome)) continue;
    const latent = first.latent ?? second.latent;
    discordant.push({
      unit,
      latent,
      label: latent === null ? null : (labels.get(latent) ?? null),
      prompt: reference.store.trial(first.key)?.prompt ?? "",
      reference: { key: first.key, outcome: first.outcome },
      treatment: { key: second.key, outcome: second.outcome },
    });
    if (discordant.length === MOST) break;
  }
  return { comparison, discordant };
}

/** By unit; only trials that have a score. */
function sidesOf({
  store,
  arm,
  margin,
}: {
  store: RunStore;
  arm: string;
  margin: number;
}): Map<string, Side> {
  const facts = storedFacts({ store }).byArm.get(arm) ?? [];
  const sides = facts.map(({ row }): [string, Side] => {
    const { key, unit, latent, failed, status, scored, first, last } = row;
    return [unit, { key, latent, outcome: outcomeOfFact({ failed, status, scored, first, last, margin }) }];
  });
  return new Map(sides.filter(([, { outcome }]) => SCORED.includes(outcome)));
}
