/** The choice of latents to steer (METHOD.md 4): alive, concrete, silent on the prompts; then seeded random order. */
import { CountersteerError } from "../errors.ts";
import type { Label } from "../sae/labels.ts";
import { createRng } from "../stats/rng.ts";
import { type Concreteness, MIN_CONCRETENESS, rateConcreteness } from "./concreteness.ts";
import type { Lexicon } from "./lexicon.ts";
import { type PromptMaxima, silentOnPrompts } from "./relevance.ts";

/** Why a candidate was dropped; the first reason in this order is the one that counts. */
export const DROP_REASONS = [
  "excluded",
  "dead",
  "too-rare",
  "too-frequent",
  "not-concrete",
  "fires-on-prompt",
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface ChosenLatent {
  index: number;
  label: string;
  frequency: number;
  concreteness: Concreteness;
}

export interface Selection {
  chosen: ChosenLatent[];
  /** Labels that were looked at: `eligible` plus everything dropped. */
  candidates: number;
  /** Candidates that no rule dropped; the chosen ones are drawn from these. */
  eligible: number;
  dropped: Record<DropReason, number>;
}

export interface SelectLatentsOptions {
  labels: Label[];
  /** Read at the edited layer. */
  maxima: PromptMaxima;
  lexicon: Lexicon;
  /** Latents wanted. */
  count: number;
  /** An integer in [0, 2^53). */
  seed: number;
  /** @default 65 */
  minConcreteness?: number;
  /** Share of corpus tokens, inclusive. @default 0 */
  minFrequency?: number;
  /** Share of corpus tokens, inclusive. @default 1 */
  maxFrequency?: number;
  /** Latents that must not be chosen, for example detectors. @default none */
  exclude?: ReadonlySet<number>;
}

/** Fisher-Yates over the candidates by index, dropped ones included, so that a stricter rule doesn't reorder the rest. */
function shuffled({ labels, seed }: { labels: Label[]; seed: number }): Label[] {
  const order = labels.toSorted((a, b) => a.index - b.index);
  const rng = createRng({ seed });
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const [a, b] = [order[i], order[j]];
    if (a === undefined || b === undefined) continue;
    order[i] = b;
    order[j] = a;
  }
  return order;
}

/**
 * The first `count` eligible latents of the seeded order: a smaller count gives a prefix, and the order of `labels` doesn't matter.
 * Throws LATENTS_EXHAUSTED, with the count of each reason, if fewer are eligible.
 */
export function selectLatents({
  labels,
  maxima,
  lexicon,
  count,
  seed,
  minConcreteness = MIN_CONCRETENESS,
  minFrequency = 0,
  maxFrequency = 1,
  exclude = new Set(),
}: SelectLatentsOptions): Selection {
  const silent = silentOnPrompts(maxima);

  function reasonToDrop({ label, rating }: { label: Label; rating: number }): DropReason | null {
    if (exclude.has(label.index)) return "excluded";
    if (label.frequency === 0) return "dead";
    if (label.frequency < minFrequency) return "too-rare";
    if (label.frequency > maxFrequency) return "too-frequent";
    if (rating < minConcreteness) return "not-concrete";
    return silent[label.index] === true ? null : "fires-on-prompt";
  }

  const dropped: Record<DropReason, number> = {
    excluded: 0,
    dead: 0,
    "too-rare": 0,
    "too-frequent": 0,
    "not-concrete": 0,
    "fires-on-prompt": 0,
  };
  const eligible: ChosenLatent[] = [];
  for (const label of shuffled({ labels, seed })) {
    const concreteness = rateConcreteness({ label, lexicon });
    const reason = reasonToDrop({ label, rating: concreteness.rating });
    if (reason === null) {
      eligible.push({ index: label.index, label: label.label, frequency: label.frequency, concreteness });
    } else dropped[reason] += 1;
  }
  const selection = {
    chosen: eligible.slice(0, count),
    candidates: labels.length,
    eligible: eligible.length,
    dropped,
  };
  if (eligible.length < count) throw exhausted({ count, selection });
  return selection;
}

function exhausted({ count, selection }: { count: number; selection: Selection }): CountersteerError {
  const { candidates, eligible, dropped } = selection;
  const reasons = DROP_REASONS.filter((reason) => dropped[reason] > 0).map(
    (reason) => `${reason} ${dropped[reason]}`,
  );
  return new CountersteerError("LATENTS_EXHAUSTED", {
    what: `${count} latents were wanted, ${eligible} of ${candidates} are eligible.`,
    why: `Dropped: ${reasons.join(", ") || "none"}.`,
    todo: "Ask for fewer latents, lower the concreteness limit, use fewer prompts, or use a larger SAE.",
    facts: { count, candidates, eligible, dropped },
  });
}
