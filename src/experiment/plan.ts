/** The plan of a run before it is done: counts, and time from a short measured probe on this machine. */

import { type CallPlan, planCalls } from "../judge/llm/plan-calls.ts";
import type { Session } from "./session.ts";
import { keyedSeed } from "./units.ts";

export interface Plan {
  arms: string[];
  latents: number;
  trials: number;
  /** Most calibration samples; searches that stop early need fewer. */
  calibrationSamples: number;
  /** Most tokens that are sampled. */
  tokens: number;
  /** Tokens a second that the probe sampled, and scored for the judge. */
  probe: { sampled: number; scored: number };
  seconds: number;
  /** What a provider's judge takes at most; null for a judge that runs here. */
  judge: CallPlan | null;
}

export interface PlanOptions {
  session: Session;
  signal?: AbortSignal | undefined;
}

const PROBE_TOKENS = 24;

export async function planOf({ session, signal }: PlanOptions): Promise<Plan> {
  const { config, arms, prompts, sampling } = session;
  const { threshold, judge, trialsPerLatent } = config;
  const latents = config.latents.indices?.length ?? config.latents.count;
  const trials = latents * trialsPerLatent * arms.length;
  const calibrationSamples = latents * (threshold.maxQueries * threshold.samples + threshold.verifySamples);
  const likelihood = judge.kind === "likelihood";
  const answers = likelihood ? judge.calibrationAnswers : 0;
  const tokens =
    (trials + answers) * sampling.maxTokens +
    calibrationSamples * Math.min(threshold.maxTokens, sampling.maxTokens);
  const probe = await measure({ session, signal });
  const promptTokens = (await session.tokensOf(prompts.evaluation[0] ?? "")).length;
  const scored = likelihood
    ? (tokens + (trials + calibrationSamples) * promptTokens) * (1 + judge.contrastSize)
    : 0;
  const responses = [
    { count: trials, tokens: sampling.maxTokens },
    { count: calibrationSamples, tokens: threshold.maxTokens },
  ];
  return {
    arms: arms.map(({ name }) => name),
    latents,
    trials,
    calibrationSamples,
    tokens,
    probe,
    seconds: tokens / probe.sampled + scored / probe.scored,
    judge: judge.kind === "llm" ? planCalls({ settings: judge, responses }) : null,
  };
}

/** Samples with every slot full for some steps, then scores as much text as one judgement has. */
async function measure({ session, signal }: PlanOptions): Promise<Plan["probe"]> {
  const { engine, sampling, prompts, tokensOf } = session;
  const options = signal ? { signal } : {};
  const rows = Number(engine.build.slots ?? 1) * Number(engine.build.workers ?? 1);
  const tokens = await tokensOf(prompts.evaluation[0] ?? "");
  const started = performance.now();
  let sampled = 0;
  const requests = Array.from({ length: rows }, (_, i) => ({
    id: String(i),
    tokens,
    sampling: { ...sampling, seed: keyedSeed("probe", i), maxTokens: PROBE_TOKENS },
  }));
  const texts: Int32Array[] = [];
  for await (const each of engine.generate(requests, options)) {
    sampled += each.tokens.length;
    texts.push(each.tokens);
  }
  const generated = performance.now();
  const response = texts.flatMap((each) => [...each]).slice(0, 160);
  const whole = Int32Array.from([...tokens, ...response]);
  const scoreRequests = Array.from({ length: 8 }, (_, i) => ({
    id: String(i),
    tokens: whole,
    from: tokens.length,
  }));
  for await (const _ of engine.score(scoreRequests, options)) {
    // only the time is wanted
  }
  const ended = performance.now();
  return {
    sampled: (1000 * sampled) / (generated - started),
    scored: (1000 * scoreRequests.length * whole.length) / (ended - generated),
  };
}

export function planText({
  arms,
  latents,
  trials,
  calibrationSamples,
  tokens,
  probe,
  seconds,
  judge,
}: Plan): string {
  return [
    `arms                 ${arms.join(", ")}`,
    `latents              ${latents}`,
    `trials               ${trials}`,
    `calibration samples  ${calibrationSamples} at most`,
    `tokens               ${tokens} at most`,
    `probe                ${probe.sampled.toFixed(0)} tokens/s sampled, ${probe.scored.toFixed(0)} tokens/s scored`,
    `time                 ${Math.ceil(seconds / 60)} minutes at most`,
    ...(judge === null ? [] : judgeLines(judge)),
  ].join("\n");
}

function judgeLines({ model, calls, inputTokens, outputTokens, costUsd, priceOf }: CallPlan): string[] {
  const cost = costUsd === null ? "unknown: give judge.price" : `$${costUsd.toFixed(2)} at most`;
  return [
    `judge                ${model}`,
    `judge calls          ${calls} at most; ${inputTokens} tokens in, ${outputTokens} out`,
    `judge cost           ${cost}${priceOf === null ? "" : ` (prices of ${priceOf})`}`,
  ];
}
