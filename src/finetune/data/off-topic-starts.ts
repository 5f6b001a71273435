/**
 * Off-topic starts of answers: the model's own, steered by a latent, and cut behind a sentence. Only those are kept that the judge finds off
 * topic and still language: a model must learn to notice that it strayed, and not that its text broke.
 */
import { chatTokens } from "../../engine/chat-tokens.ts";
import { type Engine, type GenerationRequest, GREEDY } from "../../engine/engine.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import { type KeptGeneration, keepGenerations } from "./keep-generations.ts";
import { type CutText, cutAtSentence } from "./sentence-cut.ts";
import type { Shelf } from "./shelf.ts";
import type { SpanJudge, TextScore } from "./span-judge.ts";
import { drop, emptyTally, type Tally } from "./tally.ts";
import { stemsIn, taskStems } from "./task-words.ts";
import { flawOfText, isProse } from "./text-flaws.ts";

export interface OffTopicStart {
  prompt: string;
  text: string;
  latent: number;
  strength: number;
  score: TextScore;
}

/** As trials are sampled. */
export const START_SAMPLING = { ...GREEDY, temperature: 0.6, repetitionPenalty: 1.1 };
const LEAST_TOKENS = 12;
export const LONGEST_START = 84;
/** Starts end with the first sentence behind a length that is drawn between these, so that the model learns to turn round early and late. */
export const AIM = { least: 16, most: 60 };
const MOST_ON_TOPIC = 0.3;
/** Not more, because steered text at the threshold, which the model is to notice, is less fluent than unsteered text. */
const LEAST_FLUENCY = 0.35;
/** Candidates of one round: as many as are still wanted by the yield so far, within bounds. */
const BATCH = { least: 16, most: 384 };

export interface FindStartsOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  prompts: readonly string[];
  /** Prompts that a start is of use for; the others' candidates are passed over, and the sequence is the same whichever they are. */
  isWanted: (prompt: string) => boolean;
  latents: readonly number[];
  /** `|s| ||d|| / mean ||h||`; each candidate takes one. */
  doses: readonly number[];
  meanNorm: number;
  /** Wanted. */
  count: number;
  /** Candidates at most, for each one that is wanted. */
  patience: number;
  seed: number;
  judge: SpanJudge;
  generations: Shelf<KeptGeneration>;
  scores: Shelf<TextScore>;
  signal?: AbortSignal | undefined;
  onGeneration?: ((tokens: number) => void) | undefined;
  onProgress?: ((kept: number) => void) | undefined;
}

interface Candidate {
  id: string;
  prompt: string;
  latent: number;
  strength: number;
  aim: number;
  seed: number;
}

/** The first `count` good ones of a seeded sequence of candidates, fewer if patience ends. Prompts, latents and doses come evenly. */
export async function findStarts(
  options: FindStartsOptions,
): Promise<{ starts: OffTopicStart[]; tally: Tally }> {
  const { count, patience, onProgress } = options;
  const tally = emptyTally();
  const starts: OffTopicStart[] = [];
  const perPrompt = Math.ceil(count / Math.max(1, options.prompts.filter(options.isWanted).length));
  const used = new Map<string, number>();
  const next = candidateSequence(options);
  while (starts.length < count && tally.made < count * patience && options.prompts.some(options.isWanted)) {
    const batch = Array.from({ length: batchSize({ tally, missing: count - starts.length }) }, next).filter(
      ({ prompt }) => options.isWanted(prompt) && (used.get(prompt) ?? 0) < perPrompt,
    );
    for (const start of await tryCandidates({ ...options, batch, tally })) {
      const before = used.get(start.prompt) ?? 0;
      if (before >= perPrompt || starts.length >= count) {
        drop(tally, "not-needed");
        continue;
      }
      used.set(start.prompt, before + 1);
      starts.push(start);
      tally.kept += 1;
    }
    onProgress?.(starts.length);
  }
  return { starts, tally };
}

function batchSize({ tally, missing }: { tally: Tally; missing: number }): number {
  const yielded = tally.made === 0 ? 0.5 : Math.max(0.05, tally.kept / tally.made);
  return Math.min(BATCH.most, Math.max(BATCH.least, Math.ceil(missing / yielded)));
}

function candidateSequence(options: FindStartsOptions): () => Candidate {
  const { prompts, latents, doses, meanNorm, dictionary, seed } = options;
  const rng = createRng({ seed });
  const nextPrompt = inRounds(prompts, rng);
  const nextLatent = inRounds(latents, rng);
  const nextDose = inRounds(doses, rng);
  let made = 0;
  return () => {
    const latent = nextLatent();
    const strength = (nextDose() * meanNorm) / (Math.hypot(...dictionary.direction(latent)) || 1);
    return {
      id: `start-${made++}`,
      prompt: nextPrompt(),
      latent,
      strength: Math.round(strength * 10) / 10,
      aim: AIM.least + rng.below(AIM.most - AIM.least + 1),
      seed: rng.below(2 ** 48),
    };
  };
}

/** Every item once in random order, then again in another. */
function inRounds<T>(items: readonly T[], rng: ReturnType<typeof createRng>): () => T {
  let rest: T[] = [];
  return () => {
    if (rest.length === 0) rest = shuffle(items, rng);
    const item = rest.pop();
    if (item === undefined) throw new RangeError("nothing to draw from");
    return item;
  };
}

async function tryCandidates(
  options: FindStartsOptions & { batch: readonly Candidate[]; tally: Tally },
): Promise<OffTopicStart[]> {
  const { engine, dictionary, layer, batch, tally, judge, generations, scores, signal, onGeneration } =
    options;
  const requests = await Promise.all(
    batch.map(
      async ({ id, prompt, latent, strength, aim, seed }): Promise<GenerationRequest> => ({
        id,
        tokens: await chatTokens({ engine, messages: [{ role: "user", content: prompt }] }),
        sampling: { ...START_SAMPLING, seed, maxTokens: aim + LONGEST_START - AIM.most },
        intervention: {
          layer,
          edits: [{ kind: "add", direction: { sae: dictionary.path, latent }, strength }],
          positions: { kind: "all" },
        },
      }),
    ),
  );
  const made = await keepGenerations({ engine, requests, shelf: generations, signal, onGeneration });
  tally.made += made.length;
  const cut = batch.flatMap((candidate, i) => {
    const generation = made[i];
    if (generation === undefined) return [];
    const text = cutAtSentence({ ...generation, least: LEAST_TOKENS, aim: candidate.aim });
    const stems = taskStems(candidate.prompt);
    const named = text === null ? 0 : stemsIn({ text: text.text, stems });
    // most of the task's words: on topic without asking the judge, which costs more than the generation
    const reason = flawOfStart(text) ?? (named > stems.length / 2 ? "names-the-task" : null);
    if (text === null || reason !== null) {
      drop(tally, reason ?? "no-sentence");
      return [];
    }
    return [
      { ...candidate, text: text.text, tokens: Int32Array.from(generation.tokens.slice(0, text.tokens)) },
    ];
  });
  const scored = await judge.score(cut, scores);
  return cut.flatMap(({ id, prompt, latent, strength, text }) => {
    const score = scored.get(id);
    const reason = reasonByScore(score);
    if (score !== undefined && reason === null) return [{ prompt, text, latent, strength, score }];
    drop(tally, reason ?? "unscored");
    return [];
  });
}

/** Why a cut text is no start, from its text alone. */
export function flawOfStart(cut: CutText | null): string | null {
  if (cut === null) return "no-sentence";
  return isProse(cut.text) ? flawOfText(cut.text) : "not-prose";
}

function reasonByScore(score: TextScore | undefined): string | null {
  if (score === undefined) return "unscored";
  if (score.onTopic > MOST_ON_TOPIC) return "on-topic";
  return score.fluency < LEAST_FLUENCY ? "not-fluent" : null;
}
