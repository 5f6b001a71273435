/** One trial of one arm: generate unless stored, judge unless judged. */
import { isJudgeFailure, isOutage, type Judgement } from "../judge/judge.ts";
import { isDegraded } from "../stats/degraded.ts";
import { canonicalHash } from "../store/canonical-json.ts";
import type { JudgementRecord, TrialRecord } from "../store/records.ts";
import { trialKey } from "../store/trial-key.ts";
import type { Arm, Unit } from "./arms.ts";
import { generate, judgeResponse } from "./generate-and-judge.ts";
import { judgeId } from "./manifest-of.ts";
import { type Runtime, recordOf } from "./runtime.ts";

export function keyOf({ arm, unit, runtime }: TrialOptions): string {
  const { dictionary, engine, layer, sampling } = runtime.session;
  const { info } = engine;
  return trialKey({
    arm: arm.content,
    latent: unit.latent,
    strength: unit.strength,
    prompt: unit.prompt,
    seed: unit.seed,
    sampling: { ...sampling },
    modelHash: info.fileHash,
    weightType: info.weightType,
    weightMode: info.weightMode,
    saeHash: dictionary.hash(),
    layer,
    templateHash: canonicalHash(info.chatTemplate),
  });
}

export interface TrialOptions {
  arm: Arm;
  unit: Unit;
  runtime: Runtime;
}

export async function runTrial({ arm, unit, runtime }: TrialOptions): Promise<void> {
  const { store, meter } = runtime;
  const key = keyOf({ arm, unit, runtime });
  const trial = store.trial(key) ?? (await newTrial({ arm, unit, runtime, key }));
  let judgement: Pick<Judgement, "status" | "attempts"> | null = storedJudgement({ runtime, key });
  if (trial.error === null && judgement === null) {
    const fresh = await judgeResponse({
      runtime,
      id: key,
      prompt: unit.prompt,
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

async function newTrial({ arm, unit, runtime, key }: TrialOptions & { key: string }): Promise<TrialRecord> {
  const { store, session } = runtime;
  const common = {
    key,
    arm: arm.name,
    unit: unit.key,
    latent: unit.latent,
    strength: unit.strength,
    promptIndex: unit.promptIndex,
    prompt: unit.prompt,
    seed: unit.seed,
    createdAt: new Date().toISOString(),
  };
  const { maxTokens } = session.sampling;
  let trial: TrialRecord;
  try {
    const intervention = arm.intervention(unit);
    const made = await generate({
      runtime,
      id: key,
      prompt: unit.prompt,
      intervention,
      seed: unit.seed,
      maxTokens,
    });
    const { tokens, text, offsets, finish, promptTokens, receipt } = made;
    const degraded = isDegraded(text);
    trial = { ...common, text, tokens, offsets, finish, promptTokens, receipt, degraded, error: null };
  } catch (error) {
    trial = { ...common, ...NOTHING, error: recordOf(error) };
  }
  store.putTrial(trial);
  return trial;
}

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
