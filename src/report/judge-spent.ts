/** What a judge that is a language model has taken, over all sessions of a run. */
import { z } from "zod";
import type { RunStore } from "../store/run-store.ts";

const count = z.number().min(0).default(0);

/** An event of the kind `judge-spent`; `judge` is missing where it was the run's own. */
const detailSchema = z.object({
  judge: z.string().optional(),
  calls: count,
  cachedCalls: count,
  inputTokens: count,
  outputTokens: count,
  costUsd: count,
  unpricedCalls: count,
});

export type JudgeSpent = Omit<z.infer<typeof detailSchema>, "judge">;

/** null for a judge that costs nothing. */
export function judgeSpent({ store, judge }: { store: RunStore; judge: string }): JudgeSpent | null {
  const own = store.manifest().judge.id;
  const spent = store.events({ kind: "judge-spent" }).flatMap(({ detail }) => {
    const { judge: by = own, ...rest } = detailSchema.parse(detail);
    return by === judge ? [rest] : [];
  });
  if (spent.length === 0) return null;
  const sum = (of: (each: JudgeSpent) => number) => spent.reduce((total, each) => total + of(each), 0);
  return {
    calls: sum(({ calls }) => calls),
    cachedCalls: sum(({ cachedCalls }) => cachedCalls),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costUsd: sum(({ costUsd }) => costUsd),
    unpricedCalls: sum(({ unpricedCalls }) => unpricedCalls),
  };
}

export function judgeSpentText(spent: JudgeSpent): string {
  const { calls, cachedCalls, inputTokens, outputTokens, costUsd, unpricedCalls } = spent;
  const unpriced = unpricedCalls === 0 ? "" : `, and ${unpricedCalls} calls without a known price`;
  return (
    `The judge took ${calls} calls and ${cachedCalls} answers from its cache, ` +
    `${inputTokens} tokens in and ${outputTokens} out: $${costUsd.toFixed(2)}${unpriced}.`
  );
}
