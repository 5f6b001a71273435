/** One trial of one arm: generate unless stored, judge unless judged. */
import { isJudgeFailure, isOutage, type Judgement } from "../judge/judge.ts";
import { isDegraded } from "../stats/degraded.ts";
import type { JudgementRecord, TrialRecord } from "../store/records.ts";
import { type TrialIdentity, trialKey } from "../store/trial-key.ts";
import { joined, type Span, spanOf, startOf } from "./answer-start.ts";
import { type DeclaredArm, recordedLatents, type Unit } from "./arms.ts";
import { generate, judgeResponse } from "./generate-and-judge.ts";
import { judgeId } from "./manifest-of.ts";
import { type Runtime, recordOf } from "./runtime.ts";
import type { Session } from "./session.ts";
import { type Prepared, type TrialSetup, trialSetup } from "./trial-setup.ts";

export interface TrialOptions {
  arm: DeclaredArm;
  unit: Unit;
  runtime: Runtime;
  prepared: Prepared;
}

function keyOf({ runtime, ...options }: TrialOptions): string {
  return keyIn({ ...options, session: runtime.session });
}

/** The key that a trial has in any run of the session's model, dictionary and settings. */
export function keyIn({
  session,
  ...options
}: Omit<TrialOptions, "runtime"> & {
  session: Pick<Session, "dictionary" | "engine" | "layer" | "labels" | "sampling" | "templateHash">;
}): string {
  return keyOfSetup({ session, setup: trialSetup({ ...options, session }), unit: options.unit });
}

/** The key of a trial that is set up already; its latent is null where it has none. */
export function keyOfSetup({
  session,
  setup: { identity, strength },
  unit: { latent, prompt, seed },
}: {
  session: Pick<Session, "dictionary" | "engine" | "layer" | "sampling" | "templateHash">;
  setup: Pick<TrialSetup, "identity" | "strength">;
  unit: Pick<TrialIdentity, "latent" | "prompt" | "seed">;
}): string {
  const { dictionary, engine, layer, sampling, templateHash } = session;
  const { info } = engine;
  return trialKey({
    arm: identity,
    latent,
    strength,
    prompt,
    seed,
    sampling: { ...sampling },
    modelHash: info.fileHash,
    weightType: info.weightType,
    weightMode: info.weightMode,
    saeHash: dictionary.hash(),
    layer,
    templateHash,
  });
}

function setupOf({ arm, unit, runtime, prepared }: TrialOptions): TrialSetup {
  return trialSetup({ arm, unit, session: runtime.session, prepared });
}

export async function runTrial(options: TrialOptions): Promise<void> {
  const { unit, runtime } = options;
  const { store, meter } = runtime;
  const key = keyOf(options);
  if (store.trial(key) === null) {
    runtime.earlier?.trial({ ...options, key });
  }
  const trial = store.trial(key) ?? (await newTrial({ ...options, key }));
  let judgement: Pick<Judgement, "status" | "attempts"> | null = storedJudgement({ runtime, key });
  if (trial.error === null && judgement === null) {
    const fresh = await judgeResponse({
      runtime,
      id: key,
      prompt: trial.prompt,
      latent: unit.latent,
      generation: trial,
    });
    store.retryJudgement({ ...fresh, trialKey: key, repeat: 0, createdAt: new Date().toISOString() });
    judgement = fresh;
  }
  if (judgement !== null && trial.receipt !== null && !isJudgeFailure(judgement)) {
    const scored = judgement.attempts.filter(({ score }) => score !== null);
    meter.judged({ multiAttempt: scored.length >= 2 });
  }
  meter.step({ tokens: trial.tokens.length });
}

async function newTrial(options: TrialOptions & { key: string }): Promise<TrialRecord> {
  const { arm, unit, runtime, key } = options;
  const { store } = runtime;
  const setup = setupOf(options);
  const common = {
    key,
    arm: arm.name,
    unit: unit.key,
    latent: unit.latent,
    strength: setup.strength,
    promptIndex: unit.promptIndex,
    prompt: setup.judgedPrompt,
    seed: unit.seed,
    createdAt: new Date().toISOString(),
  };
  const start = arm.prefill === null ? EMPTY : await startFor(options, arm.prefill);
  if (start === null) {
    const failed = { ...common, ...NOTHING, error: NO_START };
    store.putTrial(failed);
    return failed;
  }
  let made: Awaited<ReturnType<typeof generateFrom>>;
  try {
    made = await generateFrom({ ...options, setup, start });
  } catch (error) {
    const failed = { ...common, ...NOTHING, error: recordOf(error) };
    store.putTrial(failed);
    return failed;
  }
  const { generation, promptTokens } = made;
  const { finish, receipt, recorded } = generation;
  const answer = arm.prefill === null ? generation : joined({ start, rest: generation });
  const { text, tokens, offsets } = answer;
  const degraded = isDegraded(text);
  const trial = { ...common, text, tokens, offsets, finish, promptTokens, receipt, degraded, error: null };
  store.transaction(() => {
    store.putTrial(trial);
    if (recorded !== null && arm.recording !== null) {
      const { name } = arm.recording;
      const columns = recordedLatents({ recording: arm.recording, unit });
      store.putActivations({
        trialKey: key,
        name,
        rows: recorded.length / columns.length,
        columns,
        values: recorded,
      });
    }
  });
  return trial;
}

/** The start counts towards the longest response, so that no arm has more room to restart than another. */
async function generateFrom({
  arm,
  unit,
  runtime,
  key,
  setup,
  start,
}: TrialOptions & { key: string; setup: TrialSetup; start: Span }) {
  const { session } = runtime;
  const { dictionary, layer, sampling } = session;
  const prompt = await session.chatOf(setup.messages);
  const { adapter, recording } = arm;
  const generation = await generate({
    runtime,
    id: key,
    tokens: start.tokens.length === 0 ? prompt : Int32Array.from([...prompt, ...start.tokens]),
    intervention: setup.intervention,
    seed: unit.seed,
    maxTokens: Math.max(1, sampling.maxTokens - start.tokens.length),
    parts: {
      ...(recording === null
        ? {}
        : { record: { layer, sae: dictionary.path, latents: recordedLatents({ recording, unit }) } }),
      ...(adapter === null ? {} : { adapter: adapter.path }),
    },
  });
  return { generation, promptTokens: prompt.length };
}

/** The arms that answers begin with ran before. */
async function startFor(
  { unit, runtime, prepared }: TrialOptions,
  prefill: NonNullable<DeclaredArm["prefill"]>,
): Promise<Span | null> {
  const { session, store } = runtime;
  return await startOf({
    engine: session.engine,
    prefill,
    answerOf: (name) => {
      const source = session.arms.find((each) => each.name === name);
      return source === undefined
        ? null
        : spanOf(store.trial(keyOf({ arm: source, unit, runtime, prepared })));
    },
  });
}

const EMPTY: Span = { tokens: new Int32Array(0), text: "", offsets: new Int32Array(0) };

const NO_START = {
  code: "PROMPT_EMPTY",
  what: "The answer has no start.",
  why: "A trial whose first tokens it should begin with failed or said nothing.",
  todo: "Count it as missing.",
};

const NOTHING = {
  text: "",
  tokens: new Int32Array(0),
  offsets: new Int32Array(0),
  finish: null,
  promptTokens: 0,
  receipt: null,
  degraded: false,
};

/** null as well where the judge could not be reached: it is asked again. */
function storedJudgement({ runtime, key }: { runtime: Runtime; key: string }): JudgementRecord | null {
  const { store, judge } = runtime;
  for (const record of store.judgements({ trialKey: key, judge: judgeId(judge) })) {
    return isOutage(record) ? null : record;
  }
  return null;
}
