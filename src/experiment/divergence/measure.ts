/** How far a strength of a latent moves the next-token distributions of unsteered answers to held-out prompts. */
import {
  DIVERGENCE_ANSWERS_EVENT,
  type DivergenceAnswers,
  type DivergencePoint,
  divergenceAnswers,
} from "../../store/divergence.ts";
import { unsteeredAnswers } from "../calibrate-judge.ts";
import type { Runtime } from "../runtime.ts";

/** Tokens in a chat: the answer begins at `from`. */
export interface MeasuredText {
  tokens: Int32Array;
  from: number;
}

const ANSWERS = 4;
/** A longer answer would weigh more than the others, and costs more. */
const ANSWER_TOKENS = 96;

/** The run's fixed answers, sampled once and stored: what the model says by itself, so that the measure is free of the steered text. */
export async function measuredTexts({ session, store, meter, call }: Runtime): Promise<MeasuredText[]> {
  const answers = divergenceAnswers({ store }) ?? (await newAnswers({ session, store, meter, call }));
  return await Promise.all(
    answers.map(async ({ prompt, tokens }) => {
      const before = await session.tokensOf(prompt);
      return { tokens: Int32Array.from([...before, ...tokens]), from: before.length };
    }),
  );
}

async function newAnswers({
  session,
  store,
  meter,
  call,
}: Pick<Runtime, "session" | "store" | "meter" | "call">): Promise<DivergenceAnswers> {
  const sampling = { ...session.sampling, maxTokens: Math.min(ANSWER_TOKENS, session.sampling.maxTokens) };
  const found = await unsteeredAnswers({
    session: { ...session, sampling },
    count: ANSWERS,
    signal: call.signal,
    onAnswer: (tokens) => meter.step({ tokens, steps: 0 }),
  });
  const answers = found.map(({ prompt, tokens }) => ({ prompt, tokens: [...tokens] }));
  store.putEvent({ kind: DIVERGENCE_ANSWERS_EVENT, detail: answers });
  return answers;
}

export interface MeasureDivergenceOptions {
  runtime: Pick<Runtime, "session" | "call">;
  texts: readonly MeasuredText[];
  latent: number;
  strength: number;
}

/** The latent's direction is added at every position, as in a steered trial. Throws what `divergence` throws. */
export async function measureDivergence({
  runtime: { session, call },
  texts,
  latent,
  strength,
}: MeasureDivergenceOptions): Promise<DivergencePoint> {
  const { engine, dictionary, layer } = session;
  const requests = texts.map((text, i) => ({
    id: String(i),
    ...text,
    intervention: {
      layer,
      positions: { kind: "all" as const },
      edits: [{ kind: "add" as const, direction: { sae: dictionary.path, latent }, strength }],
    },
  }));
  const sums = texts.map(() => ({ kl: 0, reverse: 0, dose: 0, rows: 0, tokens: 0 }));
  for await (const { id, kl, reverse, receipt } of engine.divergence(requests, call)) {
    const { meanDose = 0, rowsEdited = 0 } = receipt ?? {};
    sums[Number(id)] = {
      kl: kl.reduce((sum, value) => sum + value, 0),
      reverse: reverse.reduce((sum, value) => sum + value, 0),
      dose: meanDose * rowsEdited,
      rows: rowsEdited,
      tokens: kl.length,
    };
  }
  // in the order of the texts: the order in which the engine finishes must not change the last digits
  const all = (of: (each: (typeof sums)[number]) => number) => sums.reduce((sum, each) => sum + of(each), 0);
  const tokens = all((each) => each.tokens);
  return {
    strength,
    kl: all((each) => each.kl) / tokens,
    reverse: all((each) => each.reverse) / tokens,
    dose: all((each) => each.dose) / all((each) => each.rows),
  };
}
