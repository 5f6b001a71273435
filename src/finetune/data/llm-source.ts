/** Training data from a language model: which requests are made, and what becomes of their answers. */
import { CountersteerError } from "../../errors.ts";
import type { LlmAnswer, LlmClient } from "../../llm/llm-client.ts";
import { isDegraded } from "../../stats/degraded.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import { type Assembled, assemble, type Start } from "./assemble.ts";
import { writeCorrection, writeNormal } from "./llm-writer.ts";
import type { Split } from "./split-prompts.ts";
import { drop, emptyTally, type Tally } from "./tally.ts";

export interface LlmSourceOptions {
  client: LlmClient;
  splits: ReadonlyMap<string, Split>;
  /** Off-topic subjects, more than each prompt has self-corrections. */
  subjects: readonly string[];
  selfCorrections: number;
  normal: number;
  seed: number;
  /** Dollars; null is no bound. */
  maxCostUsd: number | null;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { done: number; total: number; costUsd: number }) => void) | undefined;
}

export interface LlmData extends Assembled {
  tallies: Record<string, Tally>;
}

/** Of one request, for the estimate. */
const USAGE = { inputTokens: 350, outputTokens: 300 };

/** Dollars that all requests would cost; null where the model has no price. */
function estimateCost({
  client,
  requests,
}: {
  client: Pick<LlmClient, "estimate">;
  requests: number;
}): number | null {
  const each = client.estimate(USAGE);
  return each === null ? null : each * requests;
}

/**
 * Failed requests are dropped and counted. Throws CONFIG_INVALID when the bound is reached or would clearly be, and what the client throws;
 * answers are in the client's cache, so nothing is paid twice.
 */
export async function makeLlmData(options: LlmSourceOptions): Promise<LlmData> {
  const { client, splits, seed, selfCorrections, normal, maxCostUsd, signal, onProgress } = options;
  const plan = planRequests(options);
  const total = selfCorrections + normal;
  const estimate = estimateCost({ client, requests: total });
  if (maxCostUsd !== null && estimate !== null && estimate > maxCostUsd) {
    throw tooDear({ maxCostUsd, what: `The ${total} requests would cost about $${estimate.toFixed(2)}.` });
  }
  let done = 0;
  const ask = async <T>(request: () => Promise<LlmAnswer<T>>): Promise<LlmAnswer<T>> => {
    const { costUsd } = client.spent();
    if (maxCostUsd !== null && costUsd >= maxCostUsd) {
      throw tooDear({ maxCostUsd, what: `${done} of ${total} requests cost $${costUsd.toFixed(2)}.` });
    }
    const answer = await request();
    done += 1;
    onProgress?.({ done, total, costUsd: client.spent().costUsd });
    return answer;
  };
  const tallies = { corrections: emptyTally(), normal: emptyTally() };
  const starts: Start[] = [];
  const answers = new Map<string, string[]>();
  const addAnswer = (prompt: string, answer: string) =>
    answers.set(prompt, [...(answers.get(prompt) ?? []), answer]);
  const [corrections, normals] = await Promise.all([
    inTurn(plan.corrections, ({ prompt, subject, repeat }) =>
      ask(() => writeCorrection({ client, prompt, subject, repeat, signal })),
    ),
    inTurn(plan.normals, ({ prompt, repeat }) => ask(() => writeNormal({ client, prompt, repeat, signal }))),
  ]);
  plan.corrections.forEach(({ prompt, subject }, i) => {
    const written = accept({ answer: corrections[i], tally: tallies.corrections });
    if (written === null) return;
    starts.push({ prompt, text: written.offTopic.trim(), subject });
    addAnswer(prompt, written.answer.trim());
  });
  plan.normals.forEach(({ prompt }, i) => {
    const written = accept({ answer: normals[i], tally: tallies.normal });
    if (written !== null) addAnswer(prompt, written.answer.trim());
  });
  const assembled = assemble({ starts, answers, splits, selfCorrections, normal, seed });
  return { ...assembled, tallies: { ...tallies, examples: assembled.tally } };
}

interface Plan {
  corrections: { prompt: string; subject: string; repeat: number }[];
  normals: { prompt: string; repeat: number }[];
}

/** Prompts in turn; within a prompt no subject comes twice before all have come. */
function planRequests({ splits, subjects, selfCorrections, normal, seed }: LlmSourceOptions): Plan {
  const prompts = [...splits.keys()];
  const orders = prompts.map((_, i) => shuffle(subjects, createRng({ seed, stream: 10 + i })));
  const at = (i: number) => ({
    prompt: prompts[i % prompts.length] ?? "",
    round: Math.floor(i / prompts.length),
  });
  return {
    corrections: Array.from({ length: selfCorrections }, (_, i) => {
      const { prompt, round } = at(i);
      const order = orders[i % prompts.length] ?? [];
      const subject = order[round % order.length] ?? "";
      return { prompt, subject, repeat: Math.floor(round / Math.max(1, order.length)) };
    }),
    normals: Array.from({ length: normal }, (_, i) => {
      const { prompt, round } = at(i);
      return { prompt, repeat: round };
    }),
  };
}

/** How many requests wait in the client at once; its own queue keeps the pace. */
const WINDOW = 64;

async function inTurn<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (let from = 0; from < items.length; from += WINDOW) {
    results.push(...(await Promise.all(items.slice(from, from + WINDOW).map(work))));
  }
  return results;
}

function accept<T extends { answer: string; offTopic?: string }>({
  answer,
  tally,
}: {
  answer: LlmAnswer<T> | undefined;
  tally: Tally;
}): T | null {
  tally.made += 1;
  if (answer === undefined || answer.status !== "ok") {
    drop(tally, answer?.status ?? "failed");
    return null;
  }
  if (isDegraded(answer.value.answer) || isDegraded(answer.value.offTopic ?? "")) {
    drop(tally, "degraded");
    return null;
  }
  tally.kept += 1;
  return answer.value;
}

function tooDear({ maxCostUsd, what }: { maxCostUsd: number; what: string }): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what,
    why: `The bound is $${maxCostUsd.toFixed(2)}.`,
    todo: "Raise --max-cost, or ask for fewer examples. Answers that are there are kept and not asked for again.",
    facts: { maxCostUsd },
  });
}
