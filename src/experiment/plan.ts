/** The plan of a run before it is done: counts, what a judge will cost, the files it needs, and time from a short measured probe on this machine. */

import { type CallPlan, planCalls } from "../judge/llm/plan-calls.ts";
import type { RunConfig } from "./config.ts";
import { type DesignChoice, declareDesigns, designFiles, namesOf } from "./design-list.ts";
import { type NeededFile, neededFiles } from "./needed-files.ts";
import type { Session } from "./session.ts";
import { keyedSeed } from "./units.ts";

export interface Plan {
  arms: string[];
  /** Designs whose arms are not known, because a file of theirs is missing; they are in no number. */
  unknownDesigns: string[];
  latents: number;
  trials: number;
  /** Most calibration samples; searches that stop early need fewer. */
  calibrationSamples: number;
  /** Most tokens that are sampled. */
  tokens: number;
  /** Tokens a second that the probe sampled, and scored for the judge; null where no model was opened. */
  probe: { sampled: number; scored: number } | null;
  seconds: number | null;
  /** What a provider's judge takes at most; null for a judge that runs here. */
  judge: CallPlan | null;
  files: NeededFile[];
}

export interface PlanOptions {
  session: Session;
  signal?: AbortSignal | undefined;
}

const PROBE_TOKENS = 24;

/** With a probe: the model is open. */
export async function planOf({
  session,
  files,
  signal,
}: PlanOptions & { files: NeededFile[] }): Promise<Plan> {
  const { config, arms, prompts } = session;
  const counts = countsOf({ config, arms: arms.map(({ name }) => name) });
  const probe = await measure({ session, signal });
  const { judge } = config;
  const promptTokens = (await session.tokensOf(prompts.evaluation[0] ?? "")).length;
  const judged = counts.trials + counts.calibrationSamples;
  const scored =
    judge.kind === "likelihood" ? (counts.tokens + judged * promptTokens) * (1 + judge.contrastSize) : 0;
  const seconds = counts.tokens / probe.sampled + scored / probe.scored;
  return { ...counts, unknownDesigns: [], probe, seconds, files };
}

/** Without a model: no probe, so no time. Throws what reading the designs' files throws. */
export async function planUnopened({
  config,
  cacheDir,
}: {
  config: RunConfig;
  cacheDir: string;
}): Promise<Plan> {
  const files = await neededFiles({ config, cacheDir });
  const missing = new Set(files.filter(({ present }) => !present).map(({ name }) => name));
  const isUnknown = (choice: DesignChoice) =>
    designFiles({ choices: [choice] }).some(({ path }) => missing.has(path));
  const known = config.designs.filter((choice) => !isUnknown(choice));
  const context = { saeHash: "not opened", layer: config.layer ?? 0 };
  const { arms } = known.length === 0 ? { arms: [] } : await declareDesigns({ choices: known, context });
  return {
    ...countsOf({ config, arms: arms.map(({ name }) => name) }),
    unknownDesigns: config.designs.filter(isUnknown).map((choice) => namesOf({ choices: [choice] })),
    probe: null,
    seconds: null,
    files,
  };
}

type Counts = Omit<Plan, "unknownDesigns" | "probe" | "seconds" | "files">;

/** Needs nothing but the settings. */
export function countsOf({ config, arms }: { config: RunConfig; arms: string[] }): Counts {
  const { threshold, judge, trialsPerLatent, sampling } = config;
  const latents = config.latents.indices?.length ?? config.latents.count;
  // which units are in a shard is known once the latents are; each has about as many
  const trials = Math.ceil((latents * trialsPerLatent) / (config.shard?.count ?? 1)) * arms.length;
  const calibrationSamples = latents * (threshold.maxQueries * threshold.samples + threshold.verifySamples);
  const answers = judge.kind === "likelihood" ? judge.calibrationAnswers : 0;
  const responses = [
    { count: trials, tokens: sampling.maxTokens },
    { count: calibrationSamples, tokens: threshold.maxTokens },
  ];
  return {
    arms,
    latents,
    trials,
    calibrationSamples,
    tokens:
      (trials + answers) * sampling.maxTokens +
      calibrationSamples * Math.min(threshold.maxTokens, sampling.maxTokens),
    judge: judge.kind === "llm" ? planCalls({ settings: judge, responses }) : null,
  };
}

/** Samples with every slot full for some steps, then scores as much text as one judgement has. */
async function measure({ session, signal }: PlanOptions): Promise<NonNullable<Plan["probe"]>> {
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

/** A round speed, in tokens a second, to scale by. */
const EXAMPLE_SPEED = 1000;

export function planText(plan: Plan): string {
  const { arms, unknownDesigns, latents, trials, calibrationSamples, tokens, judge, files } = plan;
  const missing = files.filter(({ present }) => !present);
  return [
    `arms                 ${arms.join(", ") || "-"}`,
    ...(unknownDesigns.length === 0
      ? []
      : [`                     without those of ${unknownDesigns.join(", ")}, whose files are missing`]),
    `latents              ${latents}`,
    `trials               ${trials}`,
    `calibration samples  ${calibrationSamples} at most`,
    `tokens               ${tokens} at most`,
    ...timeLines(plan),
    ...(judge === null ? [] : judgeLines(judge)),
    `files                ${files.length - missing.length} of ${files.length} are here`,
    ...missing.map(
      ({ what, name, get }) =>
        `  missing            ${what}: ${name}${get === null ? "" : `\n                     get it: ${get}`}`,
    ),
  ].join("\n");
}

function timeLines({ probe, seconds, tokens }: Plan): string[] {
  if (probe === null || seconds === null) {
    const hours = tokens / EXAMPLE_SPEED / 3600;
    return [
      "probe                none: the model was not opened",
      `time                 unknown; ${hours.toFixed(1)} hours at ${EXAMPLE_SPEED} tokens/s, without judging`,
    ];
  }
  return [
    `probe                ${probe.sampled.toFixed(0)} tokens/s sampled, ${probe.scored.toFixed(0)} tokens/s scored`,
    `time                 ${Math.ceil(seconds / 60)} minutes at most`,
  ];
}

function judgeLines({ model, calls, inputTokens, outputTokens, costUsd, priceOf }: CallPlan): string[] {
  const cost = costUsd === null ? "unknown: give judge.price" : `$${costUsd.toFixed(2)} at most`;
  return [
    `judge                ${model}`,
    `judge calls          ${calls} at most; ${inputTokens} tokens in, ${outputTokens} out`,
    `judge cost           ${cost}${priceOf === null ? "" : ` (prices of ${priceOf})`}`,
  ];
}
