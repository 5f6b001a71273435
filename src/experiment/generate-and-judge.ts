/** One response and its judgement: what calibration samples and trials have in common. */
import type { Generation, GenerationRequest, Intervention } from "../engine/engine.ts";
import type { Judgement } from "../judge/judge.ts";
import { verifyJudgement } from "../judge/verify-judgement.ts";
import { oneOf } from "./one-of.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";

export interface GenerateOptions {
  runtime: Runtime;
  id: string;
  /** What the response continues. */
  tokens: Int32Array;
  intervention: Intervention | null;
  seed: number;
  maxTokens: number;
  /** What else the request has. */
  parts?: Pick<GenerationRequest, "record" | "adapter">;
}

export async function generate(options: GenerateOptions): Promise<Generation> {
  const { runtime, id, tokens, intervention, seed, maxTokens, parts = {} } = options;
  const { engine, sampling } = runtime.session;
  const request = {
    id,
    tokens,
    sampling: { ...sampling, seed, maxTokens },
    ...(intervention ? { intervention } : {}),
    ...parts,
  };
  return await oneOf(engine.generate([request], runtime.call));
}

export interface JudgeResponseOptions {
  runtime: Pick<Runtime, "judge" | "call"> & { session: Pick<Session, "tokensOf" | "labels"> };
  id: string;
  /** The question as the judge reads it. */
  prompt: string;
  /** The unit's latent, whose label some judges are told; null for none. */
  latent: number | null;
  generation: Pick<Generation, "text" | "tokens" | "offsets">;
}

export async function judgeResponse({
  runtime,
  id,
  prompt,
  latent,
  generation,
}: JudgeResponseOptions): Promise<Judgement> {
  const { tokensOf, labels } = runtime.session;
  const promptTokens = await tokensOf(prompt);
  const latentLabel = labels.find(({ index }) => index === latent)?.label;
  const item = {
    id,
    prompt,
    promptTokens,
    response: generation.text,
    responseTokens: generation.tokens,
    offsets: generation.offsets,
    ...(latentLabel === undefined ? {} : { latentLabel }),
  };
  const { judgement } = await oneOf(runtime.judge.judge([item], runtime.call));
  return verifyJudgement({ response: generation.text, judgement });
}
