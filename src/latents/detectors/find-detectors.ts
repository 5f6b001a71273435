/** Finds off-topic detectors: splits the prompts, reads the pairs, selects on one part and confirms on the other. */
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import type { Label } from "../../sae/labels.ts";
import { createRng } from "../../stats/rng.ts";
import type { Answer } from "./answers.ts";
import { DETECTORS_SCHEMA, type FoundDetectors } from "./detector-file.ts";
import { derangements, splitPrompts } from "./pairings.ts";
import { provenanceOf } from "./provenance.ts";
import { readPairs } from "./read-pairs.ts";
import type { Readings } from "./readings.ts";
import { type DetectorRule, type DetectorSettings, RULE_SETTINGS } from "./rules.ts";
import { selectDetectors } from "./select-detectors.ts";

export interface FindDetectorsOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  /** Of the unsteered model, to prompts that no evaluation uses; answers to the same prompt count as one unit. */
  answers: readonly Answer[];
  /** @default "ours" */
  rule?: DetectorRule;
  /** @default those of the rule */
  settings?: Partial<DetectorSettings>;
  /** Tokens of an answer that are read at most. @default 256 */
  maxTokens?: number;
  /** @default none */
  labels?: readonly Label[];
  seed: number;
  /** Of this package, for the file. */
  version: string;
  signal?: AbortSignal | undefined;
  onReading?: ((progress: { done: number; total: number }) => void) | undefined;
}

const STREAMS = { split: 0, selection: 1, confirmation: 2 } as const;
/** Fewer prompts on a side have no second pairing. */
const LEAST_PROMPTS = 3;

/** Throws CONFIG_INVALID for too few prompts, and what the engine throws. */
export async function findDetectors(options: FindDetectorsOptions): Promise<FoundDetectors> {
  const { dictionary, rule = "ours", maxTokens = 256, labels = [], seed, onReading } = options;
  const settings = { ...RULE_SETTINGS[rule], ...options.settings };
  // an answer without a word in it is about nothing
  const answers = options.answers.filter(({ response }) => response.trim() !== "");
  const prompts = [...new Set(answers.map(({ prompt }) => prompt))];
  const sides = splitPrompts({
    prompts,
    holdOut: settings.holdOut,
    rng: createRng({ seed, stream: STREAMS.split }),
  });
  checkSides({ sides, confirms: settings.holdOut > 0 });
  const plan = (side: keyof typeof sides) => {
    const items = sides[side].length;
    const count = items === 0 ? 0 : Math.min(settings.derangements, items - 1);
    const partners =
      count === 0 ? [] : derangements({ items, count, rng: createRng({ seed, stream: STREAMS[side] }) });
    const asked = new Set(sides[side]);
    const total = (1 + count) * answers.filter(({ prompt }) => asked.has(prompt)).length;
    return { prompts: sides[side], partners, total: items === 0 ? 0 : total };
  };
  const plans = { selection: plan("selection"), confirmation: plan("confirmation") };
  const total = plans.selection.total + plans.confirmation.total;
  let done = 0;
  const read = (side: keyof typeof plans): Promise<Readings> =>
    readPairs({
      ...options,
      ...plans[side],
      answers,
      pooling: settings.pooling,
      tokens: settings.tokens,
      maxTokens,
      onReading: () => {
        done += 1;
        onReading?.({ done, total });
      },
    });
  const selection = await read("selection");
  const confirmation = sides.confirmation.length === 0 ? null : await read("confirmation");
  const { detectors, tested, eligible } = selectDetectors({ rule, settings, selection, confirmation });
  const names = new Map(labels.map(({ index, label }) => [index, label]));
  return {
    schema: DETECTORS_SCHEMA,
    origin: "found",
    rule,
    settings: { ...settings, maxTokens },
    tested,
    eligible,
    prompts: sides,
    derangements: { selection: selection.derangements, confirmation: confirmation?.derangements ?? 0 },
    provenance: provenanceOf({ ...options, dictionary, answers, prompts }),
    detectors: detectors.map(({ latent, ...rest }) => ({
      latent,
      label: names.get(latent) ?? null,
      ...rest,
    })),
    answers: answers.map(({ prompt, response }) => ({ prompt, response })),
  };
}

function checkSides({
  sides,
  confirms,
}: {
  sides: { selection: readonly string[]; confirmation: readonly string[] };
  confirms: boolean;
}): void {
  const least = Math.min(sides.selection.length, confirms ? sides.confirmation.length : LEAST_PROMPTS);
  if (least >= LEAST_PROMPTS) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${sides.selection.length + sides.confirmation.length} prompts with answers are too few for detectors.`,
    why: `Selection and confirmation need at least ${LEAST_PROMPTS} each; they would get ${sides.selection.length} and ${sides.confirmation.length}.`,
    todo: "Give answers to more prompts, or hold out none.",
    facts: { selection: sides.selection.length, confirmation: sides.confirmation.length },
  });
}
