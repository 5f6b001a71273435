/** For each latent, the strengths that meet the run's divergence budgets, and the divergence of the other strengths that its arms use. */
import { DIVERGENCE_EVENT, type DivergencePoint, latentDivergences } from "../../store/divergence.ts";
import type { DeclaredArm, Level } from "../arms.ts";
import { concurrently } from "../concurrently.ts";
import type { Runtime } from "../runtime.ts";
import { findStrength } from "./find-strength.ts";
import { type MeasuredText, measureDivergence, measuredTexts } from "./measure.ts";

/** Share of a budget by which a latent's mean divergence may miss it. */
const TOLERANCE = 0.02;
const LATENTS_AT_ONCE = 8;

/** Strength by budget in nats. */
export type Budgets = ReadonlyMap<number, number>;

export interface LatentBudgetsOptions {
  runtime: Runtime;
  latents: readonly number[];
  /** Strength of a latent at a level that is no budget. */
  strengthAt: (options: { latent: number; level: Exclude<Level, { kind: "kl" }> }) => number;
}

function needsDivergence(arms: readonly DeclaredArm[]): boolean {
  return arms.some(({ steering }) => steering?.level.kind === "kl" || steering?.divergence === true);
}

/**
 * By latent; measured once and stored, so that a resumed run steers with the same strengths. Empty where no arm needs any.
 * Throws CONFIG_INVALID for a budget that no strength meets.
 */
export async function latentBudgets(options: LatentBudgetsOptions): Promise<Map<number, Budgets>> {
  const { runtime, latents } = options;
  const { arms } = runtime.session;
  const budgets = new Map<number, Budgets>();
  if (!needsDivergence(arms)) return budgets;
  runtime.meter.begin({ phase: "divergence", total: latents.length });
  const texts = await measuredTexts(runtime);
  const stored = latentDivergences({ store: runtime.store });
  await concurrently({
    items: latents,
    limit: LATENTS_AT_ONCE,
    task: async (latent) => {
      const levels = stored.get(latent)?.levels ?? (await newLevels({ ...options, latent, texts }));
      budgets.set(latent, new Map(levels.map(({ nats, strength }) => [nats, strength])));
      runtime.meter.step();
    },
  });
  return budgets;
}

async function newLevels({
  runtime,
  strengthAt,
  latent,
  texts,
}: LatentBudgetsOptions & { latent: number; texts: readonly MeasuredText[] }) {
  const points = new Map<number, DivergencePoint>();
  const measure = async (strength: number) => {
    const point = points.get(strength) ?? (await measureDivergence({ runtime, texts, latent, strength }));
    points.set(strength, point);
    return point;
  };
  const wanted = levelsOf(runtime.session.arms);
  const others = wanted.flatMap((level) => (level.kind === "kl" ? [] : [strengthAt({ latent, level })]));
  for (const strength of others) {
    await measure(strength);
  }
  const threshold = strengthAt({ latent, level: { kind: "threshold", times: 1 } });
  const start = threshold > 0 ? threshold : runtime.session.search.range[1] || 1;
  const levels: { nats: number; strength: number }[] = [];
  for (const nats of budgetsOf(wanted)) {
    // a strength of 0 or below is none to look between
    const known = [...points.values()].filter(({ strength }) => strength > 0);
    const { point } = await findStrength({ nats, known, start, measure, tolerance: TOLERANCE });
    levels.push({ nats, strength: point.strength });
  }
  runtime.store.putEvent({
    kind: DIVERGENCE_EVENT,
    detail: {
      latent,
      tokens: texts.reduce((sum, { tokens, from }) => sum + tokens.length - from, 0),
      // far beyond any text a model's numbers overflow, and what is no number can't be stored
      points: [...points.values()]
        .filter(({ kl, reverse }) => Number.isFinite(kl + reverse))
        .sort((a, b) => a.strength - b.strength),
      levels,
      tolerance: TOLERANCE,
    },
  });
  return levels;
}

/** Of the arms that add a latent's own direction: another direction diverges otherwise. */
function levelsOf(arms: readonly DeclaredArm[]): Level[] {
  return arms.flatMap(({ steering }) =>
    steering?.by === "latent" || steering?.level.kind === "kl" ? [steering.level] : [],
  );
}

/** In ascending order, each once. */
function budgetsOf(levels: readonly Level[]): number[] {
  const nats = levels.flatMap((level) => (level.kind === "kl" ? [level.nats] : []));
  return [...new Set(nats)].sort((a, b) => a - b);
}
