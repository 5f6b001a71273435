/** Gives stored responses to a judge, a part at a time. */
import type { Judge, JudgeItem, Judgement } from "../judge/judge.ts";
import { verifyJudgement } from "../judge/verify-judgement.ts";
import type { RunStore } from "../store/run-store.ts";
import type { Session } from "./session.ts";

/** Responses given to the judge in one call: enough for it to be busy, few enough to be held in memory. */
const AT_ONCE = 1024;

export interface JudgeTrialsOptions {
  store: RunStore;
  /** Gives judges the tokens that a response continued; null for those that need none. */
  session: Pick<Session, "tokensOf"> | null;
  judge: Judge;
  /** Number of the judgement of the same response. */
  repeat: number;
  keys: readonly string[];
  signal: AbortSignal | undefined;
}

/** A judgement for each trial, in the order in which they finish; attempts that are not in the response are taken out. */
export async function* judgeTrials({
  store,
  session,
  judge,
  repeat,
  keys,
  signal,
}: JudgeTrialsOptions): AsyncGenerator<{ key: string; judgement: Judgement }> {
  const labels = new Map(store.latents({ role: "steered" }).map(({ latent, label }) => [latent, label]));
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const items = new Map<string, JudgeItem>();
    for (const key of keys.slice(from, from + AT_ONCE)) {
      const trial = store.trial(key);
      if (trial === null) continue;
      const { latent, prompt, text, tokens, offsets } = trial;
      const label = latent === null ? null : (labels.get(latent) ?? null);
      items.set(key, {
        id: key,
        prompt,
        ...(session === null ? {} : { promptTokens: await session.tokensOf(prompt) }),
        response: text,
        responseTokens: tokens,
        offsets,
        ...(label === null ? {} : { latentLabel: label }),
      });
    }
    for await (const { id, judgement } of judge.judge([...items.values()], { signal, repeat })) {
      yield { key: id, judgement: verifyJudgement({ response: items.get(id)?.response ?? "", judgement }) };
    }
  }
}
